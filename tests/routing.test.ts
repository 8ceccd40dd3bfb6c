import { join } from 'node:path'
import { readSchemaFiles } from '../contracts/build/schema.ts'
import { MediaRejectedV1, MediaUploadedV1, ThumbnailReadyV1, ThumbnailReadyV2 } from '../contracts/generated/events.ts'
import {
  declaredRoutes,
  examplesOf,
  type Route,
  readExceptions,
  replayed,
  rolloutProblems,
  routingProblems,
  rulesFor,
  saidInReplay,
} from '../infra/build/routing.ts'
import { dev } from '../infra/config/dev.ts'
import { matchesPattern } from '../infra/local/eventbridge/pattern.ts'
import { type Synthesized, synthesized } from '../infra/synthesized.ts'

const ROOT = join(import.meta.dirname, '..')
const EXAMPLES = examplesOf(readSchemaFiles(ROOT))
const EXCEPTIONS = readExceptions(ROOT)

describe('the synthesized rules', () => {
  let app: Synthesized
  /** Of the templates, by the names that the declarations give them. */
  let routes: readonly Route[]
  beforeAll(async () => {
    app = await synthesized(dev)
    const declared = declaredRoutes(app.declarations.consumers.map(({ declaration }) => declaration))
    const rules = app
      .resourcesOf('AWS::Events::Rule')
      .filter(({ Properties }) => Properties.EventPattern?.source?.[0] === 'messageai.media')
    routes = rules.map(({ Properties }) => {
      const name = String(Properties.Name).replace(`messageai-${dev.environment}-`, '')
      const lane = declared.find((route) => route.name === name)?.lane ?? 'live'
      return { name, lane, pattern: Properties.EventPattern }
    })
  })

  it('are those that the declarations make, which the contracts are checked against', () => {
    const declared = declaredRoutes(app.declarations.consumers.map(({ declaration }) => declaration))
    const byName = (a: Route, b: Route) => (a.name < b.name ? -1 : 1)
    expect(routes.toSorted(byName)).toEqual(declared.toSorted(byName))
  })

  it('hear every event that is not listed with whom it is for, and none of them is dead', () => {
    expect(routingProblems(routes, EXAMPLES, EXCEPTIONS)).toEqual([])
  })

  it('take what a replay brings in the lanes of those who hear it live', () => {
    for (const example of EXAMPLES) {
      const lanes = rulesFor(routes, example.event).map((name) => `${name}-replay`)
      expect(rulesFor(routes, replayed(example))).toEqual(lanes)
    }
  })

  it('take what is said because of a replay in the lanes that its plan names, and in no other', () => {
    const reached = (example: (typeof EXAMPLES)[number], ...consumers: readonly string[]) =>
      rulesFor(routes, saidInReplay(example, consumers))
    for (const example of EXAMPLES) {
      const listeners = rulesFor(routes, example.event)
      expect(reached(example)).toEqual([])
      expect(reached(example, 'nobody')).toEqual([])
      for (const name of listeners) expect(reached(example, name)).toEqual([`${name}-replay`])
      expect(reached(example, ...listeners)).toEqual(listeners.map((name) => `${name}-replay`))
    }
  })

  it('list every major that somebody may say', () => {
    const { consumers, producers } = app.declarations
    const emitters = [...consumers, ...producers].map(({ declaration }) => declaration)
    expect(rolloutProblems(emitters, routes)).toEqual([])
  })

  it('wake the producer of uploads, and nobody for a derivative, another bucket or a deletion', () => {
    const woken = (type: string, bucket: string, key: string) =>
      app
        .resourcesOf('AWS::Events::Rule')
        .filter(({ Properties: { EventPattern } }) =>
          matchesPattern(EventPattern ?? { source: ['nothing'] }, {
            source: 'aws.s3',
            'detail-type': type,
            detail: { bucket: { name: bucket }, object: { key } },
          }),
        )
        .map(({ Properties }) => Properties.Name)
    expect(woken('Object Created', 'messageai-media-dev', 'images/original/a')).toEqual([
      'messageai-dev-s3-object-created',
    ])
    expect(woken('Object Created', 'messageai-media-dev', 'images/thumbnails/a/r/thumb.webp')).toEqual([])
    expect(woken('Object Created', 'messageai-media-dev-logs', 'images/original/a')).toEqual([])
    expect(woken('Object Deleted', 'messageai-media-dev', 'images/original/a')).toEqual([])
  })
})

describe('the proof finds', () => {
  const routes = declaredRoutes([{ name: 'make-poster', on: [MediaUploadedV1] }])
  /** Of the event that this consumer hears, and of those that are for nobody on purpose. */
  const examples = EXAMPLES.filter(({ detailType }) => {
    const name = detailType.replace(/\.v\d+$/, '')
    return name === MediaUploadedV1.name || EXCEPTIONS.events[name] !== undefined
  })
  const unlisted = (name: string) => {
    const { [name]: _, ...events } = EXCEPTIONS.events
    return { ...EXCEPTIONS, events }
  }

  it('an event that nobody receives, each major of it', () => {
    expect(routingProblems(routes, examples, unlisted('ThumbnailReady'))).toEqual(
      ['ThumbnailReady.v1', 'ThumbnailReady.v2'].map((detailType) =>
        expect.stringContaining(`${detailType}: no consumer receives it`),
      ),
    )
  })

  it('a rule that no event can meet, unless it is listed', () => {
    const dead = declaredRoutes([
      { name: 'make-poster', on: [MediaUploadedV1] },
      { name: 'read-minds', on: [MediaUploadedV1.where({ kind: ['thought'] })] },
    ])
    expect(routingProblems(dead, examples, EXCEPTIONS)).toEqual([
      expect.stringContaining('rule read-minds: no example of MediaUploaded.v1 meets it'),
      expect.stringContaining('rule read-minds-replay: no example of MediaUploaded.v1 meets it'),
    ])
    const rules = { 'read-minds': 'kind "thought" comes in May', 'read-minds-replay': 'as its live rule' }
    expect(routingProblems(dead, examples, { ...EXCEPTIONS, rules })).toEqual([])
  })

  it('an event that a rule lists beside others and no example meets, and its exception, as it is received', () => {
    const on = [MediaUploadedV1, ThumbnailReadyV2.where({ kind: ['thought'] })]
    expect(routingProblems(declaredRoutes([{ name: 'make-poster', on }]), examples, EXCEPTIONS)).toEqual([
      expect.stringContaining('rule make-poster: no example of ThumbnailReady.v2 meets it'),
      expect.stringContaining('rule make-poster-replay: no example of ThumbnailReady.v2 meets it'),
      expect.stringContaining('ThumbnailReady is received: strike it off'),
    ])
  })

  it('exceptions that are none any more', () => {
    const events = { ...EXCEPTIONS.events, MediaUploaded: 'nobody', MediaLost: 'nobody' }
    const rules = { 'make-poster': 'later', 'make-tea': 'later' }
    expect(routingProblems(routes, examples, { events, rules })).toEqual([
      expect.stringContaining('MediaUploaded is received: strike it off'),
      expect.stringContaining('MediaLost is no event: strike it off'),
      expect.stringContaining('rule make-poster is met: strike it off'),
      expect.stringContaining('rule make-tea is none: strike it off'),
    ])
  })

  it('a replay rule that a replay reaches whose plan does not name it', () => {
    const pattern = { 'detail-type': ['MediaUploaded.v1'], detail: { meta: { replay: { id: [{ exists: true }] } } } }
    const open: Route = { name: 'make-poster-replay', lane: 'replay', pattern }
    expect(routingProblems([...routes, open], examples, EXCEPTIONS)).toContain(
      'rule make-poster-replay: takes MediaUploaded.v1 of a replay that names nobody',
    )
  })

  it('a live rule that a replay would reach', () => {
    const open: Route = { name: 'tell-people', lane: 'live', pattern: { 'detail-type': ['MediaUploaded.v1'] } }
    expect(routingProblems([open], examples, EXCEPTIONS)).toEqual([
      'rule tell-people: takes MediaUploaded.v1 of replay traffic',
    ])
  })

  it('a producer that is ahead of a subscriber: consumers go first', () => {
    const ahead = { name: 'generate-thumbnail', emits: [ThumbnailReadyV2, MediaRejectedV1] }
    const behind = declaredRoutes([{ name: 'notify', on: [ThumbnailReadyV1] }])
    expect(rolloutProblems([ahead], behind)).toEqual([
      'generate-thumbnail may say ThumbnailReady.v2, and notify listens to ThumbnailReady.v1 only: consumers go first, ' +
        'list ThumbnailReady.v2 in its `on`',
    ])
    expect(rolloutProblems([ahead], declaredRoutes([{ name: 'notify', on: [ThumbnailReadyV2] }]))).toEqual([])
    const still = { name: 'generate-thumbnail', emits: [ThumbnailReadyV1] }
    expect(rolloutProblems([still], declaredRoutes([{ name: 'notify', on: [ThumbnailReadyV2] }]))).toEqual([])
  })
})
