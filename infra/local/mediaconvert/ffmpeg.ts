import { type ChildProcess, spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { availableParallelism, setPriority } from 'node:os'
import { join } from 'node:path'
import { type Confine, findGuards } from './guards.ts'

/** Containers that ffmpeg may find in a stranger's file: none of them names other files. */
const CONTAINERS = 'mov,matroska,ogg,avi,gif,mpegts,mpeg,flv,asf'
/** Of one picture of an input: what MediaConvert's H.264 writes at most, 4K and a little more. */
export const MAX_PIXELS = 4096 * 2304
/** Pictures, sounds, subtitles. */
const MAX_STREAMS = 64
const MAX_ALLOCATION_BYTES = 512 * 1024 ** 2
/** Of address space: each processor has threads of its own, with their stacks and their pictures. */
const MAX_MEMORY_MB = 2048 + 256 * availableParallelism()
/** Without a further picture or moment for so long, it is stuck. */
const STALLED_MS = 300_000
/** Whoever uses the machine comes first. */
const PRIORITY = 10
const KEPT_HEAD = 32_768
const KEPT_TAIL = 8192

export interface FfmpegRun {
  /** Before the input and after what guards it. */
  readonly inputOptions?: readonly string[]
  /** Absolute. */
  readonly input: string
  /** As of `-filter_complex`. */
  readonly filters?: string
  readonly outputs: readonly FfmpegOutput[]
  /** Where outputs go. */
  readonly folder: string
  readonly timeoutMs: number
  /** How long it may make nothing; five minutes by default. */
  readonly stalledMs?: number
  readonly signal: AbortSignal
  /** Told about twice a second. */
  readonly onProgress?: (progress: FfmpegProgress) => void
}

export interface FfmpegOutput {
  /** Its name in the folder, or `-` where the options make no file. */
  readonly file: string
  readonly options: readonly string[]
  /** No more is written, whatever the input claims. */
  readonly maxSeconds: number
  /** A file that reaches it counts as failed. */
  readonly maxBytes: number
}

export interface FfmpegProgress {
  readonly frames: number
  /** Where in the output it is. */
  readonly seconds: number
}

export type FfmpegEnd =
  | { readonly ok: true; readonly log: string; readonly progress: FfmpegProgress }
  | { readonly ok: false; readonly why: 'failed' | 'aborted' | 'too-slow' | 'too-large'; readonly log: string }

/**
 * Runs ffmpeg over one stranger's file: no container that names others, no protocol but files, no picture that fills
 * the memory, no end of time or of output; and, where this machine can see to it, no network, no more memory and
 * processor time than it may take, and no life after ours. What it wrote is the caller's to remove.
 * @throws Error where the program can't be started; what `onProgress` throws, once the program has ended.
 */
export async function runFfmpeg(ffmpeg: string, run: FfmpegRun): Promise<FfmpegEnd> {
  const confine = await guardsOf(ffmpeg)
  const [program, ...words] = confine([ffmpeg, ...wordsOf(run)], {
    folder: run.folder,
    maxMemoryMb: MAX_MEMORY_MB,
    maxCpuSeconds: (run.timeoutMs / 1000) * availableParallelism(),
    // -fs ends a file softly; this is for what it doesn't see.
    maxFileBytes: Math.max(...run.outputs.map(({ maxBytes }) => maxBytes)) * 1.25 + 1024 ** 2,
  })
  const end = await start(program, words, run)
  return end.ok && (await anyIsFull(run)) ? { ok: false, why: 'too-large', log: end.log } : end
}

/** Looked for once a program: that takes a few starts of it. */
const guards = new Map<string, Promise<Confine>>()

function guardsOf(ffmpeg: string): Promise<Confine> {
  const found = guards.get(ffmpeg) ?? findGuards([ffmpeg, '-version'])
  guards.set(ffmpeg, found)
  return found
}

function wordsOf({ inputOptions = [], input, filters, outputs }: FfmpegRun): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-y', '-progress', 'pipe:1', '-max_alloc', String(MAX_ALLOCATION_BYTES)],
    ...['-protocol_whitelist', 'file', '-format_whitelist', CONTAINERS],
    ...['-max_pixels', String(MAX_PIXELS), '-max_streams', String(MAX_STREAMS)],
    ...[...inputOptions, '-i', `file:${input}`],
    ...(filters === undefined ? [] : ['-filter_complex', filters]),
    ...outputs.flatMap(({ file, options, maxSeconds, maxBytes }) => [
      ...[...options, '-t', maxSeconds.toFixed(3), '-fs', String(Math.floor(maxBytes)), file],
    ]),
  ]
}

function start(program: string, words: readonly string[], run: FfmpegRun): Promise<FfmpegEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      cwd: run.folder,
      // No variable of this process reaches it: it reads some, and opens what they name. One arena, as each thread's own
      // would count as address space.
      env: { MALLOC_ARENA_MAX: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, to be ended with whatever it started.
      detached: true,
    })
    let why: 'failed' | 'aborted' | 'too-slow' = 'failed'
    const kill = (reason: typeof why): void => {
      why = reason
      killGroup(child)
    }
    const aborted = () => kill('aborted')
    const timer = setTimeout(() => kill('too-slow'), run.timeoutMs)
    const stalled = setTimeout(() => kill('too-slow'), run.stalledMs ?? STALLED_MS)
    run.signal.addEventListener('abort', aborted, { once: true })
    child.once('spawn', () => {
      if (run.signal.aborted) aborted()
      if (child.pid !== undefined) lowerPriority(child.pid)
    })

    const log = keepEnds()
    child.stderr.setEncoding('utf8').on('data', log.add)
    let progress: FfmpegProgress = { frames: 0, seconds: 0 }
    let thrown: { readonly error: unknown } | undefined
    const tell = (): void => {
      if (thrown) return
      try {
        run.onProgress?.(progress)
      } catch (error) {
        thrown = { error }
        kill('failed')
      }
    }
    let pending = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${pending}${text}`.split('\n')
      pending = lines.pop() ?? ''
      for (const line of lines) {
        const [name = '', value = ''] = line.split('=')
        const { frames, seconds } = progress
        if (name === 'frame') progress = { frames: Number(value), seconds }
        if (name === 'out_time_us' && Number(value) > 0) progress = { frames, seconds: Number(value) / 1e6 }
        if (progress.frames > frames || progress.seconds > seconds) stalled.refresh()
        if (name === 'progress') tell()
      }
    })
    const settle = (): void => {
      clearTimeout(timer)
      clearTimeout(stalled)
      run.signal.removeEventListener('abort', aborted)
    }
    child.once('error', (error) => {
      settle()
      reject(error)
    })
    child.once('close', (code, exitSignal) => {
      settle()
      if (thrown) reject(thrown.error)
      else if (code === 0) resolve({ ok: true, log: log.text(), progress })
      else resolve({ ok: false, why: endedBy(exitSignal) ?? why, log: log.text() })
    })
  })
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    // Windows has no groups.
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

/** What a bound of the kernel says. */
function endedBy(signal: NodeJS.Signals | null): 'too-slow' | 'too-large' | undefined {
  if (signal === 'SIGXCPU') return 'too-slow'
  return signal === 'SIGXFSZ' ? 'too-large' : undefined
}

/** `-fs` stops without an error: a file that reached its limit isn't whole. */
async function anyIsFull({ folder, outputs }: FfmpegRun): Promise<boolean> {
  for (const { file, maxBytes } of outputs) {
    const size = await stat(join(folder, file)).then(
      (found) => found.size,
      () => 0,
    )
    if (size >= maxBytes) return true
  }
  return false
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, PRIORITY)
  } catch {
    // It has ended already.
  }
}

/** The beginning of a log says what the input is, its end what went wrong. */
function keepEnds() {
  let head = ''
  let tail = ''
  return {
    add(text: string): void {
      const room = KEPT_HEAD - head.length
      head += text.slice(0, room)
      tail = `${tail}${text.slice(room)}`.slice(-KEPT_TAIL)
    },
    text: () => `${head}${tail}`,
  }
}

/** What ffmpeg said last, without the paths of this machine. */
export function reasonIn(lines: readonly string[]): string {
  const said = lines.filter((line) => line.trim() !== '' && !line.startsWith('  '))
  return (said.at(-1) ?? 'no reason was given').replace(/(?:file:)?\/\S+/g, 'the file').slice(0, 200)
}
