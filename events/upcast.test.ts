import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import type { EventContract } from '../contracts/event-contract.ts'
import { ThumbnailReadyV1, ThumbnailReadyV2 } from '../contracts/generated/events.ts'
import { parseEvent } from './parse.ts'
import { livePattern } from './pattern.ts'
import { lineageOf, UPCASTERS } from './upcast.ts'

interface Recorded {
  readonly detailType: string
  readonly detail: { readonly meta: { readonly id: string }; readonly data: object }
}

/** One of each version, as it was on the bus when that version was the newest: they stay, whatever comes after. */
const RECORDED: readonly Recorded[] = JSON.parse(readFileSync(join(import.meta.dirname, 'recorded.json'), 'utf8'))

const text = (minLength: number, maxLength: number) => fc.string({ minLength, maxLength, unit: 'grapheme-ascii' })
const side = fc.integer({ min: 1, max: 65535 })
const thumbnail = fc.record({
  name: text(1, 64),
  contentType: text(3, 127),
  width: side,
  height: side,
  object: fc.record({
    bucket: text(3, 63),
    key: text(1, 1024),
    versionId: text(1, 1024),
    etag: text(1, 128),
    bytes: fc.nat(),
  }),
})
const uuid = fc.uuid().map((id) => id.toLowerCase())
const thumbnailReadyV1 = fc.record({
  mediaId: uuid,
  kind: fc.constant('image'),
  thumbnails: fc.array(thumbnail, { minLength: 1, maxLength: 16, size: 'xsmall' }),
  thumbhash: fc.base64String({ minLength: 4, maxLength: 64 }),
})

const upcasterFrom = (contract: EventContract<never>) => {
  const found = UPCASTERS.find(({ from }) => from.detailType === contract.detailType)
  if (!found) throw new Error(`nothing lifts ${contract.detailType}`)
  return found
}

describe('ThumbnailReady.v1', () => {
  const { upcast } = upcasterFrom(ThumbnailReadyV1)

  it('is a valid v2 once it is lifted, whatever it holds', () => {
    fc.assert(
      fc.property(thumbnailReadyV1, (data) => {
        expect(ThumbnailReadyV1.writeViolations(data)).toEqual([])
        const lifted = upcast(data) as never
        // The writer's validator is the stricter one: nothing of v1 is left in it.
        expect(ThumbnailReadyV2.writeViolations(lifted)).toEqual([])
        expect(lifted).toMatchObject({
          mediaId: data.mediaId,
          thumbnails: data.thumbnails,
          placeholder: { kind: 'thumbhash', value: data.thumbhash },
        })
      }),
      { seed: 20260301, numRuns: 200 },
    )
  })

  it('is left as it was: the archive keeps what was said', () => {
    fc.assert(
      fc.property(thumbnailReadyV1, (data) => {
        const before = structuredClone(data)
        upcast(data)
        expect(data).toEqual(before)
      }),
      { seed: 20260301, numRuns: 20 },
    )
  })

  it('of a newer minor keeps what this build does not know', () => {
    const [recorded] = RECORDED.filter(({ detailType }) => detailType === 'ThumbnailReady.v1')
    const newer = { ...recorded?.detail.data, dominantColour: '#aabbcc', kind: 'video' }
    expect(upcast(newer)).toMatchObject({ dominantColour: '#aabbcc', kind: 'video' })
    expect(ThumbnailReadyV2.readViolations(upcast(newer))).toEqual([])
  })
})

describe('the recorded events', () => {
  it.each(RECORDED.map((one): [string, Recorded] => [`${one.detailType} ${one.detail.meta.id}`, one]))(
    '%s are read as the newest major, under their own id',
    (_name, { detail, detailType }) => {
      const bytes = JSON.stringify(detail)
      const result = parseEvent(bytes, detailType)
      if (!result.ok) throw new Error(result.problem)
      expect(UPCASTERS.map(({ from }) => from.detailType)).not.toContain(result.contract.detailType)
      // Of the newest major a recorded minor may be an older one.
      expect(result.event.meta).toMatchObject({ id: detail.meta.id })
      expect(result.event.meta.version.split('.')[0]).toBe(String(result.contract.major))
      expect(result.contract.readViolations(result.event.data)).toEqual([])
    },
  )

  it('hold at least one of every major that an upcaster reads', () => {
    const recorded = new Set(RECORDED.map(({ detailType }) => detailType))
    for (const { from, to } of UPCASTERS) {
      expect(recorded).toContain(from.detailType)
      expect(recorded).toContain(to.detailType)
    }
  })
})

describe('the upcasters', () => {
  it('lift one major at a time, each only once', () => {
    for (const { from, to } of UPCASTERS) expect([to.name, to.major]).toEqual([from.name, from.major + 1])
    expect(new Set(UPCASTERS.map(({ from }) => from.detailType)).size).toBe(UPCASTERS.length)
  })

  it('put every major that they read into the patterns of those who listen to the newest', () => {
    for (const { to } of UPCASTERS) {
      const lineage = lineageOf(to, UPCASTERS).map(({ detailType }) => detailType)
      expect(livePattern([to])).toMatchObject({ 'detail-type': lineage.toSorted() })
    }
  })
})
