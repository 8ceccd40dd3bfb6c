import { stat } from 'node:fs/promises'
import { LIMITS } from '../../contracts/limits.ts'
import { type Argument, input, output } from '../ffmpeg/arguments.ts'
import { type RunLimits, runFfmpeg } from '../ffmpeg/run.ts'
import type { Context } from './context.ts'
import { unfitness } from './fit.ts'
import { answerTo } from './refusal.ts'
import { verified } from './verify.ts'
import type { Made, Remuxed, Rendition, SourceFile, VideoFile } from './video.ts'

/** An MP4 that plays from its first bytes on, and says nothing of who made it, where and with what. */
export const AS_MP4 = [
  ...['-movflags', '+faststart', '-map_metadata', '-1', '-map_chapters', '-1', '-fflags', '+bitexact'],
  ...['-dn', '-sn', '-f', 'mp4'],
]

/** Takes the pictures and the first sound of the source as they are. */
export async function remux(context: Context, source: SourceFile, target: string): Promise<Remuxed> {
  const { size } = await stat(source.file)
  const { facts, scratch } = source
  const unfit = unfitness(facts, size)
  if (unfit !== undefined) return { ok: true, unfit }
  const ran = await runFfmpeg(
    context.ffmpeg,
    [input(source.file), copied(['0:V:0', '0:a:0?'], facts.durationMs, target)],
    limits(scratch, size),
  )
  if (!ran.ok) return answerTo(ran)
  return withCost(ran.cpuSeconds, await verified(context, scratch, target, { ...facts.video, ...facts }))
}

/** Takes the pictures of one rendition and the sound that belongs to it. */
export async function packageMp4(
  context: Context,
  { scratch, pictures, sound, expected }: Rendition,
  target: string,
): Promise<Made<{ readonly video: VideoFile }>> {
  const sizes = await Promise.all([pictures, ...(sound === undefined ? [] : [sound])].map((file) => stat(file)))
  const bytes = sizes.reduce((sum, { size }) => sum + size, 0)
  const ran = await runFfmpeg(
    context.ffmpeg,
    [
      input(pictures),
      ...(sound === undefined ? [] : [input(sound)]),
      copied(['0:V:0', sound === undefined ? '0:a:0?' : '1:a:0'], expected.durationMs, target),
    ],
    limits(scratch, bytes),
  )
  if (!ran.ok) return answerTo(ran)
  return withCost(ran.cpuSeconds, await verified(context, scratch, target, expected))
}

function copied(streams: readonly string[], durationMs: number, target: string): Argument {
  const maps = streams.flatMap((stream) => ['-map', stream])
  return output(target, durationMs / 1_000 + 5, [...maps, '-c', 'copy', ...AS_MP4])
}

function limits(scratch: string, bytes: number): RunLimits {
  const maxPixels = LIMITS.video.maxPixels
  return { scratch, timeoutMs: 60_000, maxFileBytes: bytes * 1.1 + 1_000_000, maxMemoryMb: 1_024, maxPixels }
}

function withCost<T extends object>(cpuSeconds: number | undefined, made: Made<T>): Made<T> {
  return made.ok ? { ...made, cpuSeconds: made.cpuSeconds + (cpuSeconds ?? 0) } : made
}
