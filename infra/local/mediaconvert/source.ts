import { type FfmpegRun, reasonIn, runFfmpeg } from './ffmpeg.ts'
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

/**
 * Reads an input's header, and its packets without decoding any, for how long its pictures really last.
 * @throws TranscodeError where it is no video.
 */
export async function inspectSource(
  ffmpeg: string,
  { rotate }: Pick<InputPlan, 'rotate'>,
  file: Pick<FfmpegRun, 'input' | 'folder' | 'signal'>,
): Promise<Source> {
  const outputOptions = ['-map', '0:V:0', '-c', 'copy', '-f', 'null', '-']
  const end = await runFfmpeg(ffmpeg, { ...file, outputOptions, timeoutMs: 120_000 })
  const lines = end.log.split('\n')
  const video = lines.find((line) => /Stream #0:\d+.*: Video: /.test(line) && !line.includes('(attached pic)'))
  if (!end.ok || !video) throw new TranscodeError(1010, `Unable to open input file: [${reasonIn(lines)}]`)

  const [, width, height] = /, (\d{1,5})x(\d{1,5})[ ,]/.exec(video) ?? []
  const turned = rotate === 'AUTO' ? rotationIn(lines) : rotate
  const stored = { width: Number(width ?? 0), height: Number(height ?? 0) }
  const size = turned % 180 === 0 ? stored : { width: stored.height, height: stored.width }
  if (size.width === 0 || size.height === 0) throw new TranscodeError(1010, 'The input has no picture size')

  const { frames, seconds } = end.progress
  if (frames === 0) throw new TranscodeError(1010, 'The input has no pictures')
  const stated = Number(/, ([\d.]+)k? fps/.exec(video)?.[1] ?? 0)
  // Where the header says nothing, the last picture is taken to last as long as the others.
  const fps = stated > 0 ? stated : frames / Math.max(seconds + seconds / Math.max(frames - 1, 1), 1 / MAX_FPS)
  return {
    size,
    frameRate: rateOf(fps),
    durationSeconds: frames / fps,
    videoCodec: /Video: (\w+)/.exec(video)?.[1] ?? 'unknown',
    audio: audioIn(lines),
    bitDepth: Number(/yuv\w*?p(1[0-6])[lb]e/.exec(video)?.[1] ?? 8),
    highRange: /arib-std-b67|smpte2084/.test(video),
  }
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
