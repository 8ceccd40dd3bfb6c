import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HTTP, type Message, CloudEvent as Sdk } from 'cloudevents'
import { fromCloudEvent, toCloudEvent } from './cloudevents.ts'
import type { MediaEvent } from './envelope.ts'
import { uploadedEvent } from './fixtures.ts'
import { parseEvent } from './parse.ts'
import { toEntry } from './publish.ts'

const recorded: readonly { readonly detail: MediaEvent }[] = JSON.parse(
  readFileSync(join(import.meta.dirname, 'recorded.json'), 'utf8'),
)
const EVENTS: readonly (readonly [string, MediaEvent])[] = [
  ['an upload', uploadedEvent()],
  [
    'one of an actor, in a replay',
    uploadedEvent(1, { actor: 'u_1', replay: { id: 'march', mode: 'force', epoch: 3 } }),
  ],
  [
    'one of a replay that names lanes',
    uploadedEvent(1, { replay: { id: 'march', mode: 'default', epoch: 0, lanes: ['remux-video', 'detect-face'] } }),
  ],
  ...recorded.map(({ detail }, index) => [`recorded event ${index}`, detail] as const),
]

describe.each(EVENTS)('%s', (_name, event) => {
  it('is a CloudEvent by the validator of the CloudEvents SDK', () => {
    const sdk = new Sdk({ ...toCloudEvent(event) }, true)
    expect(sdk.validate()).toBe(true)
  })

  it('comes back as it was, from JSON too', () => {
    const cloudEvent = toCloudEvent(event)
    const { detailType } = toEntry(event)
    expect(fromCloudEvent(cloudEvent)).toEqual({ ok: true, event, detailType })
    expect(fromCloudEvent(JSON.parse(JSON.stringify(cloudEvent)))).toEqual({ ok: true, event, detailType })
  })

  it('comes back from HTTP as the SDK carries it, structured', () => {
    const message = HTTP.structured(new Sdk({ ...toCloudEvent(event) })) as Message<unknown>
    const back = fromCloudEvent(JSON.parse(String(message.body)))
    if (!back.ok) throw new Error(back.problem)
    expect(back.event).toEqual(event)
    expect(parseEvent(back.event, back.detailType)).toMatchObject({ ok: true })
  })
})

describe('what is none of our events', () => {
  const good = toCloudEvent(uploadedEvent())

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /no object/],
    ['of another specification', { ...good, specversion: '0.3' }, /specversion/],
    ["somebody else's", { ...good, source: 'somebody.else' }, /source must be "messageai\.media"/],
    ['without a major', { ...good, type: 'MediaUploaded' }, /type must be/],
    ['without an id', { ...good, id: undefined }, /\/meta must have required property 'id'/],
    ['of two majors', { ...good, dataversion: '2.0' }, /another major/],
    [
      'lanes that are no words',
      { ...good, replayid: 'march', replaymode: 'force', replayepoch: 1, replaylanes: 3 },
      /\/meta\/replay\/lanes/,
    ],
    ['lanes of no replay', { ...good, replaylanes: 'detect-face' }, /\/meta\/replay/],
    ['half a replay', { ...good, replayid: 'march' }, /\/meta\/replay/],
  ])('is refused: %s', (_name, given, problem) => {
    expect(fromCloudEvent(given)).toEqual({ ok: false, problem: expect.stringMatching(problem) })
  })
})
