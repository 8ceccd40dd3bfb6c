import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EVENTS } from '../contracts/generated/events.ts'
import { dev } from './config/dev.ts'
import { matchesPattern } from './local/eventbridge/pattern.ts'
import { type Synthesized, synthesized } from './synthesized.ts'

/** Events that no consumer of the product reacts to, and who they are for. */
const FOR_OTHERS: Readonly<Record<string, string>> = {
  'MediaUploadRequested.v1': 'the archive: a rebuild begins with it',
  'MetadataExtracted.v1': 'the archive: a rebuild folds it; other backends may subscribe',
  'ThumbnailReady.v1': 'the archive: a rebuild lifts and folds it',
  'ThumbnailReady.v2': 'the archive: a rebuild folds it; other backends may subscribe',
  'ImageOptimized.v1': 'the archive: a rebuild folds it; other backends may subscribe',
  'MediaReady.v1': 'other backends, such as one that sends notifications',
  'MediaRejected.v1': 'other backends, such as one that sends notifications',
  'ProcessingFailed.v1': 'other backends and operators',
}

let app: Synthesized
beforeAll(async () => {
  app = await synthesized(dev)
})

/** Every example of every event's schema, as the bus carries it. */
const EXAMPLES = globSync('contracts/events/*/v*.schema.json', { cwd: join(import.meta.dirname, '..') }).flatMap(
  (file) => {
    const schema: { $id: string; examples: readonly unknown[] } = JSON.parse(
      readFileSync(join(import.meta.dirname, '..', file), 'utf8'),
    )
    const contract = EVENTS.find(({ dataschema }) => dataschema === schema.$id)
    if (!contract) throw new Error(`${file} is no contract`)
    const { detailType } = contract
    return schema.examples.map((data) => ({
      detailType,
      event: { source: 'messageai.media', 'detail-type': detailType, detail: { meta: { id: 'a' }, data } },
    }))
  },
)
const replayed = { 'replay-name': 'yesterday' }
const becauseOfReplay = <E extends { detail: { meta: object } }>(event: E) => ({
  ...event,
  detail: { ...event.detail, meta: { ...event.detail.meta, replay: { id: 'yesterday', mode: 'default', epoch: 0 } } },
})

const patterns = () =>
  app
    .resourcesOf('AWS::Events::Rule')
    .filter(({ Properties }) => Properties.EventPattern?.source?.[0] === 'messageai.media')
    .map(({ Properties }) => ({ name: String(Properties.Name), pattern: Properties.EventPattern }))
const rulesFor = (event: unknown) =>
  patterns()
    .filter(({ pattern }) => matchesPattern(pattern, event))
    .map(({ name }) => name)

test('every event reaches somebody, or is listed with whom it is for', () => {
  const unheard = new Set(
    EXAMPLES.filter(({ event }) => rulesFor(event).length === 0).map(({ detailType }) => detailType),
  )
  expect([...unheard].sort()).toEqual(Object.keys(FOR_OTHERS).sort())
})

test('every rule is there for an event that exists', () => {
  const live = EXAMPLES.flatMap(({ event }) => rulesFor(event))
  const again = EXAMPLES.flatMap(({ event }) => rulesFor({ ...event, ...replayed }))
  expect([...new Set([...live, ...again])].sort()).toEqual(
    patterns()
      .map(({ name }) => name)
      .sort(),
  )
})

test('what a replay brings, or what is said because of one, reaches replay lanes alone', () => {
  for (const { event } of EXAMPLES) {
    const live = rulesFor(event)
    expect(live.filter((name) => name.endsWith('-replay'))).toEqual([])
    const lanes = live.map((name) => `${name}-replay`)
    expect(rulesFor({ ...event, ...replayed })).toEqual(lanes)
    expect(rulesFor(becauseOfReplay(event))).toEqual(lanes)
  }
})

test('an upload wakes its producer; a derivative, another bucket or a deletion wakes nobody', () => {
  const rules = app.resourcesOf('AWS::Events::Rule').map(({ Properties }) => Properties)
  const woken = (type: string, bucket: string, key: string) =>
    rules
      .filter(({ EventPattern }) => EventPattern)
      .filter(({ EventPattern }) =>
        matchesPattern(EventPattern, {
          source: 'aws.s3',
          'detail-type': type,
          detail: { bucket: { name: bucket }, object: { key } },
        }),
      )
      .map(({ Name }) => Name)
  expect(woken('Object Created', 'messageai-media-dev', 'images/original/a')).toEqual([
    'messageai-dev-s3-object-created',
  ])
  expect(woken('Object Created', 'messageai-media-dev', 'images/thumbnails/a/r/thumb.webp')).toEqual([])
  expect(woken('Object Created', 'messageai-media-dev-logs', 'images/original/a')).toEqual([])
  expect(woken('Object Deleted', 'messageai-media-dev', 'images/original/a')).toEqual([])
})
