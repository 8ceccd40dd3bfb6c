import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { input, output } from '../ffmpeg/arguments.ts'
import type { Ffmpeg } from '../ffmpeg/find.ts'
import { runFfmpeg } from '../ffmpeg/run.ts'
import { answerOf } from './answer.ts'
import { levelling, ONE_CHANNEL, type OneChannel } from './filters.ts'
import { type Loudness, TARGET_LUFS } from './loudness.ts'
import type { Recording } from './recording.ts'
import { boundsOf, MAX_SECONDS, WRITE_SECONDS } from './run-limits.ts'
import type { RenderedAudio, VoiceFault, VoiceRefusal } from './voice.ts'

/** Raise it with every change in this folder that changes the bytes that come out. */
const SETTINGS_VERSION = 3

/** A form that lies in memory and that nobody has looked at yet. */
export type Written = Pick<RenderedAudio, 'name' | 'contentType' | 'extension' | 'bytes'>

const FORMS: readonly Omit<Written, 'bytes'>[] = [
  { name: 'aac', contentType: 'audio/mp4', extension: 'm4a' },
  { name: 'opus', contentType: 'audio/ogg', extension: 'ogg' },
]

const AAC = ['-c:a', 'aac', '-aac_coder', 'fast', '-b:a', '64k', '-flags:a', '+bitexact']
const OPUS = ['-c:a', 'libopus', '-compression_level', '5', '-b:a', '32k', '-flags:a', '+bitexact']
/** Nothing of the original but its sound; no time of writing and no random serial, so that twice is the same. */
const BARE = ['-map_metadata', '-1', '-map_chapters', '-1', '-vn', '-sn', '-dn', '-fflags', '+bitexact']
const AS_M4A = [...BARE, '-f', 'ipod', '-movflags', '+faststart']
const AS_OGG = [...BARE, '-f', 'ogg']

interface Job extends Recording {
  readonly loudness: Loudness
  readonly oneChannel: OneChannel
  /** Take the AAC along as it is, instead of making it anew. */
  readonly copies: boolean
}

/** Writes both forms from one decode. */
export async function write(
  job: Job,
): Promise<{ readonly ok: true; readonly forms: readonly Written[] } | VoiceRefusal | VoiceFault> {
  const { ffmpeg, source, scratch, loudness, oneChannel, copies } = job
  const level = [ONE_CHANNEL[oneChannel], ...levelling(loudness)].join(',')
  const filters = copies ? `[0:a:0]${level}[opus]` : `[0:a:0]${level},asplit=2[aac][opus]`
  const aac = copies ? ['-map', '0:a:0', '-c:a', 'copy'] : ['-map', '[aac]', ...AAC]
  const files = FORMS.map(({ name, extension }) => join(scratch, `${name}.${extension}`))
  const [m4a = '', ogg = ''] = files
  const ran = await runFfmpeg(
    ffmpeg,
    [
      input(source),
      ...['-filter_complex', filters],
      output(m4a, MAX_SECONDS, [...aac, ...AS_M4A]),
      output(ogg, MAX_SECONDS, ['-map', '[opus]', ...OPUS, ...AS_OGG]),
    ],
    { ...boundsOf(job), timeoutMs: WRITE_SECONDS * 1_000 },
  )
  if (!ran.ok) return answerOf(ran)
  const forms = FORMS.map(async (form, index) => ({ ...form, bytes: await readFile(files[index] ?? '') }))
  return { ok: true, forms: await Promise.all(forms) }
}

/** Eight hex digits that change with the settings of this folder and with the encoders' version. */
export function recipeOf({ version }: Ffmpeg): string {
  const named = {
    settings: SETTINGS_VERSION,
    version,
    TARGET_LUFS,
    AAC,
    OPUS,
    filters: [ONE_CHANNEL, ...levelling({ lufs: -99 })],
  }
  return createHash('sha256').update(JSON.stringify(named)).digest('hex').slice(0, 8)
}
