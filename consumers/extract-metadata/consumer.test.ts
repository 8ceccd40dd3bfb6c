import { MetadataExtractedV2, type MetadataExtractedV2Data } from '../../contracts/generated/events.ts'
import { type Kind, LIMITS } from '../../contracts/limits.ts'
import { FAKE_DAMAGED as DAMAGED_PICTURE, fakeImages } from '../../ports/images/fake-images.ts'
import { FAKE_DAMAGED, FAKE_RECORDING, FAKE_VIDEO, fakeProbe } from '../../ports/probe/fake-probe.ts'
import type { MediaFacts } from '../../ports/probe/probe.ts'
import { MEDIA_ID, makeWorld } from '../runtime/world.ts'
import { consumer } from './consumer.ts'

const PNG = Buffer.from('\x89PNG\r\n\x1a\n and so on', 'latin1')

/** A media of one kind, uploaded, and the ports that the consumer has. */
async function uploaded(kind: Kind, bytes: string | Uint8Array) {
  const world = await makeWorld()
  const object = await world.objects.put(`${kind}/original/${MEDIA_ID}`, Buffer.from(bytes), { contentType: 'a/b' })
  const event = { ...world.uploaded, data: { ...world.uploaded.data, kind, object } }
  return { event, ports: { objects: world.objects, images: fakeImages(), probe: fakeProbe() } }
}

/** What is told of it; every fact of it is one that the contract takes. */
async function toldOf(kind: Kind, bytes: string | Uint8Array, facts?: MediaFacts) {
  const { event, ports } = await uploaded(kind, bytes)
  const probe = facts ? { probe: async () => ({ ok: true, facts }) as const } : ports.probe
  const outcome = await consumer.handle(event, { ...ports, probe })
  if (outcome.kind !== 'emitted') throw new Error(JSON.stringify(outcome))
  const [draft] = outcome.drafts
  expect(draft?.contract).toBe(MetadataExtractedV2)
  const data = draft?.data as MetadataExtractedV2Data
  expect(MetadataExtractedV2.writeViolations(data)).toEqual([])
  return data
}

async function refusalOf(kind: Kind, bytes: string | Uint8Array, facts?: MediaFacts) {
  const { event, ports } = await uploaded(kind, bytes)
  const probe = facts ? { probe: async () => ({ ok: true, facts }) as const } : ports.probe
  const outcome = await consumer.handle(event, { ...ports, probe })
  if (outcome.kind !== 'rejected') throw new Error(JSON.stringify(outcome))
  expect(outcome.message).toMatch(/^[A-Z].*\.$/)
  return outcome
}

const FILM: MediaFacts = {
  format: 'mp4',
  contentType: 'video/mp4',
  durationMs: 60_000,
  video: { codec: 'h264', codecParameters: 'avc1.64001f', width: 1_080, height: 1_920, rotation: 90, hdr: 'sdr' },
  audio: { codec: 'aac', channels: 2, sampleRate: 48_000 },
}

it.each(['image', 'profile'] as const)('tells what the bytes of a picture say of themselves (%s)', async (kind) => {
  expect(await toldOf(kind, 'a photo')).toMatchObject({
    mediaId: MEDIA_ID,
    kind,
    bytes: 7,
    format: 'jpeg',
    width: expect.any(Number),
  })
})

it('tells size, duration and codecs of a video, upright', async () => {
  expect(await toldOf('video', FAKE_VIDEO)).toMatchObject({ kind: 'video', format: 'mp4', video: { codec: 'h264' } })
  expect(await toldOf('video', FAKE_VIDEO, FILM)).toEqual({
    mediaId: MEDIA_ID,
    kind: 'video',
    bytes: FAKE_VIDEO.length,
    format: 'mp4',
    contentType: 'video/mp4',
    durationMs: 60_000,
    width: 1_080,
    height: 1_920,
    video: { codec: 'h264', rotation: 90, hdr: 'sdr' },
    audio: { codec: 'aac', channels: 2, sampleRate: 48_000 },
  })
})

it('tells duration and codec of a voice note', async () => {
  expect(await toldOf('voice', FAKE_RECORDING)).toMatchObject({
    kind: 'voice',
    format: 'm4a',
    durationMs: expect.any(Number),
    audio: { codec: 'aac', channels: 1 },
  })
})

it.each([
  ['a PDF', '%PDF-1.7\n1 0 obj', 'pdf', 'application/pdf'],
  ['a picture', PNG, 'png', 'image/png'],
  ['text', 'Milk, eggs and bread\n', 'text', 'text/plain'],
  ['what nobody knows', Buffer.from([0, 1, 2, 3]), 'other', 'application/octet-stream'],
])('tells the type of a file by its bytes: %s', async (_, bytes, format, contentType) => {
  expect(await toldOf('file', bytes)).toMatchObject({ kind: 'file', format, contentType })
})

it.each<[string, Kind, string | Uint8Array, string]>([
  ['a damaged picture', 'image', DAMAGED_PICTURE, 'undecodable'],
  ['a damaged video', 'video', FAKE_DAMAGED, 'undecodable'],
  ['a damaged recording', 'voice', FAKE_DAMAGED, 'undecodable'],
  ['a recording as a video', 'video', FAKE_RECORDING, 'type-mismatch'],
  ['a video as a voice note', 'voice', FAKE_VIDEO, 'type-mismatch'],
  ['a picture as a video', 'video', PNG, 'type-mismatch'],
  ['a picture as a voice note', 'voice', PNG, 'type-mismatch'],
  ['a document as a video', 'video', '%PDF-1.7', 'unsupported-type'],
])('refuses %s', async (_, kind, bytes, code) => {
  expect(await refusalOf(kind, bytes)).toMatchObject({ code })
})

it('refuses a video beyond 4K, and one of more than an hour', async () => {
  const video = { codec: 'hevc', width: 7_680, height: 4_320, rotation: 0, hdr: 'sdr' } as const
  expect(await refusalOf('video', FAKE_VIDEO, { ...FILM, video })).toMatchObject({
    code: 'too-many-pixels',
    message: expect.stringContaining('7680 × 4320'),
  })
  expect(await refusalOf('video', FAKE_VIDEO, { ...FILM, durationMs: 600 * 60_000 })).toMatchObject({
    code: 'too-long',
    message: expect.stringContaining('600 minutes and 60 are allowed'),
  })
})

it('refuses a video of which nobody knows how long it plays, and takes such a recording, which is heard through', async () => {
  const { durationMs: _, ...endless } = FILM
  expect(await refusalOf('video', FAKE_VIDEO, endless)).toMatchObject({
    code: 'undecodable',
    message: expect.stringContaining('How long the video plays'),
  })
  const { video: __, ...recording } = endless
  const told = await toldOf('voice', FAKE_RECORDING, { ...recording, format: 'm4a', contentType: 'audio/mp4' })
  expect(told).not.toHaveProperty('durationMs')
})

it.each(['image', 'video', 'voice', 'file', 'profile'] as const)(
  'refuses what is too large without reading it, and says how large it may be (%s)',
  async (kind) => {
    const { event, ports } = await uploaded(kind, 'some bytes')
    const object = { ...event.data.object, bytes: LIMITS[kind].maxBytes + 1 }
    const unread = () => Promise.reject(new Error('it was read'))
    const objects = { ...ports.objects, read: unread, readRange: unread }
    const outcome = await consumer.handle({ ...event, data: { ...event.data, object } }, { ...ports, objects })
    const allowed = `at most ${(LIMITS[kind].maxBytes / 1024 / 1024).toFixed(1)} MB`
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'too-large', message: expect.stringContaining(allowed) })
  },
)

it('leaves kinds alone that a newer producer may bring', async () => {
  const { event, ports } = await uploaded('file', 'some bytes')
  const unknown = { ...event, data: { ...event.data, kind: 'hologram' } }
  expect(await consumer.handle(unknown, ports)).toMatchObject({ kind: 'skipped' })
  const inherited = { ...event, data: { ...event.data, kind: 'constructor' } }
  expect(await consumer.handle(inherited, ports)).toMatchObject({ kind: 'skipped' })
})
