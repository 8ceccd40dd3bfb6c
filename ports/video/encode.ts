import { answerTo } from '../ffmpeg/answer.ts'
import { type Argument, input, output } from '../ffmpeg/arguments.ts'
import { runFfmpeg } from '../ffmpeg/run.ts'
import { isTooFast, LADDER } from '../transcoder/ladder.ts'
import type { Context } from './context.ts'
import { AS_MP4 } from './copy.ts'
import { scaled } from './filters.ts'
import { sizeOn } from './ladder.ts'
import { boundsIn } from './run-limits.ts'
import { endOf, verified } from './verify.ts'
import type { Made, Rung, SourceFile, VideoFile } from './video.ts'

const { maxFrameRate, gopSeconds, audio: SOUND } = LADDER

/**
 * Every rung in one pass: decoded once, each size scaled from the next larger one. veryfast at CRF 23 is VMAF 98 at
 * 720p; keyframes every two seconds, so that seeking is quick.
 */
export async function encode(
  context: Context,
  source: SourceFile,
  rungs: readonly Rung[],
  fileOf: (rung: Rung) => string,
): Promise<Made<{ readonly videos: readonly VideoFile[] }>> {
  const { facts, scratch } = source
  const largestFirst = [...rungs].sort((a, b) => b.shortSide - a.shortSide)
  const [top] = largestFirst
  if (top === undefined) throw new Error('there is no rung to encode')
  const seconds = facts.durationMs / 1_000
  const ran = await runFfmpeg(context.ffmpeg, words(context, source, largestFirst, fileOf), {
    ...boundsIn(context, scratch),
    timeoutMs: context.encodeSeconds * 1_000,
    maxFileBytes: ((top.maxBitsPerSecond + SOUND.bitrate) / 8) * (seconds + 5) * 1.5 + 1_000_000,
    maxMemoryMb: 3_584,
  })
  if (!ran.ok) return answerTo(ran)
  const videos: VideoFile[] = []
  for (const rung of rungs) {
    const expected = { ...sizeOn(facts.video, rung), durationMs: facts.durationMs, ofOriginal: true }
    const made = await verified(context, scratch, fileOf(rung), expected)
    if (!made.ok) return made
    videos.push(made.video)
  }
  return { ok: true, videos }
}

function words(
  context: Context,
  { file, facts }: SourceFile,
  rungs: readonly Rung[],
  fileOf: (rung: Rung) => string,
): Argument[] {
  const { ffmpeg } = context
  const has = { zscale: ffmpeg.found && ffmpeg.has.zscale, loudnorm: ffmpeg.found && ffmpeg.has.loudnorm }
  const hasSound = facts.audio !== undefined
  return [
    input(file),
    ...['-filter_complex', [...pictureGraph(facts, rungs, has), ...(hasSound ? soundGraph(rungs, has) : [])].join(';')],
    ...rungs.map((rung, index) =>
      output(fileOf(rung), endOf(facts.durationMs), [
        ...['-map', `[v${index}]`, ...H264, ...rate(rung)],
        ...(hasSound ? ['-map', `[a${index}]`, '-c:a', 'aac', '-b:a', String(SOUND.bitrate)] : []),
        ...AS_MP4,
      ]),
    ),
  ]
}

const H264 = [
  ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-profile:v', 'high', '-pix_fmt', 'yuv420p'],
  ...['-force_key_frames', `expr:gte(t,n_forced*${gopSeconds})`, '-sc_threshold', '0'],
]

function rate({ maxBitsPerSecond }: Rung): string[] {
  return ['-maxrate', String(maxBitsPerSecond), '-bufsize', String(2 * maxBitsPerSecond)]
}

/** `[v0]` is the first rung; the others are made of it, one of the other. */
function pictureGraph(facts: SourceFile['facts'], rungs: readonly Rung[], has: { zscale: boolean }): string[] {
  const slowed = isTooFast({ frameRate: facts.video.frameRate }) ? `fps=${maxFrameRate},` : ''
  return rungs.map((rung, index) => {
    const size = sizeOn(facts.video, rung)
    const picture =
      index === 0
        ? `[0:V:0]${slowed}${scaled(size, facts, has)},format=yuv420p`
        : `[s${index - 1}]scale=${size.width}:${size.height}:flags=bicubic,setsar=1`
    return index === rungs.length - 1 ? `${picture}[v${index}]` : `${picture},split=2[v${index}][s${index}]`
  })
}

/** Whole numbers end at full scale. Floating point may hold any loudness, at which AAC's encoder goes on for ever. */
const FULL_SCALE = 'aformat=sample_fmts=s32'

/** What is missing at the begin or in between is silence: `loudnorm` puts whatever it gets end to end. */
const WITHOUT_GAPS = `aresample=${SOUND.sampleRate}:async=1:first_pts=0`

/** As loud as everything else, in stereo: once for all rungs. */
function soundGraph(rungs: readonly Rung[], has: { loudnorm: boolean }): string[] {
  const loudness = has.loudnorm ? `loudnorm=I=${SOUND.lufs}:TP=${SOUND.truePeakDb}:LRA=11,` : ''
  const outputs = rungs.map((_, index) => `[a${index}]`).join('')
  return [
    `[0:a:0]${FULL_SCALE},${WITHOUT_GAPS},${loudness}aresample=${SOUND.sampleRate},aformat=channel_layouts=stereo,asplit=${rungs.length}${outputs}`,
  ]
}
