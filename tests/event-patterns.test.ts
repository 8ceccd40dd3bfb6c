import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import type { EventContract, Subscription } from '../contracts/event-contract.ts'
import { EVENTS, MediaUploadedV1, ProcessingFailedV1 } from '../contracts/generated/events.ts'
import type { MediaEvent } from '../events/envelope.ts'
import { parseEvent } from '../events/parse.ts'
import { isWanted, livePattern, replayPattern } from '../events/pattern.ts'
import { UPCASTERS } from '../events/upcast.ts'
import { matchesPattern } from '../infra/local/eventbridge/pattern.ts'

const META = JSON.parse(readFileSync(join(import.meta.dirname, '../contracts/envelope.schema.json'), 'utf8'))
  .examples[0]
const NAME = 'index-photos'
const markFor = (lanes: readonly string[]) => ({
  id: 'backfill',
  mode: 'default',
  epoch: 0,
  ...(lanes.length > 0 && { lanes: [...lanes] }),
})

const allExamples = EVENTS.flatMap((contract) => {
  const [path] = /events\/[a-z-]+\/v\d+\.schema\.json$/.exec(contract.dataschema) ?? []
  const schema = readFileSync(join(import.meta.dirname, `../contracts/${path}`), 'utf8')
  return (JSON.parse(schema).examples as object[]).map((data) => ({ contract: contract as EventContract, data }))
})
const isLifted = ({ contract }: { contract: EventContract }) =>
  UPCASTERS.some(({ from }) => from.detailType === contract.detailType)
/** Of the majors that consumers are written against. */
const examples = allExamples.filter((example) => !isLifted(example))

interface Case {
  readonly contract: EventContract
  readonly data: object
  /** Said because of a replay whose plan names these. */
  readonly lanes?: readonly string[] | undefined
  readonly replayed?: boolean
}

/** As EventBridge matches it. */
function onTheBus({ contract, data, lanes, replayed = false }: Case) {
  const event: MediaEvent = { meta: { ...META, ...(lanes && { replay: markFor(lanes) }) }, data }
  return {
    source: 'messageai.media',
    'detail-type': contract.detailType,
    ...(replayed && { 'replay-name': 'march' }),
    detail: event,
  }
}

/** Some fields of an example's data, each with a few values, its own among them or not. */
const subscriptions = fc.constantFrom(...examples).chain(({ contract, data }) => {
  const scalars = Object.entries(data).filter(([, value]) => typeof value !== 'object')
  return fc.uniqueArray(fc.constantFrom(...scalars), { maxLength: 3, selector: ([field]) => field }).chain((fields) =>
    fc
      .array(fc.boolean(), { minLength: fields.length, maxLength: fields.length })
      .map((kept): EventContract | Subscription => {
        const conditions = fields.map(([field, value], index) => [field, kept[index] ? ['other', value] : ['other']])
        return fields.length > 0 ? { contract, conditions: Object.fromEntries(conditions) } : contract
      }),
  )
})
const interests = fc.array(subscriptions, { minLength: 1, maxLength: 4 })

describe('a rule made from what a consumer listens to', () => {
  it('takes live events exactly where the consumer wants them', () => {
    fc.assert(
      fc.property(interests, fc.constantFrom(...examples), (on, { contract, data }) => {
        const wanted = isWanted(on, { event: { meta: META, data }, contract })
        expect(matchesPattern(livePattern(on), onTheBus({ contract, data }))).toBe(wanted)
        expect(matchesPattern(replayPattern({ name: NAME, on }), onTheBus({ contract, data }))).toBe(false)
      }),
      { seed: 20260301, numRuns: 500 },
    )
  })

  it('takes what a replay brings in the replay lane alone: at first hand, and at second where its plan names it', () => {
    const plans = fc.option(fc.subarray([NAME, 'index-videos', `${NAME}-again`]), { nil: undefined })
    fc.assert(
      fc.property(interests, fc.constantFrom(...examples), plans, fc.boolean(), (on, example, lanes, other) => {
        const replayed = lanes === undefined || other
        const given = onTheBus({ ...example, lanes, replayed })
        const wanted = isWanted(on, { event: { meta: META, data: example.data }, contract: example.contract })
        const isForIt = replayed || lanes.includes(NAME)
        expect(matchesPattern(livePattern(on), given)).toBe(false)
        expect(matchesPattern(replayPattern({ name: NAME, on }), given)).toBe(wanted && isForIt)
      }),
      { seed: 20260301, numRuns: 500 },
    )
  })

  it('takes every older major of what the consumer wants, as that may come out of the archive', () => {
    const older = allExamples.filter(isLifted)
    expect(older.length).toBeGreaterThan(0)
    for (const { contract, data } of older) {
      const meta = { ...META, type: contract.name, version: contract.version, dataschema: contract.dataschema }
      const lifted = parseEvent({ meta, data }, contract.detailType)
      if (!lifted.ok) throw new Error(lifted.problem)
      const given = onTheBus({ contract, data })
      expect(matchesPattern(livePattern([lifted.contract]), given)).toBe(true)
      const replay = replayPattern({ name: NAME, on: [lifted.contract] })
      expect(matchesPattern(replay, { ...given, 'replay-name': 'march' })).toBe(true)
      expect(isWanted([lifted.contract], lifted)).toBe(true)
    }
  })

  it('holds nested conditions', () => {
    const on = [MediaUploadedV1.where({ object: { bucket: ['messageai-media-dev'] } }), ProcessingFailedV1]
    const uploaded = examples.filter(({ contract }) => contract.name === 'MediaUploaded')
    for (const { contract, data } of uploaded) {
      expect(matchesPattern(livePattern(on), onTheBus({ contract, data }))).toBe(true)
      const elsewhere = { ...data, object: { bucket: 'another' } }
      expect(matchesPattern(livePattern(on), onTheBus({ contract, data: elsewhere }))).toBe(false)
    }
  })

  it('takes nothing of another source', () => {
    for (const example of examples)
      expect(matchesPattern(livePattern([...EVENTS]), { ...onTheBus(example), source: 'somebody.else' })).toBe(false)
  })
})
