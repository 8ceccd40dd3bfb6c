import { join } from 'node:path'
import { canonical, digestOf, type Lock, lockProblems, publishNew } from './lock.ts'
import { readSchemaFiles, type Schema, type SchemaFile } from './schema.ts'

// As if it had never had another minor.
const files: readonly SchemaFile[] = readSchemaFiles(join(import.meta.dirname, '../..'))
  .filter(({ slug }) => slug === 'media-uploaded')
  .map((file) => ({ ...file, schema: { ...file.schema, 'x-version': '1.0' } }))
const { lock } = publishNew(files, {})

function changed(change: Schema): readonly SchemaFile[] {
  return files.map((file) => ({ ...file, schema: { ...file.schema, ...change } }))
}

describe('the canonical form', () => {
  it('is the same for schemas that mean the same', () => {
    const [{ schema }] = files as [SchemaFile]
    const reworded = {
      ...Object.fromEntries(Object.entries(schema).reverse()),
      description: 'In other words.',
      examples: [],
      required: (schema['required'] as readonly string[]).toReversed(),
    }
    expect(canonical(reworded)).toEqual(canonical(schema))
    expect(digestOf(canonical(reworded))).toBe(digestOf(canonical(schema)))
  })
})

describe('what is published', () => {
  it('passes as long as it stays', () => {
    expect(lockProblems(files, lock)).toEqual([])
    expect(lockProblems(changed({ description: 'In other words.' }), lock)).toEqual([])
  })

  it("can't be changed: the message names it and what to do instead", () => {
    expect(lockProblems(changed({ required: ['mediaId'] }), lock)).toEqual([
      'contracts/events/media-uploaded/v1.schema.json: 1.0 is published and was changed. Put it back, or raise x-version to ' +
        'the next minor if every reader of 1.0 can read the new one, else write it as v2.schema.json',
    ])
    expect(publishNew(changed({ required: ['mediaId'] }), lock)).toEqual({ lock, added: [] })
  })

  it("can't vanish", () => {
    expect(lockProblems([], lock)).toEqual([
      expect.stringContaining('events/media-uploaded v1 was published and its schema is gone'),
    ])
  })

  it("can't be rewritten in the lock", () => {
    const forged = structuredClone(lock) as Record<string, Record<string, { digest: string; schema: Schema }>>
    const minor = forged['events/media-uploaded']?.['1.0']
    if (minor) minor.schema = { ...minor.schema, required: [] }
    expect(lockProblems(files, forged as Lock)).toEqual([expect.stringContaining('1.0 was changed by hand')])
  })

  it('is joined by a new minor, and stays', () => {
    const next = changed({ 'x-version': '1.1' })
    expect(lockProblems(next, lock)).toEqual([
      expect.stringContaining('1.1 is not published yet: npm run contracts -- publish'),
    ])
    const published = publishNew(next, lock)
    expect(published.added).toEqual(['events/media-uploaded 1.1'])
    expect(published.lock['events/media-uploaded']).toMatchObject(lock['events/media-uploaded'] ?? {})
    expect(lockProblems(next, published.lock)).toEqual([])
  })
})
