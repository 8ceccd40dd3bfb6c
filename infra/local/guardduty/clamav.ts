import { execFile } from 'node:child_process'
import type { Scanner, Verdict } from './scanner.ts'

export interface ClamAvOptions {
  /** `clamscan` reads its signatures at each run, some 15 seconds of them; `clamdscan` asks a daemon that has them. */
  readonly program: 'clamscan' | 'clamdscan'
  /** Absolute. */
  readonly path: string
  /** A signature file or a folder of them, in place of the system's; of `clamscan` alone. */
  readonly database?: string
}

/** One run, of up to sixteen files. */
const TIMEOUT_MS = 10 * 60_000
const MAX_OUTPUT_BYTES = 1024 * 1024
const LIMIT = '2000M'

// A daemon takes all this from its own configuration.
const CLAMSCAN_ARGUMENTS = [
  '--alert-encrypted-archive=yes',
  // By default, what is over a limit is left out and called clean.
  '--alert-exceeds-max=yes',
  `--max-filesize=${LIMIT}`,
  `--max-scansize=${LIMIT}`,
]
/** The daemon runs as another user, who may not read the file: it is handed over open. */
const CLAMDSCAN_ARGUMENTS = ['--fdpass']

/** ClamAV, by its command line. https://docs.clamav.net/manual/Usage/Scanning.html */
export function clamAv({ program, path, database }: ClamAvOptions): Scanner {
  const settings = program === 'clamscan' ? CLAMSCAN_ARGUMENTS : CLAMDSCAN_ARGUMENTS
  const signatures = database === undefined ? [] : [`--database=${database}`]
  return {
    name: `ClamAV (${path})`,
    async scan(files, signal) {
      const output = await run(path, ['--no-summary', '--stdout', ...settings, ...signatures, ...files], signal)
      const lines = output.split('\n')
      return files.map((file) => verdictOf(lines.find((line) => line.startsWith(`${file}: `))?.slice(file.length + 2)))
    },
  }
}

/** Exit code 0 is clean, 1 is something found, 2 is an error with some file, or with all. */
function run(path: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      path,
      args,
      { signal, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES, encoding: 'utf8' },
      (error, stdout, stderr) => {
        const found = error?.code === 1
        const someFile = error?.code === 2 && / (OK|FOUND)$/m.test(stdout)
        if (!error || found || someFile) resolve(stdout)
        else reject(new Error(`${path} could not scan: ${stderr.trim() || error.message}`, { cause: error }))
      },
    )
  })
}

function verdictOf(said: string | undefined): Verdict {
  if (said === 'OK' || said === 'Empty file') return { status: 'NO_THREATS_FOUND' }
  const name = /^(.+) FOUND$/.exec(said ?? '')?.[1]
  if (name === undefined) return { status: 'FAILED' }
  if (name.startsWith('Heuristics.Encrypted')) return { status: 'UNSUPPORTED', reason: 'PASSWORD_PROTECTED' }
  if (name.startsWith('Heuristics.Limits.Exceeded')) return { status: 'UNSUPPORTED', reason: 'LIMITS_EXCEEDED' }
  return { status: 'THREATS_FOUND', threats: [name] }
}
