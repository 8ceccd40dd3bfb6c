import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { InProcessObjects } from '../s3/index.ts'
import { type Command, captureStem, ladderCommand, outputRate, renditionFile, soundCommand } from './command.ts'
import { dashManifest } from './dash.ts'
import { reasonIn, runFfmpeg } from './ffmpeg.ts'
import { readFragments } from './fragments.ts'
import { masterPlaylist, mediaPlaylist } from './hls.ts'
import type { CaptureGroupPlan, CapturePlan, Destination, Plan, Size, StreamPlan } from './plan.ts'
import { averageBitrate, durationOf, type Rendition, segmentsOf } from './rendition.ts'
import { inspectSource, type Source } from './source.ts'
import { delayFragments, markStart } from './timing.ts'
import { TranscodeError } from './transcode-error.ts'

/** What one group of outputs became. */
export interface GroupResult {
  readonly type: 'CMAF_GROUP' | 'FILE_GROUP'
  /** `s3://…`: of what tells of all outputs. */
  readonly playlists: readonly string[]
  readonly outputs: readonly OutputResult[]
}

export interface OutputResult {
  /** `s3://…`: a group's playlists name the rest. */
  readonly paths: readonly string[]
  readonly durationMs: number
  readonly video: (Size & { readonly averageBitrate?: number }) | undefined
}

export type Phase = 'PROBING' | 'TRANSCODING' | 'UPLOADING'

export interface TranscodeOptions {
  readonly ffmpeg: string
  readonly objects: InProcessObjects
  /** Empty and the job's own; whoever made it removes it. */
  readonly folder: string
  readonly signal: AbortSignal
  readonly onSource: (source: Source) => void
  /** Percent of the phase. */
  readonly onProgress: (phase: Phase, percent: number, frames: number) => void
}

/** Slower than a tenth of playing speed, beside a minute to begin with, nothing ends. */
const SLOWEST = 10
const GRACE_MS = 60_000
/** Whatever an input says of its length. */
const LONGEST_MS = 4 * 3_600_000

/**
 * Does what a plan says, from the input's object to the outputs' objects; nothing is stored before all is encoded.
 * @throws TranscodeError where it can't be done; whatever else is a fault of this program's.
 */
export async function transcode(plan: Plan, options: TranscodeOptions): Promise<readonly GroupResult[]> {
  const { ffmpeg, objects, folder, signal } = options
  options.onProgress('PROBING', 0, 0)
  const { bucket, key, uri } = plan.input
  const object = objects.find(bucket, key)
  if (!object) throw new TranscodeError(1010, `Unable to open input file [${uri}]: [there is no such object]`)
  for (const { destination } of plan.groups) {
    if (!objects.hasBucket(destination.bucket))
      throw new TranscodeError(1404, `Unable to write to [s3://${destination.bucket}]: there is no such bucket`)
  }
  const source = await inspectSource(ffmpeg, plan.input, { input: object.path, folder, signal })
  options.onSource(source)
  if (!source.audio && plan.groups.some(({ outputs }) => outputs.some(({ kind }) => kind === 'audio')))
    throw new TranscodeError(1030, 'An output asks for sound, and the input has none')

  await encode(ladderCommand(plan.input, plan.groups, source), source, object.path, options)
  await matchSound(plan, source, object.path, options)
  signal.throwIfAborted()

  const upload = uploader(options)
  const results: GroupResult[] = []
  for (const [index, group] of plan.groups.entries()) {
    options.onProgress('UPLOADING', Math.round((100 * index) / plan.groups.length), 0)
    results.push(
      group.kind === 'stream'
        ? await storeStream(group, index, source, folder, upload)
        : await storeCaptures(group, index, source, folder, upload),
    )
  }
  return results
}

/** Players are told that both end together: what one packet of sound is long. */
const SOUND_STEP_SECONDS = 0.02

/** How long pictures last is known for sure once they are made: where it was foreseen otherwise, the sound is made anew. */
async function matchSound(plan: Plan, source: Source, input: string, options: TranscodeOptions): Promise<void> {
  const place = plan.groups
    .flatMap(({ outputs }, group) => outputs.map(({ kind }, output) => ({ kind, group, output })))
    .find(({ kind }) => kind === 'video')
  if (place === undefined) return
  const { fragments } = await readFragments(join(options.folder, renditionFile(place)))
  const durationSeconds = fragments.reduce((sum, { seconds }) => sum + seconds, 0)
  if (Math.abs(durationSeconds - source.durationSeconds) <= SOUND_STEP_SECONDS) return
  const command = soundCommand(plan.groups, { ...source, durationSeconds })
  if (command) await encode(command, source, input, { ...options, onProgress: () => {} })
}

async function encode(command: Command, source: Source, input: string, options: TranscodeOptions): Promise<void> {
  const { ffmpeg, folder, signal } = options
  const end = await runFfmpeg(ffmpeg, {
    ...command,
    input,
    folder,
    signal,
    timeoutMs: Math.min(GRACE_MS + source.durationSeconds * 1000 * SLOWEST, LONGEST_MS),
    onProgress({ seconds, frames }) {
      const percent = Math.floor((100 * seconds) / source.durationSeconds)
      options.onProgress('TRANSCODING', Math.min(Math.max(percent, 0), 99), frames)
    },
  })
  signal.throwIfAborted()
  if (end.ok) return
  if (end.why === 'too-slow') throw new TranscodeError(1999, 'The input takes too long to transcode')
  if (end.why === 'too-large') throw new TranscodeError(1999, 'An output became larger than its bit rate allows')
  throw new TranscodeError(1999, `The input can't be transcoded: [${reasonIn(end.log.split('\n'))}]`)
}

type Upload = (destination: Destination, name: string, file: string, contentType: string) => Promise<string>

function uploader({ objects, signal }: TranscodeOptions): Upload {
  return async ({ bucket, prefix }, name, file, contentType) => {
    signal.throwIfAborted()
    await objects.put(bucket, `${prefix}${name}`, file, contentType)
    return `s3://${bucket}/${prefix}${name}`
  }
}

async function storeStream(
  group: StreamPlan,
  index: number,
  source: Source,
  folder: string,
  upload: Upload,
): Promise<GroupResult> {
  const { destination, segmentSeconds } = group
  const frameRate = outputRate(
    group.outputs.flatMap((plan) => (plan.kind === 'video' ? [{ plan }] : [])),
    source,
  )
  const renditions: Rendition[] = []
  const waits = await Promise.all(
    group.outputs.map((plan, output) =>
      plan.kind === 'video' ? markStart(join(folder, renditionFile({ group: index, output }))) : 0,
    ),
  )
  for (const [output, plan] of group.outputs.entries()) {
    const path = join(folder, renditionFile({ group: index, output }))
    const name = `${destination.base}${plan.modifier}`
    const isVideo = plan.kind === 'video'
    if (!isVideo) await delayFragments(path, Math.max(...waits))
    const file = await readFragments(path)
    const rendition: Rendition = {
      playlist: `${name}.m3u8`,
      media: `${name}.${isVideo ? 'cmfv' : 'cmfa'}`,
      file,
      segments: segmentsOf(file, segmentSeconds),
      video: isVideo ? { size: plan.size ?? evenSize(source), frameRate } : undefined,
      audioGroup: isVideo ? undefined : plan.groupId,
    }
    checkDuration(rendition, source)
    renditions.push(rendition)
    await upload(destination, rendition.media, path, isVideo ? 'video/mp4' : 'audio/mp4')
  }

  const write = async (name: string, text: string, contentType: string): Promise<string> => {
    const path = join(folder, 'text')
    await writeFile(path, text)
    return upload(destination, name, path, contentType)
  }
  const playlists: string[] = []
  // What tells of the others comes last: whoever finds it finds them too.
  if (group.dash) {
    const text = dashManifest(renditions, segmentSeconds)
    playlists.push(await write(`${destination.base}.mpd`, text, 'application/dash+xml'))
  }
  if (group.hls) {
    for (const rendition of renditions) await write(rendition.playlist, mediaPlaylist(rendition), HLS)
    playlists.push(await write(`${destination.base}.m3u8`, masterPlaylist(renditions), HLS))
  }
  return {
    type: 'CMAF_GROUP',
    playlists,
    outputs: renditions.map((rendition) => ({
      paths: [],
      durationMs: Math.round(durationOf(rendition) * 1000),
      video: rendition.video && { ...rendition.video.size, averageBitrate: averageBitrate(rendition) },
    })),
  }
}

const HLS = 'application/vnd.apple.mpegurl'

/** ffmpeg ends well where a damaged input makes it stop early. */
function checkDuration(rendition: Rendition, { durationSeconds, frameRate }: Source): void {
  const made = durationOf(rendition)
  const tolerance = 0.5 + (2 * frameRate.denominator) / frameRate.numerator
  if (Math.abs(made - durationSeconds) <= tolerance) return
  throw new TranscodeError(
    1999,
    `Of ${durationSeconds.toFixed(3)} s of input ${made.toFixed(3)} s could be transcoded: it is damaged`,
  )
}

const evenSize = ({ size }: Source): Size => ({ width: size.width & ~1, height: size.height & ~1 })

async function storeCaptures(
  { destination, outputs }: CaptureGroupPlan,
  group: number,
  source: Source,
  folder: string,
  upload: Upload,
): Promise<GroupResult> {
  const results: OutputResult[] = []
  for (const [output, plan] of outputs.entries()) results.push(await storeCapture(plan, output))
  return { type: 'FILE_GROUP', playlists: [], outputs: results }

  async function storeCapture(plan: CapturePlan, output: number): Promise<OutputResult> {
    const stem = `${captureStem({ group, output })}.`
    const pictures = (await readdir(folder)).filter((name) => name.startsWith(stem) && name.endsWith('.jpg')).sort()
    let last: string | undefined
    for (const picture of pictures) {
      const path = join(folder, picture)
      if ((await stat(path)).size === 0) throw new TranscodeError(1999, 'A picture could not be captured')
      const name = `${destination.base}${plan.modifier}.${picture.slice(stem.length)}`
      last = await upload(destination, name, path, 'image/jpeg')
    }
    if (last === undefined) throw new TranscodeError(1999, 'No picture could be captured')
    return {
      paths: [last],
      durationMs: Math.round(source.durationSeconds * 1000),
      video: plan.size ?? evenSize(source),
    }
  }
}

/** Runs `work` in an empty folder of this name, which is gone afterwards whatever happens. */
export async function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  try {
    return await work()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
