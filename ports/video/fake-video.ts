import { createHash } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { byDeadline, sooner } from '../deadline/by-deadline.ts'
import { inScratch } from '../ffmpeg/scratch.ts'
import { timesAlong } from './frames.ts'
import { type Size, sizeOn, sizeWithin } from './ladder.ts'
import type { FilmFacts, Refusal, Video, VideoFile } from './video.ts'

/** A file that starts with this is refused as undecodable, as a damaged video is. */
export const FAKE_DAMAGED = 'damaged'
/** A file that starts with this can't be taken as it is. */
export const FAKE_UNFIT = 'unfit'

const UNFIT = 'its pictures are vp9, not H.264'

/**
 * Videos without a decoder, for simulations: any file is an MP4 whose size, duration and derivatives follow from its
 * digest alone. Empty files are refused as `empty`, those that start with `FAKE_DAMAGED` as `undecodable`.
 */
export function fakeVideo(deadline?: AbortSignal): Video {
  const done = <T>(work: () => Promise<T>) => byDeadline(deadline, work)
  return {
    inScratch: (work) => inScratch(work),
    look: (file) =>
      done(async () => {
        const bytes = await readFile(file)
        return refusalOf(bytes) ?? { ok: true, facts: factsOf(bytes) }
      }),
    foresee: ({ size, read }) =>
      done(async () => {
        const head = await read(0, Math.min(size, 16))
        return refusalOf(head) ?? { ok: true, ...(startsWith(head, FAKE_UNFIT) && { unfit: UNFIT }) }
      }),
    frames: ({ file, facts }, plan) =>
      done(async () => {
        const bytes = await readFile(file)
        const size = sizeWithin(facts.video, plan.maxSide)
        const still = (atMs: number) => ({ atMs, ...size, bytes: digest(bytes, `still ${atMs}`) })
        const posterAt = facts.durationMs > plan.poster.atMs ? plan.poster.atMs : 0
        const along = timesAlong(facts.durationMs, plan.along).map(still)
        return { ok: true, poster: still(posterAt), along }
      }),
    remux: ({ file, facts }, target) =>
      done(async () => {
        const bytes = await readFile(file)
        if (startsWith(bytes, FAKE_UNFIT)) return { ok: true, unfit: UNFIT }
        return { ok: true, video: await made(bytes, 'remux', target, facts.video, facts.durationMs) }
      }),
    package: ({ pictures, sound, expected }, target) =>
      done(async () => {
        const parts = await Promise.all([...pictures, ...(sound ?? [])].map((file) => readFile(file)))
        const bytes = Buffer.concat(parts)
        return { ok: true, video: await made(bytes, 'package', target, expected, expected.durationMs) }
      }),
    encode: ({ file, facts }, rungs, fileOf) =>
      done(async () => {
        const bytes = await readFile(file)
        const videos = rungs.map((rung) =>
          made(bytes, JSON.stringify(rung), fileOf(rung), sizeOn(facts.video, rung), facts.durationMs),
        )
        return { ok: true, videos: await Promise.all(videos) }
      }),
    film: ({ file, width, height, delaysMs }, target, plan) =>
      done(async () => {
        const bytes = await readFile(file)
        const refusal = refusalOf(bytes)
        if (refusal) return refusal
        const [size, durationMs] = [sizeOn({ width, height }, { shortSide: 720 }), 1 + delaysMs.length * 100]
        const still = (atMs: number) => ({
          atMs,
          ...sizeWithin(size, plan.maxSide),
          bytes: digest(bytes, `still ${atMs}`),
        })
        const stills = timesAlong(durationMs, plan.along).map(still)
        return { ok: true, video: await made(bytes, 'film', target, size, durationMs), stills }
      }),
    until: (other) => fakeVideo(sooner(deadline, other)),
    recipe: async (settings) => digest(Buffer.from(JSON.stringify(settings)), 'fake').toString('hex', 0, 4),
  }
}

function refusalOf(bytes: Uint8Array): Refusal | undefined {
  const refused = { ok: false, fault: 'file' } as const
  if (bytes.length === 0) return { ...refused, code: 'empty', message: 'The file is empty: send the video again.' }
  if (!startsWith(bytes, FAKE_DAMAGED)) return undefined
  return { ...refused, code: 'undecodable', message: 'The video is damaged: send it again from the original.' }
}

function factsOf(bytes: Uint8Array): FilmFacts {
  const drawn = digest(bytes, 'facts')
  const [long, short] = [640 + (drawn.readUInt16BE(0) % 1_280), 200 + (drawn.readUInt16BE(2) % 440)]
  const [width, height] = drawn.readUInt8(4) % 2 === 0 ? [long, short] : [short, long]
  return {
    format: 'mp4',
    contentType: 'video/mp4',
    durationMs: 1 + (drawn.readUInt32BE(6) % 120_000),
    video: { codec: 'h264', codecParameters: 'avc1.64001f', width, height, rotation: 0, frameRate: 30, hdr: 'sdr' },
    audio: { codec: 'aac', codecParameters: 'mp4a.40.2', channels: 2, sampleRate: 48_000 },
  }
}

async function made(
  bytes: Uint8Array,
  how: string,
  file: string,
  { width, height }: Size,
  durationMs: number,
): Promise<VideoFile> {
  await writeFile(file, digest(bytes, how))
  const { size } = await stat(file)
  const bitsPerSecond = Math.round((size * 8_000) / durationMs)
  return { file, contentType: 'video/mp4', width, height, durationMs, bitsPerSecond, bytes: size }
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return Buffer.from(bytes).toString('latin1', 0, text.length) === text
}

function digest(bytes: Uint8Array, purpose: string): Buffer {
  return createHash('sha256').update(purpose).update('\0').update(bytes).digest()
}
