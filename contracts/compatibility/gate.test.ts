import { join } from 'node:path'
import { type Lock, publishNew } from '../build/lock.ts'
import { readSchemaFiles, type Schema, type SchemaFile } from '../build/schema.ts'
import { explainDifference } from './explain.ts'
import { compatibilityProblems } from './gate.ts'

/** As if none had ever had another minor. */
const FILES: readonly SchemaFile[] = readSchemaFiles(join(import.meta.dirname, '../..')).map((file) => ({
  ...file,
  schema: { ...file.schema, 'x-version': `${file.major}.0` },
}))

function fileOf(slug: string): SchemaFile {
  const found = FILES.find((file) => file.slug === slug)
  if (!found) throw new Error(`${slug} is among the schemas`)
  return found
}

/** The next minor of a file, with some fields of its own. */
function next(file: SchemaFile, version: string, fields: Schema, more: Schema = {}): SchemaFile {
  const properties = { ...(file.schema['properties'] as Schema), ...fields }
  return { ...file, schema: { ...file.schema, ...more, 'x-version': version, properties } }
}

const open = (...values: readonly string[]) => ({ type: 'string', enum: values, 'x-open-enum': true })
const closed = (...values: readonly string[]) => ({ type: 'string', enum: values })

/** Publishes one after the other, whatever the gate says. */
function published(...versions: readonly SchemaFile[]): Lock {
  return versions.reduce<Lock>((lock, file) => publishNew([file], lock).lock, {})
}

describe('the gate', () => {
  const uploaded = fileOf('media-uploaded')

  it('passes what is published, and a minor that all others read', () => {
    expect(compatibilityProblems(FILES, publishNew(FILES, {}).lock)).toEqual([])
    const grown = next(uploaded, '1.1', { width: { type: 'integer' }, kind: open('image', 'video') })
    expect(compatibilityProblems([grown], published(uploaded))).toEqual([])
  })

  it('holds a new minor against every published one, not against the last alone', () => {
    const first = next(uploaded, '1.0', { source: closed('app') })
    const second = next(uploaded, '1.1', { source: open('app') })
    const third = next(uploaded, '1.2', { source: open('app', 'web') })
    expect(compatibilityProblems([second], published(first))).toEqual([])
    expect(compatibilityProblems([third], published(second))).toEqual([])
    expect(compatibilityProblems([third], published(first, second))).toEqual([
      'events/media-uploaded 1.0 → 1.2: /data/source: can be "web" now: the list is closed, and an older reader refuses ' +
        'other values. Say it in a new optional field, or start v2.',
    ])
  })

  it('finds what is published already and should never have been', () => {
    const second = next(uploaded, '1.1', { width: { type: 'integer' } }, { required: ['mediaId', 'width'] })
    const third = { ...second, schema: { ...second.schema, 'x-version': '1.2' } }
    const problems = compatibilityProblems([third], published(uploaded, second))
    expect(problems).toContainEqual(expect.stringMatching(/1\.0 → 1\.1: \/data\/width: is new and required/))
    expect(problems).toContainEqual(expect.stringMatching(/1\.0 → 1\.2: \/data\/width: is new and required/))
  })

  it('keeps a removed name from use for good', () => {
    const first = next(uploaded, '1.0', { width: { type: 'integer' } })
    const second = next(uploaded, '1.1', {}, { 'x-removed': ['width'] })
    const again = next(uploaded, '1.2', { width: { type: 'integer' } })
    expect(compatibilityProblems([second], published(first))).toEqual([])
    expect(compatibilityProblems([again], published(first, second))).toEqual([
      'events/media-uploaded 1.1 → 1.2: /data/width: was removed, is used again now: archives hold the older meaning under ' +
        'that name. Give it another name, or start v2.',
    ])
  })

  it('refuses a version behind what is published', () => {
    const second = next(uploaded, '1.1', { width: { type: 'integer' } })
    expect(compatibilityProblems([uploaded], published(uploaded, second))).toEqual([
      'contracts/events/media-uploaded/v1.schema.json: x-version is 1.0, and 1.1 is published already: raise it',
    ])
  })

  it('judges documents and the envelope too, each under its own pointers', () => {
    const step = fileOf('step')
    const envelope = fileOf('envelope')
    const lock = published(step, envelope)
    const narrower = next(step, '1.1', { consumer: { type: 'string', maxLength: 9 } })
    const wider = next(envelope, '1.1', { subject: { type: 'string' } })
    expect(compatibilityProblems([narrower, wider], lock)).toEqual([
      'documents/step 1.0 → 1.1: /consumer: had no maxLength, is 9 now: an older producer sends longer ones. Leave it out, or start v2.',
      'envelope 1.0 → 1.1: /meta/subject: was a uuid, can be any text now: an older reader refuses other text. Put the format back, or start v2.',
    ])
  })

  it('does not hold one major against another', () => {
    const [v1, v2] = FILES.filter(({ slug }) => slug === 'thumbnail-ready') as [SchemaFile, SchemaFile]
    expect(compatibilityProblems([v1, v2], published(v1, v2))).toEqual([])
  })
})

describe('the explanation', () => {
  const lock = publishNew(FILES, {}).lock

  it('of two majors tells what was and what is', () => {
    expect(explainDifference(FILES, lock, { name: 'ThumbnailReady', from: '1.0', to: '2.0' })).toEqual([
      'events/thumbnail-ready 1.0 → 2.0',
      ...['file', 'profile', 'video', 'voice'].map((kind) => `  /data/kind: can be "${kind}" now.`),
      '  /data/thumbhash: was required, is gone now.',
      '  /data/placeholder: is new and required.',
      'Another major: consumers list both, and an upcaster lifts the older on reading.',
    ])
  })

  it('compares the last published version with the schema as it lies there, by any of its names', () => {
    const uploaded = fileOf('media-uploaded')
    const grown = next(uploaded, '1.1', { width: { type: 'integer' } })
    for (const name of ['MediaUploaded', 'media-uploaded', 'MediaUploaded.v1', 'events/media-uploaded'])
      expect(explainDifference([grown], lock, { name })).toEqual([
        'events/media-uploaded 1.0 → 1.1 as it lies in contracts/events/media-uploaded/v1.schema.json',
        '  /data/width: is new and optional.',
        'Every change is compatible, both ways.',
      ])
  })

  it('says so where nothing differs, or nothing is published', () => {
    expect(explainDifference(FILES, lock, { name: 'media' })).toEqual([
      expect.stringContaining('every value of the one is a value of the other'),
    ])
    expect(explainDifference(FILES, {}, { name: 'media' })).toEqual([
      'documents/media 1.0: nothing earlier is published',
    ])
  })

  it('names what there is where it is asked for something else', () => {
    expect(() => explainDifference(FILES, lock, { name: 'MediaLost' })).toThrow(
      'there is no contract "MediaLost": envel',
    )
    expect(() => explainDifference(FILES, lock, { name: 'media', from: '0.9' })).toThrow('has no version 0.9: 1.0')
  })
})
