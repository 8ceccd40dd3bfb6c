import { type FfmpegRun, MAX_PIXELS, reasonIn, runFfmpeg } from './ffmpeg.ts'
import type { FrameRate, InputPlan, Size } from './plan.ts'
import { TranscodeError } from './transcode-error.ts'

/** What is known of an input before it is decoded. */
export interface Source {
  /** As it is shown, once it is turned as the job asks. */
  readonly size: Size
  readonly frameRate: FrameRate
  readonly durationSeconds: number
  /** ffmpeg's names. */
  readonly videoCodec: string
  readonly audio: { readonly codec: string; readonly channels: number; readonly sampleRate: number } | undefined
  readonly bitDepth: number
  /** The transfer function is HLG or PQ. */
  readonly highRange: boolean
}

/** Beyond these a rate is a mistake of the file's, or an attack. */
const MIN_FPS = 1
const MAX_FPS = 120
/** A laptop is busy with it all evening. */
const MAX_SECONDS = 2 * 3600
/** Packets are counted to the last one: what stands beyond a bound would not be seen. */
const ANY_SECONDS = 1e9

/**
 * Reads an input's header, and its packets without decoding any, for how long its pictures really last.
 * @throws TranscodeError where it is no video.
 */
export async function inspectSource(
  ffmpeg: string,
  { rotate }: Pick<InputPlan, 'rotate'>,
  file: Pick<FfmpegRun, 'input' | 'folder' | 'signal'>,
): Promise<Source> {
  const options = ['-map', '0:V:0', '-c', 'copy', '-f', 'null']
  const outputs = [{ file: '-', options, maxSeconds: ANY_SECONDS, maxBytes: 1 }]
  const end = await runFfmpeg(ffmpeg, { ...file, outputs, timeoutMs: 120_000 })
  const lines = end.log.split('\n')
  const video = lines.find((line) => /Stream #0:\d+.*: Video: /.test(line) && !line.includes('(attached pic)'))
  if (!video) {
    if (lines.some((line) => line.startsWith('Input #0'))) throw new TranscodeError(1010, 'The input has no pictures')
    throw new TranscodeError(1010, `Unable to open input file: [${reasonIn(lines)}]`)
  }
  // Its header is written first, and the decoder says so where it does not even take the size.
  if (lines.some((line) => line.includes('exceeds specified max pixel count'))) throw tooManyPixels()

  const [, width, height] = /, (\d{1,5})x(\d{1,5})[ ,]/.exec(video) ?? []
  const turned = rotate === 'AUTO' ? rotationIn(lines) : rotate
  const stored = { width: Number(width ?? 0), height: Number(height ?? 0) }
  const size = turned % 180 === 0 ? stored : { width: stored.height, height: stored.width }
  if (size.width === 0 || size.height === 0) throw new TranscodeError(1010, 'The input has no picture size')
  if (size.width * size.height > MAX_PIXELS) throw tooManyPixels()
  if (!end.ok) throw new TranscodeError(1010, `Unable to open input file: [${reasonIn(lines)}]`)
  if (lines.some((line) => CUT_OFF.test(line)))
    throw new TranscodeError(1010, 'The input is cut off: its end is missing')

  const { frames, seconds } = end.progress
  if (frames === 0) throw new TranscodeError(1010, 'The input has no pictures')
  const stated = Number(/, ([\d.]+)k? fps/.exec(video)?.[1] ?? 0)
  // Where the header says nothing, the last picture is taken to last as long as the others.
  const fps = stated > 0 ? stated : frames / Math.max(seconds + seconds / Math.max(frames - 1, 1), 1 / MAX_FPS)
  const durationSeconds = lastsSeconds({
    counted: frames / fps,
    last: seconds + 1 / fps,
    told: toldSeconds(lines),
    fps,
  })
  if (durationSeconds > MAX_SECONDS) {
    const [lasts, most] = [Math.round(durationSeconds), MAX_SECONDS].map((value) => value.toLocaleString('en'))
    throw new TranscodeError(1999, `The input lasts ${lasts} s: at most ${most} s are transcoded locally`)
  }
  return {
    size,
    frameRate: rateOf(fps),
    durationSeconds,
    videoCodec: /Video: (\w+)/.exec(video)?.[1] ?? 'unknown',
    audio: audioIn(lines),
    bitDepth: Number(/yuv\w*?p(1[0-6])[lb]e/.exec(video)?.[1] ?? 8),
    highRange: /arib-std-b67|smpte2084/.test(video),
  }
}

/** Pictures are decoded up to so many before they are shown, and the last packet to be read isn't the last to be shown. */
const REORDERED = 4

/**
 * How long pictures last: as long as their count makes, but for those that an edit list hides or that begin after the
 * sound; then as the header has it, if the last packet bears it out. A header that states a faster rate than the pictures
 * come at isn't believed.
 */
function lastsSeconds(known: {
  readonly counted: number
  readonly last: number
  readonly told: number
  readonly fps: number
}): number {
  const { counted, last, told, fps } = known
  const isNear = (seconds: number) => seconds >= last - 1 / fps && seconds <= last + REORDERED / fps
  if (isNear(counted)) return counted
  if (isNear(told)) return told
  return last > counted + 0.5 ? last : counted
}

function toldSeconds(lines: readonly string[]): number {
  const line = lines.find((one) => /^ {2}Duration: \d/.test(one)) ?? ''
  const [, hours = 0, minutes = 0, seconds = 0] = /Duration: (\d+):(\d+):([\d.]+)/.exec(line) ?? []
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
}

/** What demuxers say of a file that ends before its index says so; ffmpeg itself ends well. */
const CUT_OFF = /: partial file|File ended prematurely|\[avi .*Packet corrupt/

function tooManyPixels(): TranscodeError {
  const most = MAX_PIXELS.toLocaleString('en')
  return new TranscodeError(1010, `A picture of the input has more than the ${most} pixels that are transcoded locally`)
}

function rotationIn(lines: readonly string[]): number {
  const line = lines.find((one) => /displaymatrix: rotation of/.test(one)) ?? ''
  const counterClockwise = Number(/rotation of (-?[\d.]+)/.exec(line)?.[1] ?? 0)
  return (Math.round(-counterClockwise / 90) * 90 + 360) % 360
}

/** Printed with two digits: rates of broadcasting are meant as the fractions that they are. */
function rateOf(fps: number): FrameRate {
  const broadcast = [24_000, 30_000, 48_000, 60_000, 120_000].find((rate) => Math.abs(rate / 1001 - fps) < 0.006)
  if (broadcast !== undefined) return { numerator: broadcast, denominator: 1001 }
  const rate = Math.min(Math.max(fps, MIN_FPS), MAX_FPS)
  return Number.isInteger(rate)
    ? { numerator: rate, denominator: 1 }
    : { numerator: Math.round(rate * 1000), denominator: 1000 }
}

function audioIn(lines: readonly string[]): Source['audio'] {
  const line = lines.find((one) => /Stream #0:\d+.*: Audio: /.test(one))
  if (line === undefined) return undefined
  const layout = /\d+ Hz, ([^,]+)/.exec(line)?.[1] ?? ''
  const channels = { mono: 1, stereo: 2, quad: 4, '5.1': 6, '5.1(side)': 6, '7.1': 8 }[layout]
  return {
    codec: /Audio: (\w+)/.exec(line)?.[1] ?? 'unknown',
    channels: channels ?? Number(/(\d+) channels/.exec(layout)?.[1] ?? 2),
    sampleRate: Number(/(\d+) Hz/.exec(line)?.[1] ?? 0),
  }
}
