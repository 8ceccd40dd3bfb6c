import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { violationsOf } from './event-contract.ts'
import { writeMediaDocument } from './generated/validators.js'
import { PROJECTED, project } from './project.ts'

const time = '2026-03-01T10:00:05.000Z'
const DOCUMENT: { readonly examples: readonly [object] } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'documents/media/v1.schema.json'), 'utf8'),
)

const folderOf = (name: string) => name.replace(/(?!^)[A-Z]/g, '-$&').toLowerCase()

/** By detail-type, `ThumbnailReady.v2`. */
function examplesOf(detailType: string): readonly unknown[] {
  const [name = '', major] = detailType.split('.')
  const file = join(import.meta.dirname, 'events', folderOf(name), `${major}.schema.json`)
  return (JSON.parse(readFileSync(file, 'utf8')) as { examples: unknown[] }).examples
}

it.each(PROJECTED)('leaves of every example of %s what the media document allows', (detailType) => {
  for (const data of examplesOf(detailType)) {
    const result = project([{ detailType, time, data }])
    const [example] = DOCUMENT.examples
    const document = { ...example, steps: { 'some-step': { '0.0': result } } }
    // What is not in the contract goes under `stepRun` of contracts/documents/media/v1.schema.json.
    expect(violationsOf(writeMediaDocument, document)).toEqual([])
  }
})

it('keeps what several events of one step tell', () => {
  const [thumbnails] = examplesOf('ThumbnailReady.v2')
  const [variants] = examplesOf('ImageOptimized.v1')
  const result = project([
    { detailType: 'ThumbnailReady.v2', time, data: thumbnails },
    { detailType: 'ImageOptimized.v1', time, data: variants },
  ])
  expect(result).toHaveProperty('thumbnails')
  expect(result).toHaveProperty('variants')
})

it('shows no placeholder of a kind that it does not know', () => {
  const [data] = examplesOf('ThumbnailReady.v2') as readonly [object]
  const later = { ...data, placeholder: { kind: 'blurhash', value: 'LKO2' } }
  expect(project([{ detailType: 'ThumbnailReady.v2', time, data }])).toHaveProperty('thumbhash')
  expect(project([{ detailType: 'ThumbnailReady.v2', time, data: later }])).not.toHaveProperty('thumbhash')
})

it('says so when no step is told of', () => {
  const [data] = examplesOf('MediaUploaded.v1')
  expect(() => project([{ detailType: 'MediaUploaded.v1', time, data }])).toThrow('MediaUploaded.v1')
  expect(() => project([])).toThrow('no event')
})
