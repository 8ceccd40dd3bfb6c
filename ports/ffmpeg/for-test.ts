import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { oncePerRun } from '../../tests/fixtures/once-per-run.ts'
import { type Ffmpeg, findFfmpeg } from './find.ts'
import type { RunLimits } from './run.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const STATIC = resolve(ROOT, 'node_modules/ffmpeg-static/ffmpeg')

/** Jest wants to know at once whether tests can run, so this looks in fewer places than `findFfmpeg` does. */
const program = process.env['FFMPEG_BIN'] ?? (existsSync(STATIC) ? STATIC : 'ffmpeg')
const isThere = spawnSync(program, ['-version'], { stdio: 'ignore' }).status === 0

/** A group of tests that needs ffmpeg; where there is none it is skipped, and one line says so. */
export function describeWithFfmpeg(name: string, tests: () => void): void {
  if (!isThere) process.stderr.write(`skipped: 1 group of tests, "${name}", as no ffmpeg is on PATH or in FFMPEG_BIN\n`)
  ;(isThere ? describe : describe.skip)(name, tests)
}

/** A group of tests whose fixtures need an encoder that builds of ffmpeg may lack; skipped likewise. */
export function describeWithEncoder(encoder: string, name: string, tests: () => void): void {
  const encoders = isThere ? spawnSync(program, ['-hide_banner', '-encoders'], { encoding: 'utf8' }).stdout : ''
  const hasIt = new RegExp(`^\\s*\\S+\\s+${encoder}\\s`, 'm').test(encoders)
  if (!hasIt) process.stderr.write(`skipped: 1 group of tests, "${name}", as no ffmpeg with ${encoder} is at hand\n`)
  ;(hasIt ? describe : describe.skip)(name, tests)
}

/** The ffmpeg of this machine, found once a run. */
export async function ffmpegOfThisMachine(): Promise<Ffmpeg> {
  found ??= oncePerRun('the ffmpeg of this machine', () => findFfmpeg(process.env, { packagesFrom: ROOT, local: true }))
  const ffmpeg = await found
  if (!ffmpeg.found) throw new Error(ffmpeg.message)
  return ffmpeg
}
let found: ReturnType<typeof findFfmpeg> | undefined

/** A folder for the fixtures of one test file, which is gone after it; call it inside `describe`. */
export function fixtureFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fixtures-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Makes a fixture with an unguarded ffmpeg: `-f lavfi -i testsrc2=…` and whatever follows. */
export function make(file: string, ...args: readonly string[]): string {
  const { status, stderr } = spawnSync(program, ['-nostdin', '-v', 'error', '-y', ...args, file], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ffmpeg made no ${file}: ${stderr}`)
  return file
}

/** What a run may take in tests. */
export function limitsIn(scratch: string): RunLimits {
  return { scratch, timeoutMs: 20_000, maxFileBytes: 50_000_000, maxMemoryMb: 2_048 }
}
