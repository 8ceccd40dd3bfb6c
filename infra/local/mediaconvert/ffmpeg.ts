import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setPriority } from 'node:os'

/** Containers that ffmpeg may find in a stranger's file: none of them names other files. */
const CONTAINERS = 'mov,matroska,ogg,avi,gif,mpegts,mpeg,flv,asf'
/** 8K. */
const MAX_PIXELS = 7680 * 4320
/** Whoever uses the machine comes first. */
const PRIORITY = 10
const KEPT_HEAD = 32_768
const KEPT_TAIL = 8192

export interface FfmpegRun {
  /** Before the input and after what guards it. */
  readonly inputOptions?: readonly string[]
  /** Absolute. */
  readonly input: string
  readonly outputOptions: readonly string[]
  /** Where relative outputs go. */
  readonly folder: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Told about twice a second. */
  readonly onProgress?: (progress: FfmpegProgress) => void
}

export interface FfmpegProgress {
  readonly frames: number
  /** Where in the output it is. */
  readonly seconds: number
}

export type FfmpegEnd =
  | { readonly ok: true; readonly log: string; readonly progress: FfmpegProgress }
  | { readonly ok: false; readonly why: 'failed' | 'aborted' | 'too-slow'; readonly log: string }

/**
 * Runs ffmpeg over one stranger's file: no container that names others, no protocol but files, no picture that fills
 * the memory, no end of time. What it wrote is the caller's to remove.
 * @throws Error where the program can't be started.
 */
export function runFfmpeg(ffmpeg: string, run: FfmpegRun): Promise<FfmpegEnd> {
  const args = [
    ...['-hide_banner', '-nostdin', '-y', '-progress', 'pipe:1'],
    ...['-protocol_whitelist', 'file', '-format_whitelist', CONTAINERS, '-max_pixels', String(MAX_PIXELS)],
    ...(run.inputOptions ?? []),
    ...['-i', `file:${run.input}`],
    ...run.outputOptions,
  ]
  return new Promise((resolve, reject) => {
    // No variable of this process reaches it: it reads some, and opens what they name.
    const [program = ffmpeg, ...words] = [...dyingWithUs(), ffmpeg, ...args]
    const child = spawn(program, words, { cwd: run.folder, env: {}, stdio: ['ignore', 'pipe', 'pipe'] })
    let why: 'failed' | 'aborted' | 'too-slow' = 'failed'
    const kill = (reason: typeof why): void => {
      why = reason
      child.kill('SIGKILL')
    }
    const aborted = () => kill('aborted')
    const timer = setTimeout(() => kill('too-slow'), run.timeoutMs)
    run.signal.addEventListener('abort', aborted, { once: true })
    child.once('spawn', () => {
      if (run.signal.aborted) aborted()
      if (child.pid !== undefined) lowerPriority(child.pid)
    })

    const log = keepEnds()
    child.stderr.setEncoding('utf8').on('data', log.add)
    let progress: FfmpegProgress = { frames: 0, seconds: 0 }
    let pending = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${pending}${text}`.split('\n')
      pending = lines.pop() ?? ''
      for (const line of lines) {
        const [name = '', value = ''] = line.split('=')
        if (name === 'frame') progress = { ...progress, frames: Number(value) }
        if (name === 'out_time_us' && Number(value) > 0) progress = { ...progress, seconds: Number(value) / 1e6 }
        if (name === 'progress') run.onProgress?.(progress)
      }
    })
    const settle = (): void => {
      clearTimeout(timer)
      run.signal.removeEventListener('abort', aborted)
    }
    child.once('error', (error) => {
      settle()
      reject(error)
    })
    child.once('close', (code) => {
      settle()
      resolve(code === 0 ? { ok: true, log: log.text(), progress } : { ok: false, why, log: log.text() })
    })
  })
}

const SETPRIV = '/usr/bin/setpriv'

/** After a `kill -9` of this process a job would go on, beside the one that does it again; Linux can be asked to end it. */
function dyingWithUs(): readonly string[] {
  return existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', '--'] : []
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
