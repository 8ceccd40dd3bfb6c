import { type ChildProcess, spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { LATE, REMEDY } from '../deadline/by-deadline.ts'
import { type Argument, ffmpegWords, ffprobeWords, type Input } from './arguments.ts'
import { explain, type Failure, failure, tooLarge } from './failure.ts'
import type { Ffmpeg, Missing } from './find.ts'
import { type Progress, progressReader } from './progress.ts'
import { confine } from './sandbox.ts'

/** What one run may take; beyond it, it is ended. */
export interface RunLimits {
  /** Its working folder, from `inScratch`; the only one that it may write to, where the machine can see to that. */
  readonly scratch: string
  readonly timeoutMs: number
  /** Of each file written. */
  readonly maxFileBytes: number
  /** Of address space, which is a few hundred MB more than what is used. */
  readonly maxMemoryMb: number
  /** Of one picture of an input; 8K by default. */
  readonly maxPixels?: number
  /** Bytes that stdout may give; 1 MiB by default. */
  readonly stdoutLimit?: number
  readonly onProgress?: (progress: Progress) => void
  /** When this run and others have to be done together. */
  readonly deadline?: AbortSignal
  /** Nobody wants it any more. */
  readonly signal?: AbortSignal
}

export type Ran = Done | Failure

export interface Done {
  readonly ok: true
  readonly stdout: Uint8Array
  /** The end of what it said, each line with its level. */
  readonly stderr: string
}

const EIGHT_K = 7_680 * 4_320
const STDERR_KEPT = 128 * 1024

/**
 * Runs ffmpeg once, guarded: no shell, no stdin, no environment, only files of whitelisted formats, pixels, memory, time
 * and sizes bounded, and no network where the machine can take it away. A file that can't be used is an answer.
 *
 * @param args in ffmpeg's order; files come in by `input(…)` and go out by `output(…)`
 */
export async function runFfmpeg(ffmpeg: Ffmpeg | Missing, args: readonly Argument[], limits: RunLimits): Promise<Ran> {
  if (!ffmpeg.found) return failure('no-ffmpeg', ffmpeg.message)
  const progress = limits.onProgress ? ['-progress', 'pipe:3', '-stats_period', '0.5'] : []
  const ran = await run(ffmpeg, ffmpeg.path, [...ffmpegWords([...progress, ...args], capsOf(limits))], limits)
  return ran.ok && (await anyIsFull(args, limits)) ? tooLarge() : ran
}

/** Runs ffprobe once, guarded alike; its answer is what `stdout` has. A build without one is a failure of ours. */
export async function runFfprobe(
  ffmpeg: Ffmpeg | Missing,
  source: Input,
  args: readonly string[],
  limits: RunLimits,
): Promise<Ran> {
  if (!ffmpeg.found) return failure('no-ffmpeg', ffmpeg.message)
  if (ffmpeg.ffprobe === undefined) {
    return failure('no-ffmpeg', `ffmpeg at ${ffmpeg.path} comes without ffprobe: install one, or set FFPROBE_BIN.`)
  }
  return run(ffmpeg, ffmpeg.ffprobe, ffprobeWords(source, args, capsOf(limits)), limits)
}

function capsOf({ maxPixels = EIGHT_K, maxMemoryMb, maxFileBytes }: RunLimits) {
  return { maxPixels, maxFileBytes, maxAllocationBytes: (maxMemoryMb / 2) * 1024 * 1024 }
}

async function run({ sandbox }: Ffmpeg, program: string, words: readonly string[], limits: RunLimits): Promise<Ran> {
  const {
    scratch,
    timeoutMs,
    maxMemoryMb,
    maxFileBytes,
    onProgress,
    deadline,
    signal,
    stdoutLimit = 1024 * 1024,
  } = limits
  if (signal?.aborted) return failure('stopped', 'It was stopped before it began.')
  if (deadline?.aborted) return failure(LATE.code, LATE.message)
  const { file, args } = confine({ file: program, args: words }, sandbox, {
    scratch,
    maxMemoryMb,
    maxCpuSeconds: (timeoutMs / 1_000) * availableParallelism(),
    // -fs ends a file softly and leaves it whole; this is for what -fs doesn't see, such as an index being moved.
    maxFileBytes: maxFileBytes * 1.25 + 1024 * 1024,
  })
  const timer = AbortSignal.timeout(timeoutMs)
  const child = spawn(file, args, {
    cwd: scratch,
    // Nothing of ours: no credentials. One arena, as each thread's own would count as address space.
    env: { MALLOC_ARENA_MAX: '1' },
    stdio: ['ignore', 'pipe', 'pipe', onProgress ? 'pipe' : 'ignore'],
    signal: AbortSignal.any([timer, deadline, signal].filter((one) => one !== undefined)),
    killSignal: 'SIGKILL',
  })
  if (child.stdout === null || child.stderr === null) throw new Error('ffmpeg was started without its pipes')
  const stdout = gather(child.stdout, stdoutLimit, () => child.kill('SIGKILL'))
  const stderr = tail(child.stderr, STDERR_KEPT)
  if (onProgress) readLines(child.stdio[3] as Readable, progressReader(onProgress))
  const end = await ended(child)

  if (signal?.aborted) return failure('stopped', 'It was stopped.', stderr())
  if (deadline?.aborted) return failure(LATE.code, LATE.message)
  if (timer.aborted)
    return failure('timed-out', `It took longer than the ${timeoutMs / 1_000} s that it may take: ${REMEDY}`)
  if (stdout.isFull()) return tooLarge()
  if (end.error) return failure('ffmpeg-failed', `ffmpeg could not be started: ${end.error.message}`)
  if (end.exitSignal === 'SIGXFSZ') return tooLarge()
  if (end.exitSignal === 'SIGXCPU')
    return failure('timed-out', `It took more processor time than it may take: ${REMEDY}`)
  if (end.exitSignal) return failure('killed', `It was ended from outside by ${end.exitSignal}.`, stderr())
  if (end.exitCode !== 0) return explain(stderr())
  return { ok: true, stdout: stdout.bytes(), stderr: stderr() }
}

interface End {
  readonly exitCode: number | null
  readonly exitSignal: NodeJS.Signals | null
  /** It could not be started. */
  readonly error?: Error
}

/** Waits for the end and for all that it wrote. */
function ended(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    let error: Error | undefined
    child.once('error', (problem) => {
      // An abort says so here first, and the process then ends by its signal.
      if (problem.name !== 'AbortError') error = problem
      if (child.pid === undefined) resolve({ exitCode: null, exitSignal: null, error: problem })
    })
    child.once('close', (exitCode, exitSignal) => resolve({ exitCode, exitSignal, ...(error && { error }) }))
  })
}

/** All of a stream, up to `limit` bytes; then `onFull` is told, and no more is kept. */
function gather(stream: Readable, limit: number, onFull: () => void) {
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    size += chunk.byteLength
    if (size <= limit) chunks.push(chunk)
    else onFull()
  })
  return { bytes: () => Buffer.concat(chunks), isFull: () => size > limit }
}

/** The last `kept` bytes of a stream, or somewhat more. */
function tail(stream: Readable, kept: number): () => string {
  let chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    size += chunk.byteLength
    if (size < 2 * kept) return
    chunks = [Buffer.concat(chunks).subarray(-kept)]
    size = kept
  })
  return () => Buffer.concat(chunks).toString('utf8')
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
}

/** `-fs` stops without an error: a file that reached its limit isn't whole. */
async function anyIsFull(args: readonly Argument[], { scratch, maxFileBytes }: RunLimits): Promise<boolean> {
  for (const argument of args) {
    if (typeof argument === 'string' || argument.kind !== 'output' || argument.file === '-') continue
    const size = await stat(resolve(scratch, argument.file)).then(
      (found) => found.size,
      () => 0,
    )
    if (size >= maxFileBytes) return true
  }
  return false
}
