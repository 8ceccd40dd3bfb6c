import { EventContract } from '../contracts/event-contract.ts'
import { MediaReadyV1, MediaUploadedV1, ThumbnailReadyV1 } from '../contracts/generated/events.ts'
import { uploadedEvent } from './fixtures.ts'
import { inclusivePattern, isWanted, livePattern, replayPattern } from './pattern.ts'

const unmarked = { replay: { id: [{ exists: false }] } }

describe('the rule of live traffic', () => {
  it('takes the listed events that no replay brought', () => {
    expect(livePattern([ThumbnailReadyV1, MediaUploadedV1])).toEqual({
      source: ['messageai.media'],
      'detail-type': ['MediaUploaded.v1', 'ThumbnailReady.v1'],
      'replay-name': [{ exists: false }],
      detail: { meta: unmarked },
    })
  })

  it('holds conditions to their own event', () => {
    const on = [MediaUploadedV1.where({ kind: ['image'], object: { bucket: ['a', 'b'] } }), MediaReadyV1]
    expect(livePattern(on)).toEqual({
      source: ['messageai.media'],
      $or: [
        {
          'detail-type': ['MediaUploaded.v1'],
          'replay-name': [{ exists: false }],
          detail: { meta: unmarked, data: { kind: ['image'], object: { bucket: ['a', 'b'] } } },
        },
        { 'detail-type': ['MediaReady.v1'], 'replay-name': [{ exists: false }], detail: { meta: unmarked } },
      ],
    })
  })

  it('takes all of an older major that is lifted to a listed one', () => {
    const reader = () => true
    const v2 = new EventContract<{ kind: string }>({
      name: 'MediaUploaded',
      major: 2,
      minor: 0,
      dataschema: '',
      reader,
      writer: reader,
    })
    const upcasters = [{ from: MediaUploadedV1, to: v2, upcast: (data: unknown) => data }]
    expect(livePattern([v2.where({ kind: ['image'] })], upcasters)).toMatchObject({
      $or: [
        { 'detail-type': ['MediaUploaded.v2'], detail: { data: { kind: ['image'] } } },
        { 'detail-type': ['MediaUploaded.v1'], detail: { meta: unmarked } },
      ],
    })
  })

  it('is refused where it says nothing, or more than a rule takes', () => {
    expect(() => livePattern([])).toThrow('list its events in `on`')
    const kinds = Array.from({ length: 300 }, (_, index) => `kind-${index}`)
    expect(() => livePattern([MediaUploadedV1.where({ kind: kinds })])).toThrow(
      /takes 2048 characters, and this one has \d+/,
    )
  })
})

describe('the rule of a replay lane', () => {
  it('takes what the archive replays, and what was published because of a replay that names it', () => {
    const on = [MediaUploadedV1.where({ kind: ['image'] })]
    expect(replayPattern({ name: 'generate-thumbnail', on })).toEqual({
      source: ['messageai.media'],
      $or: [
        {
          'detail-type': ['MediaUploaded.v1'],
          'replay-name': [{ exists: true }],
          detail: { data: { kind: ['image'] } },
        },
        {
          'detail-type': ['MediaUploaded.v1'],
          detail: { meta: { replay: { lanes: ['generate-thumbnail'] } }, data: { kind: ['image'] } },
        },
      ],
    })
  })
})

it('takes an event whatever brought it where replays were asked for', () => {
  expect(inclusivePattern([ThumbnailReadyV1])).toEqual({
    source: ['messageai.media'],
    'detail-type': ['ThumbnailReady.v1'],
  })
})

describe('a parsed event', () => {
  const parsed = { event: uploadedEvent(7), contract: MediaUploadedV1 as EventContract }

  it.each([
    [true, [MediaUploadedV1]],
    [true, [MediaReadyV1, MediaUploadedV1.where({ kind: ['video', 'image'], object: { bytes: [42] } })]],
    [false, []],
    [false, [MediaReadyV1]],
    [false, [MediaUploadedV1.where({ kind: ['video'] })]],
    [false, [MediaUploadedV1.where({ kind: ['image'], object: { versionId: ['v8'] } })]],
  ])('is wanted: %s', (wanted, on) => {
    expect(isWanted(on, parsed)).toBe(wanted)
  })
})
