import { MediaUploadedV1 } from '../contracts/generated/events.ts'
import { ContractViolation, createEvent, detailTypeOf, type Origin, withReplay } from './envelope.ts'

const MEDIA = '5f0c6a52-0b57-5d3c-9a3f-2f1a5d0c7e11'
const uploaded = {
  mediaId: MEDIA,
  kind: 'image',
  contentType: 'image/jpeg',
  object: { bucket: 'messageai-media-dev', key: `images/original/${MEDIA}`, versionId: 'v1', etag: 'e1', bytes: 42 },
}
const origin: Origin = {
  id: 'b1f6a0c4-6f2f-5a55-9f5e-5a3d1c9a7b20',
  time: Date.UTC(2026, 2, 1, 10),
  subject: MEDIA,
  run: '0.0',
  correlationId: 'b1f6a0c4-6f2f-5a55-9f5e-5a3d1c9a7b20',
  causationId: 'b1f6a0c4-6f2f-5a55-9f5e-5a3d1c9a7b20',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
}
const mark = { id: 'backfill', mode: 'default', epoch: 0 }

function violationsOf(make: () => unknown): readonly string[] {
  try {
    make()
  } catch (error) {
    if (error instanceof ContractViolation) return error.violations.map(({ pointer }) => pointer)
    throw error
  }
  return []
}

describe('an event', () => {
  it('carries the names, version and schema of its contract, and the time as text', () => {
    const event = createEvent(MediaUploadedV1, uploaded, origin)
    expect(event).toEqual({
      meta: {
        ...origin,
        type: 'MediaUploaded',
        version: MediaUploadedV1.version,
        time: '2026-03-01T10:00:00.000Z',
        dataschema: 'https://contracts.messageai.media/events/media-uploaded/v1.schema.json',
      },
      data: uploaded,
    })
    expect(detailTypeOf(event)).toBe('MediaUploaded.v1')
  })

  it('names its actor and its replay where there are any', () => {
    const { meta } = createEvent(MediaUploadedV1, uploaded, { ...origin, actor: '8Yd0fXqzj1aS', replay: mark })
    expect(meta).toMatchObject({ actor: '8Yd0fXqzj1aS', replay: mark })
  })

  it.each([
    ['/data/ownerId', { ...uploaded, ownerId: 'uid' }, origin],
    ['/data/object/bytes', { ...uploaded, object: { ...uploaded.object, bytes: 1.5 } }, origin],
    ['/data/mediaId', { ...uploaded, mediaId: MEDIA.toUpperCase() }, origin],
    ['/data/mediaId', { ...uploaded, mediaId: `urn:uuid:${MEDIA}` }, origin],
    ['/data/kind', { ...uploaded, kind: 'hologram' }, origin],
    ['/meta/id', uploaded, { ...origin, id: 'first' }],
    ['/meta/run', uploaded, { ...origin, run: '01.0' }],
    ['/meta/actor', uploaded, { ...origin, actor: 'jane@example.com' }],
    ['/meta/traceparent', uploaded, { ...origin, traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` }],
    ['/meta/time', uploaded, { ...origin, time: Number.NaN }],
    ['/meta/replay/mode', uploaded, { ...origin, replay: { ...mark, mode: 'twice' } }],
  ])('that breaks its contract is refused at %s', (pointer, data, from) => {
    expect(violationsOf(() => createEvent(MediaUploadedV1, data, from))).toEqual([pointer])
  })

  it('names every part that is at fault, in a sentence', () => {
    expect(() => createEvent(MediaUploadedV1, { ...uploaded, kind: '' }, { ...origin, run: '0' })).toThrow(
      /^MediaUploaded\.v1: \/meta\/run must match pattern .*; \/data\/kind must be equal to one of the allowed values$/,
    )
  })
})

describe('a replay mark', () => {
  const event = createEvent(MediaUploadedV1, uploaded, origin)

  it('replaces an earlier one and leaves everything else', () => {
    const marked = withReplay(withReplay(event, { ...mark, id: 'earlier' }), mark)
    expect(marked).toEqual({ ...event, meta: { ...event.meta, replay: mark } })
  })

  it('is taken off where there is no replay', () => {
    expect(withReplay(withReplay(event, mark), undefined)).toEqual(event)
    expect('replay' in withReplay(event, undefined).meta).toBe(false)
  })
})
