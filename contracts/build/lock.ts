import { createHash } from 'node:crypto'
import { contractOf, isSchema, mapSchema, type Schema, type SchemaFile, versionOf } from './schema.ts'

export const LOCK_PATH = 'contracts/published.lock.json'

/**
 * Every minor that was ever published, by contract (`events/media-uploaded`) and version (`1.0`), in its canonical form:
 * archives and other people's code hold data of each of them, so a new one is compared with all, not with the last.
 */
export interface Lock {
  readonly [contract: string]: { readonly [version: string]: PublishedMinor }
}

export interface PublishedMinor {
  /** `sha256-<base64>` of the canonical form. */
  readonly digest: string
  readonly schema: Schema
}

/** What a schema lets through, without the words about it: two schemas that mean the same have one canonical form. */
export function canonical(schema: Schema): Schema {
  const bare = mapSchema(schema, ({ $schema, title, description, examples, ...rest }) => ({
    ...rest,
    ...(Array.isArray(rest['required']) && { required: rest['required'].toSorted() }),
    ...(Array.isArray(rest['enum']) && { enum: rest['enum'].toSorted() }),
    ...(Array.isArray(rest['x-removed']) && { 'x-removed': rest['x-removed'].toSorted() }),
  }))
  return sorted(bare) as Schema
}

export function digestOf(schema: Schema): string {
  return `sha256-${createHash('sha256')
    .update(JSON.stringify(sorted(schema)))
    .digest('base64')}`
}

/** What was done to published minors, and what isn't published yet, one sentence each. */
export function lockProblems(files: readonly SchemaFile[], lock: Lock): readonly string[] {
  const problems: string[] = []
  for (const [contract, minors] of Object.entries(lock)) {
    for (const [version, { digest, schema }] of Object.entries(minors))
      if (digestOf(schema) !== digest)
        problems.push(`${LOCK_PATH}: ${contract} ${version} was changed by hand; put it back as it was published`)
    const majors = new Set(Object.keys(minors).map((version) => Number(version.split('.')[0])))
    for (const major of majors)
      if (!files.some((file) => contractOf(file) === contract && file.major === major))
        problems.push(
          `${contract} v${major} was published and its schema is gone: archives hold its events, put it back`,
        )
  }
  for (const file of files) {
    const version = versionOf(file)
    const published = lock[contractOf(file)]?.[version]
    if (published === undefined)
      problems.push(`${file.path}: ${version} is not published yet: npm run contracts -- publish`)
    else if (published.digest !== digestOf(canonical(file.schema)))
      problems.push(
        `${file.path}: ${version} is published and was changed. Put it back, or raise x-version to the next minor if every ` +
          `reader of ${version} can read the new one, else write it as v${file.major + 1}.schema.json`,
      )
  }
  return problems
}

/** The lock with the minors that it lacks; those that it has stay as they are. */
export function publishNew(
  files: readonly SchemaFile[],
  lock: Lock,
): { readonly lock: Lock; readonly added: readonly string[] } {
  const result: Record<string, Record<string, PublishedMinor>> = structuredClone(lock)
  const added: string[] = []
  for (const file of files) {
    const contract = contractOf(file)
    const version = versionOf(file)
    if (result[contract]?.[version] !== undefined) continue
    const schema = canonical(file.schema)
    result[contract] = { ...result[contract], [version]: { digest: digestOf(schema), schema } }
    added.push(`${contract} ${version}`)
  }
  return { lock: sorted(result) as Lock, added }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isSchema(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  )
}
