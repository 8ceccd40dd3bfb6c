import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { answerTo } from '../ffmpeg/answer.ts'
import { type Argument, input, output } from '../ffmpeg/arguments.ts'
import { runFfmpeg } from '../ffmpeg/run.ts'
import type { Context } from './context.ts'
import { editedTracks } from './edit-list.ts'
import { withFile } from './file-source.ts'
import { overhang, unfitness } from './fit.ts'
import { boundsIn } from './run-limits.ts'
import { endOf, verified } from './verify.ts'
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
  const unfit = unfitness(facts, size) ?? (await overhangOf(source.file))
  if (unfit !== undefined) return { ok: true, unfit }
  const ran = await runFfmpeg(
    context.ffmpeg,
    [input(source.file), copied(['0:V:0', '0:a:0?'], facts.durationMs, target)],
    { ...boundsIn(context, scratch), ...limitsOf(size) },
  )
  if (!ran.ok) return answerTo(ran)
  // It begins at a keyframe, whatever the source shows first and says of its length.
  const hidden = await overhangOf(target)
  if (hidden !== undefined) return { ok: true, unfit: hidden }
  return verified(context, scratch, target, { ...facts.video, ...facts, ofOriginal: true })
}

async function overhangOf(file: string): Promise<string | undefined> {
  return overhang(await withFile(file, editedTracks))
}

/** Else each input would begin at 0: sound that its encoder begins earlier, or that begins later, would be moved. */
const WITH_THE_PICTURES = ['-isync', '0']

/** Takes the pictures of one rendition and the sound that belongs to it. */
export async function packageMp4(
  context: Context,
  { scratch, pictures, sound, expected }: Rendition,
  target: string,
): Promise<Made<{ readonly video: VideoFile }>> {
  const files = [await joined(context, pictures, join(scratch, 'pictures.joined'))]
  if (sound) files.push(await joined(context, sound, join(scratch, 'sound.joined')))
  const sizes = await Promise.all(files.map((file) => stat(file)))
  const ran = await runFfmpeg(
    context.ffmpeg,
    [
      ...files.map((file, index) => input(file, index === 0 ? [] : WITH_THE_PICTURES)),
      copied(['0:V:0', sound ? '1:a:0' : '0:a:0?'], expected.durationMs, target),
    ],
    { ...boundsIn(context, scratch), ...limitsOf(sizes.reduce((sum, { size }) => sum + size, 0)) },
  )
  if (!ran.ok) return answerTo(ran)
  return verified(context, scratch, target, expected)
}

/** One file of all parts; a single one is that already. */
async function joined({ deadline }: Context, parts: readonly string[], target: string): Promise<string> {
  const [first, ...others] = parts
  if (first === undefined) throw new Error('a rendition has no part')
  if (others.length === 0) return first
  for (const [index, part] of parts.entries()) {
    const sink = createWriteStream(target, { flags: index === 0 ? 'w' : 'a' })
    await pipeline(createReadStream(part), sink, { ...(deadline && { signal: deadline }) })
  }
  return target
}

function copied(streams: readonly string[], durationMs: number, target: string): Argument {
  const maps = streams.flatMap((stream) => ['-map', stream])
  return output(target, endOf(durationMs), [...maps, '-c', 'copy', ...AS_MP4])
}

/** Of a copy of so many bytes. */
function limitsOf(bytes: number) {
  return { maxFileBytes: bytes * 1.1 + 1_000_000, maxMemoryMb: 1_024 }
}
