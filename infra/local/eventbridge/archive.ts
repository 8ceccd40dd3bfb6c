import type { Cloud } from '../cloud.ts'
import type { Archive } from './buses.ts'
import type { RoutedEvent } from './event.ts'

export interface ArchivedEvent {
  /** The event's own time, in milliseconds since 1970. */
  readonly time: number
  /** The envelope, byte for byte as its targets got it. */
  readonly json: string
}

export interface ArchiveFacts {
  readonly createdAt: number
  readonly eventCount: number
  readonly sizeBytes: number
}

/** The events that archives keep: rows that are only added, until their retention is over. */
export interface Archives {
  /** Makes room for an archive; what it holds already stays. */
  open(archive: Archive): void
  /** Adds to the archive, in the open transaction. */
  append(archive: Archive, event: RoutedEvent): void
  /** The events of `from` (included) to `to` (left out), in the order of their times. */
  read(archive: Archive, from: number, to: number): Iterable<ArchivedEvent>
  facts(archive: Archive): ArchiveFacts
  /** The next events of a reading that goes on later, from where the last page ended. */
  page(archive: Archive, reading: Reading, limit: number): readonly Archived[]
  /** The position of the event that came last, in whichever archive. */
  newest(): number
  /** Forgets the archive and all that it holds. */
  drop(archive: Archive): void
}

export interface Archived extends ArchivedEvent {
  /** Its position: the order in which events came. */
  readonly id: number
}

/** Part of an archive, and how far it has been read. */
export interface Reading {
  /** The last event of the page before; of the first page, the time to begin with, and -1. */
  readonly after: Pick<Archived, 'time' | 'id'>
  /** Milliseconds since 1970; left out itself. */
  readonly to: number
  /** What came after this position is left out. */
  readonly newest: number
}

const DAY_MS = 86_400_000
const EXPIRE_EVERY_MS = 3_600_000
const PAGE = 200

export function openArchives(cloud: Cloud): Archives {
  const { db } = cloud
  db.exec(`create table if not exists events_archive (
    id integer primary key,
    name text not null unique,
    created_at integer not null,
    event_count integer not null default 0,
    size_bytes integer not null default 0
  ) strict;
  create table if not exists events_archived (
    id integer primary key,
    archive integer not null,
    time integer not null,
    json text not null
  ) strict;
  create index if not exists events_archived_time on events_archived (archive, time, id)`)

  /** When an archive is looked through for expired events again. */
  const expireNext = new Map<string, number>()

  const find = ({ name }: Archive): { id: number } & ArchiveFacts => {
    const row = db
      .prepare(
        `select id, created_at as createdAt, event_count as eventCount, size_bytes as sizeBytes
         from events_archive where name = ?`,
      )
      .get(name)
    if (!row) throw new Error(`archive ${name} was not opened`)
    return row as unknown as { id: number } & ArchiveFacts
  }

  const expiredBefore = ({ retentionDays }: Archive): number =>
    retentionDays === 0 ? 0 : cloud.now() - retentionDays * DAY_MS

  const count = db.prepare(
    'update events_archive set event_count = event_count + ?, size_bytes = size_bytes + ? where id = ?',
  )

  const expire = (archive: Archive, id: number): void => {
    const now = cloud.now()
    if (now < (expireNext.get(archive.name) ?? 0)) return
    expireNext.set(archive.name, now + EXPIRE_EVERY_MS)
    const range = 'from events_archived where archive = ? and time < ?'
    const limit = expiredBefore(archive)
    const { n, bytes } = db
      .prepare(`select count(*) as n, coalesce(sum(octet_length(json)), 0) as bytes ${range}`)
      .get(id, limit) as { n: number; bytes: number }
    if (n === 0) return
    db.prepare(`delete ${range}`).run(id, limit)
    count.run(-n, -bytes, id)
  }

  const page = (archive: Archive, { after, to, newest }: Reading, limit: number): readonly Archived[] => {
    const time = Math.max(after.time, expiredBefore(archive))
    return db
      .prepare(
        `select time, id, json from events_archived
         where archive = ? and (time, id) > (?, ?) and time < ? and id <= ? order by time, id limit ?`,
      )
      .all(find(archive).id, time, after.id, to, newest, limit) as unknown as readonly Archived[]
  }

  const newest = (): number =>
    (db.prepare('select max(id) as id from events_archived').get() as { id: number | null }).id ?? 0

  return {
    page,
    newest,
    drop(archive) {
      const { id } = find(archive)
      db.prepare('delete from events_archived where archive = ?').run(id)
      db.prepare('delete from events_archive where id = ?').run(id)
    },
    open({ name }) {
      db.prepare('insert into events_archive (name, created_at) values (?, ?) on conflict do nothing').run(
        name,
        cloud.now(),
      )
    },
    append(archive, { time, json }) {
      const { id } = find(archive)
      db.prepare('insert into events_archived (archive, time, json) values (?, ?, ?)').run(id, time, json)
      count.run(1, Buffer.byteLength(json), id)
      expire(archive, id)
    },
    *read(archive, from, to) {
      // By pages, so that a slow reader holds no statement open while others write.
      let reading: Reading = { after: { time: from, id: -1 }, to, newest: Number.MAX_SAFE_INTEGER }
      for (;;) {
        const events = page(archive, reading, PAGE)
        for (const { time, json } of events) yield { time, json }
        const last = events.at(-1)
        if (!last || events.length < PAGE) return
        reading = { ...reading, after: last }
      }
    },
    facts: (archive) =>
      db.transaction(() => {
        expire(archive, find(archive).id)
        return find(archive)
      }),
  }
}
