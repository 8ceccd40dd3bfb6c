import type { Lock } from '../build/lock.ts'
import { contractOf, minorOf, type Schema, type SchemaFile, versionOf } from '../build/schema.ts'
import { sentenceOf } from './change.ts'
import { changesBetween } from './changes.ts'

interface Minor {
  readonly version: string
  readonly minor: number
  readonly schema: Schema
}

/**
 * Where two minors of one major, published or about to be, can't read each other: every one is held against every
 * other, as archives and other people's code hold data of each. One sentence each: contract, both versions, JSON
 * Pointer, what changed, who is hurt and what would do instead.
 */
export function compatibilityProblems(files: readonly SchemaFile[], lock: Lock): readonly string[] {
  return files.flatMap((file) => {
    const published = publishedMinors(file, lock)
    const newest = published.at(-1)
    const behind =
      newest && minorOf(file) < newest.minor
        ? [`${file.path}: x-version is ${versionOf(file)}, and ${newest.version} is published already: raise it`]
        : []
    const known = published.some(({ version }) => version === versionOf(file))
    const working = { version: versionOf(file), minor: minorOf(file), schema: file.schema }
    return [...behind, ...breaksAmong(file, known ? published : [...published, working])]
  })
}

function breaksAmong(file: SchemaFile, minors: readonly Minor[]): readonly string[] {
  const ordered = minors.toSorted((a, b) => a.minor - b.minor)
  const told = new Set<string>()
  return ordered.flatMap((newer, index) =>
    // The nearest first: what broke there needn't be told once more of every version before it.
    ordered
      .slice(0, index)
      .reverse()
      .flatMap((older) =>
        changesBetween(older.schema, newer.schema, pointerOf(file))
          .filter(({ breaks }) => breaks !== undefined)
          .map((change) => ({ change, key: JSON.stringify([newer.version, change]) }))
          .filter(({ key }) => !told.has(key) && told.add(key))
          .map(
            ({ change }) =>
              `${contractOf(file)} ${older.version} → ${newer.version}: ${sentenceOf(change, wayOut(file))}`,
          ),
      ),
  )
}

/** Every published minor of the file's major, oldest first. */
export function publishedMinors(file: SchemaFile, lock: Lock): readonly Minor[] {
  return Object.entries(lock[contractOf(file)] ?? {})
    .map(([version, { schema }]) => ({ version, minor: Number(version.split('.')[1]), schema }))
    .filter(({ version }) => Number(version.split('.')[0]) === file.major)
    .sort((a, b) => a.minor - b.minor)
}

/** Where the values of a contract stand: an event's data under `/data`, the envelope under `/meta`. */
export function pointerOf({ group }: SchemaFile): string {
  return { envelope: '/meta', events: '/data', documents: '' }[group]
}

function wayOut({ major }: SchemaFile): string {
  return `start v${major + 1}`
}
