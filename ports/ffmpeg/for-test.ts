import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Ffmpeg, findFfmpeg } from './find.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const STATIC = resolve(ROOT, 'node_modules/ffmpeg-static/ffmpeg')

/** Whether tests can run ffmpeg. Jest wants to know at once, so this looks in fewer places than `findFfmpeg` does. */
const program = process.env['FFMPEG_BIN'] ?? (existsSync(STATIC) ? STATIC : 'ffmpeg')
const isThere = spawnSync(program, ['-version'], { stdio: 'ignore' }).status === 0

/** A group of tests that needs ffmpeg; where there is none it is skipped, and one line says so. */
export function describeWithFfmpeg(name: string, tests: () => void): void {
  if (!isThere) process.stderr.write(`skipped: 1 group of tests, "${name}", as no ffmpeg is on PATH or in FFMPEG_BIN\n`)
  ;(isThere ? describe : describe.skip)(name, tests)
}

/** The ffmpeg of this machine, found once a test file. */
export async function ffmpegOfThisMachine(): Promise<Ffmpeg> {
  found ??= findFfmpeg(process.env, { packagesFrom: ROOT, local: true })
  const ffmpeg = await found
  if (!ffmpeg.found) throw new Error(ffmpeg.message)
  return ffmpeg
}
let found: ReturnType<typeof findFfmpeg> | undefined
