import { isAbsolute, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { KINDS, type Kind } from '../../contracts/limits.ts'

export interface Options {
  /** What to do: run the stack and stay, run it for these files and end, print a token, or print the help. */
  readonly command: 'stay' | 'once' | 'token' | 'help'
  /** Absolute paths; of `once`. */
  readonly files: readonly string[]
  /** Who the token is for. */
  readonly user: string
  /** Whether that is a moderator. */
  readonly moderator: boolean
  /** What the files are; left out, their names say. */
  readonly kind?: Kind | undefined
  readonly json: boolean
  readonly verbose: boolean
  /** Whether the sample set is sent when the stack is up. */
  readonly samples: boolean
  readonly dataDir: string
  readonly fresh: boolean
  readonly port: number
}

export const DEFAULT_PORT = 4566

export const HELP = `MessageAI Media on this machine: the synthesized template in one process, no account, no Docker.

  npm start                           run it, send the sample files through it, stay up
  npm start -- --once FILE…           send these files through it; ends with 0 if each is ready, else 1,
                                      ended by a signal with 128 and its number
  npm start -- --token [USER]         print an ID token for the local API

  --kind KIND     what the files are: ${KINDS.join(', ')} (else their names say)
  --moderator     with --token: of somebody who decides what is shown
  --json          one JSON object a file on stdout, everything else on stderr
  --data DIR      keep the state here (default .local)
  --fresh         start empty: what --data holds is deleted first
  --port N        of the AWS endpoint (default ${DEFAULT_PORT}); the API follows it; a busy port is replaced by a free one
  --no-samples    don't send the sample files
  --verbose       show what the functions log
  --help          this text
`

/** The command line was not understood; the message says what is. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * Reads the command line. Paths are relative to `cwd`, where the person stands; the default data folder lies in `root`.
 * @throws UsageError
 */
export function readOptions(args: readonly string[], { cwd, root }: { cwd: string; root: string }): Options {
  const { values, positionals } = parse(args)
  if (values.help) return { ...read(), command: 'help' }
  if (values.token) {
    if (positionals.length > 1) throw new UsageError('--token takes one user at most')
    return { ...read(), command: 'token', user: positionals[0] ?? LOCAL_USER }
  }
  if (values.once && positionals.length === 0) throw new UsageError('--once takes at least one file')
  if (!values.once && positionals.length > 0) {
    throw new UsageError(`${positionals.join(' ')}: files go with --once`)
  }
  if (values.moderator) throw new UsageError('--moderator goes with --token')
  if (values.json && !values.once) throw new UsageError('--json goes with --once')
  if (values.kind !== undefined && !values.once) throw new UsageError('--kind goes with --once')
  return { ...read(), command: values.once ? 'once' : 'stay', files: positionals.map((file) => resolve(cwd, file)) }

  function read(): Options {
    const port = Number(values.port ?? DEFAULT_PORT)
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw new UsageError(`--port takes a number from 0 to 65535, not "${values.port}"`)
    }
    const data = values.data ?? '.local'
    return {
      command: 'stay',
      files: [],
      user: LOCAL_USER,
      moderator: values.moderator ?? false,
      kind: kindOf(values.kind),
      json: values.json ?? false,
      verbose: values.verbose ?? false,
      samples: !values['no-samples'],
      dataDir: isAbsolute(data) ? data : values.data === undefined ? join(root, data) : resolve(cwd, data),
      fresh: values.fresh ?? false,
      port,
    }
  }
}

/** @throws UsageError */
function kindOf(value: string | undefined): Kind | undefined {
  const kind = KINDS.find((one) => one === value)
  if (value !== undefined && kind === undefined) {
    throw new UsageError(`--kind takes ${KINDS.join(', ')}, not "${value}"`)
  }
  return kind
}

/** Who sends the samples, and whom a token is for where nobody is named. */
export const LOCAL_USER = 'local-user'
/** A conversation that the local user is in. */
export const LOCAL_CONVERSATION = 'local-conversation'

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        once: { type: 'boolean' },
        json: { type: 'boolean' },
        kind: { type: 'string' },
        token: { type: 'boolean' },
        moderator: { type: 'boolean' },
        data: { type: 'string' },
        fresh: { type: 'boolean' },
        port: { type: 'string' },
        'no-samples': { type: 'boolean' },
        verbose: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
