import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'

/**
 * The one SQLite file in which every local service keeps its state, so that a change which crosses services
 * (an object is stored, a rule matches, a message lies in a queue) is one transaction: all of it survives a
 * kill -9, or none of it.
 */
export interface Database {
  /** A prepared statement, made once per SQL text. */
  prepare(sql: string): StatementSync
  /** Runs statements that return nothing, as `create table if not exists …`. */
  exec(sql: string): void
  /** Runs `work` in a transaction and returns its result; joins the one that is already open. `work` is synchronous. */
  transaction<T>(work: () => T): T
  /** Runs `callback` once the open transaction has committed, or at once where none is open. */
  afterCommit(callback: () => void): void
  close(): void
}

/** Another process has the same data folder open. */
export class DataFolderInUse extends Error {
  override readonly name = 'DataFolderInUse'
}

const SQLITE_BUSY = 5

/**
 * Opens (or makes) `local.db` below `dataDir`.
 * @throws DataFolderInUse, or Error where the file can't be read.
 */
export function openDatabase(dataDir: string): Database {
  mkdirSync(dataDir, { recursive: true })
  const sqlite = new DatabaseSync(join(dataDir, 'local.db'))
  // Exclusive: a second runtime on the same folder is refused by SQLite itself, and the lock dies with its process.
  // synchronous=OFF still survives the death of the process; only a power cut could lose the last commits.
  try {
    sqlite.exec('pragma locking_mode=exclusive; pragma journal_mode=wal; pragma synchronous=off;')
    sqlite.exec('begin immediate; commit;')
  } catch (error) {
    sqlite.close()
    // By its shape: under jest the error's class is that of another realm.
    if (typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === SQLITE_BUSY) {
      throw new DataFolderInUse(
        `${dataDir} is in use by another local runtime: stop that one, or choose another folder with --data DIR`,
        { cause: error },
      )
    }
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(
      `${join(dataDir, 'local.db')} can't be read (${reason}): start anew with --fresh, or choose another folder with --data DIR`,
      { cause: error },
    )
  }

  const statements = new Map<string, StatementSync>()
  let open = false
  let callbacks: (() => void)[] = []

  return {
    prepare(sql) {
      let statement = statements.get(sql)
      if (!statement) {
        statement = sqlite.prepare(sql)
        statements.set(sql, statement)
      }
      return statement
    },
    exec(sql) {
      sqlite.exec(sql)
    },
    transaction(work) {
      if (open) return work()
      sqlite.exec('begin immediate')
      open = true
      let result: ReturnType<typeof work>
      try {
        result = work()
        sqlite.exec('commit')
      } catch (error) {
        sqlite.exec('rollback')
        callbacks = []
        throw error
      } finally {
        open = false
      }
      const committed = callbacks
      callbacks = []
      for (const callback of committed) callback()
      return result
    },
    afterCommit(callback) {
      if (open) callbacks.push(callback)
      else callback()
    },
    close() {
      statements.clear()
      sqlite.close()
    },
  }
}
