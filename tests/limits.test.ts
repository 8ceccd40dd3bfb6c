import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { consumer as extractMetadata } from '../consumers/extract-metadata/consumer.ts'
import { makeWorld } from '../consumers/runtime/world.ts'
import { type Kind, LIMITS } from '../contracts/limits.ts'
import { sharpImages } from '../ports/images/sharp-images.ts'
import { mediabunnyProbe } from '../ports/probe/mediabunny-probe.ts'
import type { AudioFacts, MediaFacts, VideoFacts } from '../ports/probe/probe.ts'
import { apiRequest } from '../producers/client-actions/fixtures.ts'
import { checkUploadRequest } from '../producers/client-actions/generate-presigned-url/body.ts'
import { type Checked, PROBLEMS } from '../producers/client-actions/problem.ts'
import { idempotencyKeyOf, jsonBodyOf } from '../producers/client-actions/request.ts'
import { gif } from './fixtures/gif.ts'
import { mp4 } from './fixtures/mp4.ts'
import { blackPng } from './fixtures/png.ts'
import { scene } from './fixtures/scene.ts'
import { ROOT } from './program.ts'

/** What is said of something that is larger than its limit by so much: by nothing, or by one. */
type Answer = (more: 0 | 1) => Promise<string> | string

/** What the first step to see a file says of it: of its bytes, or of what a film or a recording says of itself. */
async function fileAnswer(kind: Kind, file: Uint8Array | Partial<MediaFacts>): Promise<string> {
  const world = await makeWorld(file instanceof Uint8Array ? file : Buffer.from('a file'))
  const facts: MediaFacts = { format: 'mp4', contentType: 'video/mp4', ...(file instanceof Uint8Array ? {} : file) }
  const probe = file instanceof Uint8Array ? mediabunnyProbe() : { probe: async () => ({ ok: true, facts }) as const }
  const event = { ...world.uploaded, data: { ...world.uploaded.data, kind } }
  const outcome = await extractMetadata.handle(event, { objects: world.objects, images: sharpImages(), probe })
  return outcome.kind === 'rejected' ? `rejected as ${outcome.code}` : outcome.kind
}

const statusOf = (checked: Checked<unknown>) =>
  checked.ok ? 'accepted' : String(PROBLEMS[checked.problem.code].status)

const uploadAnswer = (kind: Kind, change: Readonly<Record<string, unknown>>) =>
  statusOf(
    checkUploadRequest({
      kind,
      contentType: LIMITS[kind].contentTypes[0].replace('*/*', 'text/plain'),
      bytes: 1,
      ...(kind !== 'profile' && { conversationId: 'c' }),
      ...change,
    }),
  )

const SOUND: AudioFacts = { codec: 'aac', channels: 1, sampleRate: 48_000 }
const PICTURES: VideoFacts = { codec: 'h264', width: 320, height: 240, rotation: 0, hdr: 'sdr' }

function ofUploads(kind: Kind): Readonly<Record<string, Answer>> {
  return {
    [`${kind}.maxBytes`]: (more) => uploadAnswer(kind, { bytes: LIMITS[kind].maxBytes + more }),
    ...(kind !== 'file' && {
      [`${kind}.contentTypes`]: (more) => uploadAnswer(kind, more ? { contentType: 'text/plain' } : {}),
    }),
  }
}

function ofPictures(kind: 'image' | 'profile'): Readonly<Record<string, Answer>> {
  const { maxPixels, maxFrames, maxTotalPixels, maxDecoderBytes } = LIMITS[kind]
  return {
    ...ofUploads(kind),
    [`${kind}.maxPixels`]: (more) => fileAnswer(kind, blackPng(10_000, maxPixels / 10_000 + more)),
    [`${kind}.maxFrames`]: (more) => fileAnswer(kind, gif(maxFrames + more)),
    [`${kind}.maxTotalPixels`]: (more) =>
      fileAnswer(kind, gif(maxTotalPixels / 1_000_000 + more, { width: 1_000, height: 1_000 })),
    // An AVIF takes twenty bytes a pixel.
    [`${kind}.maxDecoderBytes`]: async (more) =>
      fileAnswer(kind, await avif(8_192, maxDecoderBytes / 20 / 8_192 + more)),
  }
}

function ofPlayables(kind: 'video' | 'voice', own: Partial<MediaFacts>): Readonly<Record<string, Answer>> {
  return {
    ...ofUploads(kind),
    [`${kind}.maxSeconds`]: (more) => fileAnswer(kind, { ...own, durationMs: LIMITS[kind].maxSeconds * 1_000 + more }),
  }
}

const ANSWERS: Readonly<Record<string, Answer>> = {
  ...ofPictures('image'),
  ...ofPictures('profile'),
  ...ofPlayables('video', { video: PICTURES }),
  'video.maxPixels': (more) =>
    fileAnswer('video', {
      durationMs: 1_000,
      video: { ...PICTURES, width: 3_840, height: LIMITS.video.maxPixels / 3_840 + more },
    }),
  'video.maxTracks': (more) =>
    fileAnswer('video', mp4({ tracks: Array.from({ length: LIMITS.video.maxTracks + more }, () => ({})) })),
  ...ofPlayables('voice', { audio: SOUND }),
  'voice.maxTracks': (more) => fileAnswer('voice', { audio: SOUND, tracks: LIMITS.voice.maxTracks + more }),
  ...ofUploads('file'),
  'file.fileNameMaxLength': (more) => uploadAnswer('file', { fileName: 'a'.repeat(1_024 + more) }),
  'request.maxBodyBytes': (more) =>
    statusOf(jsonBodyOf({ body: `"${'a'.repeat(LIMITS.request.maxBodyBytes - 2 + more)}"`, isBase64Encoded: false })),
  'request.idempotencyKeyMaxLength': (more) =>
    statusOf(
      idempotencyKeyOf(
        apiRequest({
          method: 'POST',
          path: '/media/upload',
          resource: '/media/upload',
          headers: { 'Idempotency-Key': 'k'.repeat(LIMITS.request.idempotencyKeyMaxLength + more) },
        }),
      ),
    ),
}

/** An AVIF that says that it is as large. */
async function avif(width: number, height: number): Promise<Buffer> {
  const bytes = await scene().avif({ effort: 0 }).toBuffer()
  // ImageSpatialExtentsProperty: name, version and flags, then width and height.
  const extents = bytes.indexOf('ispe')
  bytes.writeUInt32BE(width, extents + 8)
  bytes.writeUInt32BE(height, extents + 12)
  return bytes
}

/** What docs/limits.md says happens above each limit, where it names a refusal. */
const TOLD = [
  ...readFileSync(join(ROOT, 'docs/limits.md'), 'utf8').matchAll(/^\| `([\w.]+)` \|[^|]*\| (.*) \|$/gm),
].flatMap(([, limit = '', sentence = '']) => {
  const [, code, status] = /rejected as `([a-z-]+)`|(?:^|answers |, )(4\d\d)\b/.exec(sentence) ?? []
  const told = code === undefined ? status : `rejected as ${code}`
  return told === undefined ? [] : [{ limit, told }]
})

it('tells of every refusal that is tried here, and no other', () => {
  expect(TOLD.map(({ limit }) => limit).sort()).toEqual(Object.keys(ANSWERS).sort())
})

it.each(TOLD)(
  'what is beyond $limit is $told, as docs/limits.md has it, and what is just within is not',
  async ({ limit, told }) => {
    expect(await ANSWERS[limit]?.(1)).toBe(told)
    expect(await ANSWERS[limit]?.(0)).toMatch(/^(accepted|emitted)$/)
  },
)
