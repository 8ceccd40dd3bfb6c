import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LIMITS } from '../../contracts/limits.ts'
import { answerTo } from '../ffmpeg/answer.ts'
import { type Argument, input, output } from '../ffmpeg/arguments.ts'
import { runFfmpeg } from '../ffmpeg/run.ts'
import type { Context } from './context.ts'
import { AS_JPEG, scaled } from './filters.ts'
import { jpegSize } from './jpeg-size.ts'
import { type Size, sizeWithin } from './ladder.ts'
import { picturesDuration } from './look.ts'
import { nothingToSee } from './refusal.ts'
import { boundsIn } from './run-limits.ts'
import type { FramePlan, Frames, Made, SourceFile, Still } from './video.ts'

interface Wanted {
  readonly name: string
  readonly atMs: number
  /** That very picture, which takes decoding all from the keyframe before it; else the keyframe itself. */
  readonly exact: boolean
}

/** Each open input holds a decoder with its pictures: these many pixels at once stay below the memory of a function. */
const PIXELS_AT_ONCE = 3_840 * 2_160
/** A keyframe this near will do. */
const NEAR_MS = 1_500

/** A poster and stills along the video, by seeks. */
export async function frames(context: Context, source: SourceFile, plan: FramePlan): Promise<Frames> {
  const size = sizeWithin(source.facts.video, plan.maxSide)
  const lasts = await picturesLast(context, source)
  if (!lasts.ok) return lasts
  const { durationMs } = lasts
  const posterAt = durationMs > plan.poster.atMs ? plan.poster.atMs : 0
  const along = timesAlong(durationMs, plan.along).map((atMs, index) => ({ name: `along-${index}`, atMs }))

  const first = await take(context, source, size, [
    { name: 'poster', atMs: posterAt, exact: true },
    ...along.map((wanted) => ({ ...wanted, exact: false })),
  ])
  if (!first.ok) return first
  // Where keyframes lie far apart, what happens between them has to be decoded: a glance at those alone could be led by.
  const far = along.filter(({ name, atMs }) => {
    const still = first.stills.get(name)
    return still === undefined || Math.abs(still.atMs - atMs) > NEAR_MS
  })
  const second = await take(context, source, size, [
    ...far.map((wanted) => ({ ...wanted, exact: true })),
    ...(first.stills.has('poster') ? [] : [{ name: 'poster', atMs: 0, exact: true }]),
  ])
  if (!second.ok) return second

  const stills = new Map([...first.stills, ...second.stills])
  const different = new Map(along.flatMap(({ name }) => stills.get(name) ?? []).map((still) => [still.atMs, still]))
  const found = [...different.values()].sort((a, b) => a.atMs - b.atMs)
  const poster = stills.get('poster') ?? found[0]
  if (poster === undefined) return nothingToSee()
  return { ok: true, poster, along: found.length > 0 ? found : [poster] }
}

/** The sound of a film may go on for hours after its pictures: beyond them there is nothing to take. */
async function picturesLast(
  context: Context,
  { file, facts: { audio, video, durationMs } }: SourceFile,
): Promise<Made<{ readonly durationMs: number }>> {
  if (video.durationMs !== undefined) return { ok: true, durationMs: video.durationMs }
  return audio === undefined ? { ok: true, durationMs } : picturesDuration(context, file)
}

/** The middle of each of so many equal parts. */
export function timesAlong(durationMs: number, { everyMs, atLeast, atMost }: FramePlan['along']): number[] {
  const count = Math.min(atMost, Math.max(atLeast, Math.ceil(durationMs / everyMs)))
  return Array.from({ length: count }, (_, index) => Math.floor((durationMs * (index + 0.5)) / count))
}

/** Of its files. ffmpeg leaves what lies there where it finds no picture: an earlier try's would be taken for this one's. */
function stemOf({ name, exact }: Wanted): string {
  return exact ? `${name}-exact` : `${name}-keyframe`
}

type Taken = Made<{ readonly stills: ReadonlyMap<string, Still> }>

/** What of the wanted can be had, so many at once; a time at which nothing can be decoded is left out. */
async function take(
  context: Context,
  source: SourceFile,
  size: Size,
  wanted: readonly Wanted[],
  atOnce = Math.max(1, Math.floor(PIXELS_AT_ONCE / (source.facts.video.width * source.facts.video.height))),
): Promise<Taken> {
  const stills = new Map<string, Still>()
  for (let at = 0; at < wanted.length; at += atOnce) {
    const taken = await takeTogether(context, source, size, wanted.slice(at, at + atOnce))
    if (!taken.ok) return taken
    for (const [name, still] of taken.stills) stills.set(name, still)
  }
  return { ok: true, stills }
}

async function takeTogether(
  context: Context,
  source: SourceFile,
  size: Size,
  wanted: readonly Wanted[],
): Promise<Taken> {
  const ran = await runFfmpeg(context.ffmpeg, words(context, source, size, wanted), {
    ...boundsIn(context, source.scratch),
    maxFileBytes: 20_000_000,
    maxMemoryMb: 2_048,
  })
  // One damaged place spoils the whole run: each is tried for itself then.
  if (!ran.ok && ran.fault === 'file' && ran.code === 'undecodable') {
    if (wanted.length > 1) return take(context, source, size, wanted, 1)
    return { ok: true, stills: new Map() }
  }
  if (!ran.ok) return answerTo(ran)
  const stills = new Map<string, Still>()
  for (const one of wanted) {
    const still = await readStill(source.scratch, one, size)
    if (still) stills.set(one.name, still)
  }
  return { ok: true, stills }
}

function words({ ffmpeg }: Context, { file, facts }: SourceFile, size: Size, wanted: readonly Wanted[]): Argument[] {
  const has = { zscale: ffmpeg.found && ffmpeg.has.zscale }
  return [
    // Times as the file has them, counted from its start, so that each picture tells where it is.
    ...['-copyts', '-start_at_zero'],
    ...wanted.map(({ atMs, exact }) =>
      input(file, [
        ...(exact ? [] : ['-threads', '1', '-skip_frame', 'nokey', '-noaccurate_seek']),
        // Where the pictures begin after the sound, Matroska finds none before them by a seek to its begin.
        ...(atMs > 0 ? ['-ss', String(atMs / 1_000)] : []),
      ]),
    ),
    ...wanted.map((one, index) =>
      output(`${stemOf(one)}.jpg`, LIMITS.video.maxSeconds, [
        ...['-map', `${index}:V:0`, '-frames:v', '1'],
        ...['-vf', `${told(one)},${scaled(size, facts, has)},${AS_JPEG}`],
        // With threads, each encoder of many could no longer be opened within the memory that a run may have.
        ...['-threads', '1', '-c:v', 'mjpeg', '-q:v', '3', '-flags:v', '+bitexact', '-f', 'image2', '-update', '1'],
      ]),
    ),
  ]
}

/** Writes the picture's time into a file; `metadata` prints nothing of a picture that has none, so it gets some. */
function told(wanted: Wanted): string {
  return `metadata=mode=add:key=still:value=1,metadata=mode=print:key=still:file=${stemOf(wanted)}.txt`
}

async function readStill(scratch: string, wanted: Wanted, size: Size): Promise<Still | undefined> {
  const [bytes, text] = await Promise.all([
    readFile(join(scratch, `${stemOf(wanted)}.jpg`)).catch(absent),
    readFile(join(scratch, `${stemOf(wanted)}.txt`), 'utf8').catch(absent),
  ])
  if (bytes === undefined || bytes.length === 0) return undefined
  if (!hasItsEnd(bytes)) throw new Error(`ffmpeg made a still of ${bytes.length} bytes that lacks its end`)
  const found = jpegSize(bytes)
  if (found?.width !== size.width || found.height !== size.height) {
    throw new Error(
      `ffmpeg made a still of ${found?.width} × ${found?.height} instead of ${size.width} × ${size.height}`,
    )
  }
  const [, seconds] = /pts_time:(-?[\d.]+)/.exec(text ?? '') ?? []
  const shownAt = seconds === undefined ? wanted.atMs : Math.max(0, Math.round(Number(seconds) * 1_000))
  return { atMs: shownAt, ...size, bytes: new Uint8Array(bytes) }
}

function hasItsEnd(jpeg: Buffer): boolean {
  return jpeg.subarray(-2).toString('hex') === 'ffd9'
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
  return undefined
}
