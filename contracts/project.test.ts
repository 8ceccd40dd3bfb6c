import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EVENTS } from './generated/events.ts'
import { writeMediaDocument } from './generated/validators.js'
import { project } from './project.ts'

const time = '2026-03-01T10:00:05.000Z'
const STEP_EVENTS = [
  'metadata-extracted',
  'thumbnail-ready',
  'image-optimized',
  'video-frames-sampled',
  'video-remuxed',
  'video-transcode-started',
  'video-stream-ready',
  'video-compressed',
  'voice-processed',
  'file-processed',
  'content-moderated',
  'face-detected',
  'malware-scan-passed',
  'media-rejected',
  'processing-failed',
]

const newestOf = (folder: string) => {
  const name = folder.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase())
  const majors = EVENTS.filter((contract) => contract.name === name).toSorted((a, b) => b.major - a.major)
  if (!majors[0]) throw new Error(`${folder} is no event`)
  return majors[0]
}
const examplesOf = (folder: string): readonly unknown[] => {
  const file = join(import.meta.dirname, 'events', folder, `v${newestOf(folder).major}.schema.json`)
  return (JSON.parse(readFileSync(file, 'utf8')) as { examples: unknown[] }).examples
}
const detailTypeOf = (folder: string) => newestOf(folder).detailType

it.each(STEP_EVENTS)('leaves of every example of %s what the media document allows', (folder) => {
  for (const data of examplesOf(folder)) {
    const result = project([{ detailType: detailTypeOf(folder), time, data }])
    const [example] = JSON.parse(readFileSync(join(import.meta.dirname, 'documents/media/v1.schema.json'), 'utf8'))
      .examples as [object]
    expect(writeMediaDocument({ ...example, steps: { 'some-step': { '0.0': result } } })).toBe(true)
  }
})

it('keeps what several events of one step tell', () => {
  const [thumbnails] = examplesOf('thumbnail-ready')
  const [variants] = examplesOf('image-optimized')
  const result = project([
    { detailType: 'ThumbnailReady.v2', time, data: thumbnails },
    { detailType: 'ImageOptimized.v1', time, data: variants },
  ])
  expect(result).toHaveProperty('thumbnails')
  expect(result).toHaveProperty('variants')
})

it('shows no placeholder of a kind that it does not know', () => {
  const [data] = examplesOf('thumbnail-ready') as readonly [object]
  const later = { ...data, placeholder: { kind: 'blurhash', value: 'LKO2' } }
  expect(project([{ detailType: 'ThumbnailReady.v2', time, data }])).toHaveProperty('thumbhash')
  expect(project([{ detailType: 'ThumbnailReady.v2', time, data: later }])).not.toHaveProperty('thumbhash')
})

it('says so when no step is told of', () => {
  const [data] = examplesOf('media-uploaded')
  expect(() => project([{ detailType: 'MediaUploaded.v1', time, data }])).toThrow('MediaUploaded.v1')
  expect(() => project([])).toThrow('no event')
})
