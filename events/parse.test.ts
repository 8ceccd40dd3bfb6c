import { EventContract } from '../contracts/event-contract.ts'
import { EVENTS, MediaUploadedV1 } from '../contracts/generated/events.ts'
import { uploadedEvent } from './fixtures.ts'
import { parseEvent, type Vocabulary } from './parse.ts'
import { toEntry } from './publish.ts'

const event = uploadedEvent()
const { detail, detailType } = toEntry(event)

/** What operators are told of it. */
function problemOf(given: unknown, type = detailType, vocabulary?: Vocabulary): string {
  const result = parseEvent(given, type, vocabulary)
  return result.ok ? 'none' : result.problem
}

function changed(part: 'meta' | 'data', change: Record<string, unknown>): unknown {
  return { ...event, [part]: { ...(event[part] as object), ...change } }
}

describe('reading an event', () => {
  it('gives it back with its contract, from text and from JSON', () => {
    const expected = { ok: true, event, contract: MediaUploadedV1 }
    expect(parseEvent(detail, detailType)).toEqual(expected)
    expect(parseEvent(JSON.parse(detail), detailType)).toEqual(expected)
  })

  it('takes what a newer minor added: fields, kinds and a version', () => {
    const newer = {
      meta: { ...event.meta, version: '1.7', shard: 4 },
      data: { ...(event.data as object), kind: 'hologram', colourSpace: 'p3' },
    }
    expect(parseEvent(newer, detailType)).toEqual({ ok: true, event: newer, contract: MediaUploadedV1 })
  })

  it('takes a time to come: clocks differ, and no order hangs on it', () => {
    expect(problemOf(changed('meta', { time: '2099-01-01T00:00:00.000Z' }))).toBe('none')
  })

  it.each<[string, unknown, RegExp]>([
    ['cut off', detail.slice(0, -20), /^MediaUploaded\.v1: the detail is no JSON: /],
    ['empty', '', /no JSON/],
    ['not there', undefined, /no object/],
    ['null', 'null', /no object/],
    ['a list', [event], /no object/],
    ['without meta', { data: event.data }, /\/meta must be object/],
    ['without data', { meta: event.meta }, /\/data must be object/],
    ['missing a field', changed('data', { object: undefined }), /\/data must have required property 'object'/],
    ['of a wrong type', changed('data', { contentType: 5 }), /\/data\/contentType must be string/],
    ['with an id that is none', changed('meta', { id: '1' }), /\/meta\/id must match format "uuid"/],
    ['with a time that is none', changed('meta', { time: '2026-02-30T10:00:00Z' }), /\/meta\/time must match format/],
    ['of another type than it came as', changed('meta', { type: 'MediaReady' }), /says that it is "MediaReady\.v1"/],
    ['of another major than it came as', changed('meta', { version: '2.0' }), /says that it is "MediaUploaded\.v2"/],
    [
      'of another schema',
      changed('meta', { dataschema: event.meta.dataschema.replace('uploaded', 'ready') }),
      /dataschema/,
    ],
  ])('refuses one that is %s', (_case, given, problem) => {
    expect(problemOf(given)).toMatch(problem)
  })

  it.each([
    ['at the top', `{"__proto__":{"admin":true},${detail.slice(1)}`],
    ['within', detail.replace('"data":{', '"data":{"__proto__":{"admin":true},')],
  ])('refuses a key that becomes a prototype, %s', (_where, given) => {
    expect(problemOf(given)).toBe('MediaUploaded.v1: the detail has a key "__proto__"')
    expect(problemOf(JSON.parse(given))).toBe('MediaUploaded.v1: the detail has a key "__proto__"')
  })

  it('refuses nesting without end, and ends', () => {
    const nested = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
    expect(problemOf(detail.replace('"data":{', `"data":{"x":${nested},`))).toMatch(/nested deeper than 32 levels$/)
    expect(problemOf({ ...event, x: JSON.parse(nested) })).toMatch(/nested deeper than 32 levels$/)
  })

  it('refuses what weighs more than 200 KB, as text and as JSON', () => {
    const heavy = changed('data', { note: 'é'.repeat(110_000) })
    expect(problemOf(heavy)).toMatch(/weighs \d+ bytes, at most 204800 are read$/)
    expect(problemOf(JSON.stringify(heavy))).toMatch(/weighs \d+ bytes, at most 204800 are read$/)
    expect(problemOf(changed('data', { note: 'x'.repeat(200_000) }))).toBe('none')
  })

  it("refuses events and majors that it doesn't know, in a line", () => {
    expect(problemOf(detail, 'MediaUploaded.v9')).toBe('"MediaUploaded.v9" is not known to this build')
    expect(problemOf(detail, 'constructor')).toBe('"constructor" is not known to this build')
    expect(problemOf(detail, `x\n${'y'.repeat(10_000)}`)).toHaveLength(159)
  })
})

describe('an older major', () => {
  const accepting = (value: unknown) => typeof value === 'object' && value !== null && 'pages' in value
  const next = (major: number) =>
    new EventContract<never>({
      name: 'MediaUploaded',
      major,
      minor: 3,
      dataschema: `https://contracts.messageai.media/events/media-uploaded/v${major}.schema.json`,
      reader: accepting,
      writer: accepting,
    })
  const [v2, v3] = [next(2), next(3)]
  const vocabulary: Vocabulary = {
    contracts: [...EVENTS, v2, v3],
    upcasters: [
      { from: v2, to: v3, upcast: (data) => ({ ...(data as object), lifted: 'twice' }) },
      { from: MediaUploadedV1, to: v2, upcast: (data) => ({ ...(data as object), pages: 1 }) },
    ],
  }

  it('is lifted step by step to the newest, its identity kept', () => {
    expect(parseEvent(event, detailType, vocabulary)).toEqual({
      ok: true,
      contract: v3,
      event: {
        meta: { ...event.meta, version: '3.3', dataschema: v3.dataschema },
        data: { ...(event.data as object), pages: 1, lifted: 'twice' },
      },
    })
  })

  it('that an upcaster lifts to something else than the next contract is refused', () => {
    const broken = { ...vocabulary, upcasters: [{ from: MediaUploadedV1, to: v2, upcast: () => ({}) }] }
    expect(problemOf(event, detailType, broken)).toMatch(/^MediaUploaded\.v1 lifted to MediaUploaded\.v2: /)
  })
})
