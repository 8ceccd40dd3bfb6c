import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { readPlan } from '../../infra/local/mediaconvert/read-plan.ts'
import { transcode } from '../../infra/local/mediaconvert/transcode.ts'
import type { InProcessObjects } from '../../infra/local/s3/in-process.ts'
import { jobSettings } from '../../ports/transcoder/job-settings.ts'
import { jobTemplateSettings, modifierOf } from '../../ports/transcoder/job-template.ts'
import { LADDER, ladderFor, OUTPUT_NAMES, type Rung } from '../../ports/transcoder/ladder.ts'
import { liveVideo } from '../../ports/video/live-video.ts'
import type { Video } from '../../ports/video/video.ts'
import { cpuSeconds } from '../../tests/handling/cpu-seconds.ts'
import { median } from '../bus/measure.ts'
import { ffmpegNow, phoneVideo } from './clips.ts'
import { faster, near, type Row, told } from './table.ts'

const SECONDS = 20
const SOURCE = { width: 1920, height: 1080, frameRate: 30, hdr: false, hasSound: true }
const RUNGS = ladderFor(SOURCE)
/** What compress-video makes single files of. */
const FILES = RUNGS.filter(({ height }) => height <= 720)

/** Odd: of these the median counts. */
const TURNS = 3

/**
 * A stream's ladder, its stills and the single files, against a process for each of them and against the encoders alone.
 * A shared machine's speed comes and goes within minutes: what is held to a narrow limit is measured beside it, in turns.
 */
export async function videoRows(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'messageai-video-'))
  try {
    const source = await phoneVideo(folder, SECONDS)
    const say = async (what: string, work: () => Promise<unknown>): Promise<number> => {
      process.stderr.write(`video: ${what} `)
      const seconds = await cpuSeconds(work)
      process.stderr.write(`${seconds.toFixed(1)} s\n`)
      return seconds
    }
    const video = liveVideo(process.env)
    // The first use looks for ffmpeg, once in the life of a function.
    await video.recipe('warm')
    const ready = rawPictures(source, folder)
    const turns: { readonly ours: number[]; readonly other: number[] } = { ours: [], other: [] }
    const files: number[] = []
    for (let turn = 0; turn < TURNS; turn++) {
      const ladder = await say('the ladder, in one pass', () => ladderAndStills(source, folder))
      files.push(await say('single files of it', () => singleFiles(video, folder)))
      turns.ours.push(ladder + (files.at(-1) ?? 0))
      turns.other.push(await say('one decode, and the encoders alone', async () => bareEncodes(source, ready, folder)))
    }
    const copied = await say('the single file of the source itself', () => copiedFile(video, source))
    const apart = await say('a process each', async () => apartFrom(source, folder))
    const whole = { ours: [median(turns.ours) + copied], other: [apart] }
    return [
      faster('ladder, stills, four single files: a process each', whole, 3),
      near('without the 1080p file: one decode and bare encodes', turns, 1.1),
      told('   of which three single files, from the stream', median(files).toFixed(2)),
      told('   and the one of 1080p, copied from the source', copied.toFixed(2)),
      ...RUNGS.map((rung) =>
        told(
          `   ${rung.name}, SSIM; ${sizes(folder, rung)}`,
          ssim(join(folder, 'out', cmaf(rung.name)), source, rung),
          ssim(join(folder, `apart-${rung.name}.mp4`), source, rung),
        ),
      ),
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What the transcoder calls a rendition's file, and that of the sound. */
const cmaf = (name: string) => `${OUTPUT_NAMES.base}${modifierOf(name)}.cmf${name === 'audio' ? 'a' : 'v'}`

/** As the local transcoder does the very job that the product orders. */
async function ladderAndStills(source: string, folder: string): Promise<void> {
  const order = { source: { bucket: 'media', key: 'source' }, output: { bucket: 'media', prefix: '' }, video: SOURCE }
  const settings = jobSettings(jobTemplateSettings(), order as Parameters<typeof jobSettings>[1])
  const scratch = mkdtempSync(join(folder, 'job-'))
  mkdirSync(join(folder, 'out'), { recursive: true })
  await transcode(readPlan(asOnTheWire(settings) as Record<string, unknown>), {
    ffmpeg: 'ffmpeg',
    objects: filesIn(source, join(folder, 'out')),
    folder: scratch,
    signal: new AbortController().signal,
    onSource: () => {},
    onProgress: () => {},
  })
}

/** The SDK writes the names of members small; names that people chose, as of a selector, have blanks. */
function asOnTheWire(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asOnTheWire)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      /^\w+$/.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name,
      asOnTheWire(inner),
    ]),
  )
}

/** A bucket with one object in it, which keeps the last part of what is put under a key. */
function filesIn(source: string, out: string): InProcessObjects {
  const object = { bucket: 'media', key: 'source', versionId: '1', size: statSync(source).size, etag: '', path: source }
  return {
    find: () => object,
    tag: () => true,
    hasBucket: () => true,
    put: async (_bucket, key, path) => copyFileSync(path, join(out, basename(key))),
  }
}

async function singleFiles(video: Video, folder: string): Promise<void> {
  for (const { name, width, height } of FILES) {
    await video.inScratch(async (scratch) => {
      const made = await video.package(
        {
          scratch,
          pictures: [join(folder, 'out', cmaf(name))],
          sound: [join(folder, 'out', cmaf('audio'))],
          expected: { durationMs: SECONDS * 1000, width, height },
        },
        join(scratch, `${name}.mp4`),
      )
      if (!made.ok) throw new Error(made.message)
    })
  }
}

/** As remux-video does. */
async function copiedFile(video: Video, source: string): Promise<void> {
  await video.inScratch(async (scratch) => {
    const looked = await video.look(source)
    if (!looked.ok) throw new Error(looked.message)
    const copied = await video.remux({ file: source, scratch, facts: looked.facts }, join(scratch, 'source.mp4'))
    if (!copied.ok || 'unfit' in copied) throw new Error('it can not be copied')
  })
}

const LOUDNESS = ['-af', 'loudnorm=I=-16:TP=-1.5:LRA=11,aresample=48000', '-ac', '2', '-c:a', 'aac', '-b:a', '128k']

function h264({ maxBitrate }: Rung): string[] {
  return [
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'high', '-crf', '23', '-pix_fmt', 'yuv420p'],
    ...['-maxrate', String(maxBitrate), '-bufsize', String(maxBitrate * 2)],
    ...['-force_key_frames', 'expr:gte(t,n_forced*2)', '-sc_threshold', '0', '-g', '60'],
  ]
}

/** As tutorials do it: each rendition of the stream, each single file, the poster and the stills by an ffmpeg of its own. */
function apartFrom(source: string, folder: string): void {
  const scale = ({ width, height }: Rung) => ['-vf', `scale=${width}:${height}:flags=bicubic`]
  for (const rung of RUNGS) {
    const segments = ['-hls_time', '4', '-hls_segment_type', 'fmp4', '-hls_playlist_type', 'vod']
    const file = join(folder, `hls-${rung.name}.m3u8`)
    ffmpegNow(['-i', source, ...scale(rung), ...h264(rung), ...LOUDNESS, ...segments, file])
  }
  for (const rung of RUNGS) {
    const file = join(folder, `apart-${rung.name}.mp4`)
    ffmpegNow(['-i', source, ...scale(rung), ...h264(rung), ...LOUDNESS, '-movflags', '+faststart', file])
  }
  ffmpegNow(['-ss', '1', '-i', source, '-frames:v', '1', join(folder, 'poster.jpg')])
  const every = `fps=1/${LADDER.frames.everySeconds},scale=-2:${LADDER.frames.shortSide}`
  ffmpegNow(['-i', source, '-vf', every, join(folder, 'still-%d.jpg')])
}

/** Pictures of each size as they lie before an encoder. */
function rawPictures(source: string, folder: string): ReadonlyMap<string, string> {
  return new Map(
    RUNGS.map((rung) => {
      const file = join(folder, `${rung.name}.yuv`)
      const raw = ['-an', '-vf', `scale=${rung.width}:${rung.height}`, '-pix_fmt', 'yuv420p', '-f', 'rawvideo']
      ffmpegNow(['-i', source, ...raw, file])
      return [rung.name, file]
    }),
  )
}

function bareEncodes(source: string, ready: ReadonlyMap<string, string>, folder: string): void {
  ffmpegNow(['-i', source, '-an', '-f', 'null', '-'])
  ffmpegNow(['-i', source, '-vn', '-c:a', 'aac', '-b:a', '128k', '-f', 'mp4', join(folder, 'bare.m4a')])
  for (const rung of RUNGS) {
    const raw = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${rung.width}x${rung.height}`, '-r', '30']
    ffmpegNow([
      ...raw,
      '-i',
      ready.get(rung.name) ?? '',
      ...h264(rung),
      '-f',
      'mp4',
      join(folder, `bare-${rung.name}.mp4`),
    ])
  }
}

function sizes(folder: string, rung: Rung): string {
  const kilobytes = Math.round(statSync(join(folder, 'out', cmaf(rung.name))).size / 1000)
  return `${kilobytes} kB of pictures`
}

/** Structural similarity with the source, scaled as best as can be. */
function ssim(file: string, source: string, { width, height }: Rung): string {
  const compare = `[1:v]scale=${width}:${height}:flags=lanczos[r];[0:v][r]ssim`
  const words = ['-hide_banner', '-nostdin', '-i', file, '-i', source, '-an', '-lavfi', compare, '-f', 'null', '-']
  const { stderr } = spawnSync('ffmpeg', words, { encoding: 'utf8' })
  return /All:([\d.]+)/.exec(stderr)?.[1] ?? ''
}
