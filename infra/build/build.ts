import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Environment } from '../config/config.ts'
import { hashOfInputs } from './inputs.ts'

export const ROOT = resolve(import.meta.dirname, '../..')

export interface BuildOptions {
  readonly environment: Environment
  /** Where builds are kept, one folder each; `.cache/build` of the repository. Below the repository, so that bundles find its sharp. */
  readonly out?: string
  /** Hears what is being done, a line at a time. */
  readonly onProgress?: (line: string) => void
  /** Ends it in the middle; nothing is left behind. */
  readonly signal?: AbortSignal | undefined
  /** Judges the templates by CloudFormation's own schemas, and by the AWS Solutions rules; such a build is never taken from the cache. */
  readonly checks?: { readonly validate?: boolean; readonly nag?: boolean }
}

export interface Build {
  /** Absolute; a cloud assembly, as `cdk deploy --app` and the local runtime take it. */
  readonly assemblyDir: string
  /** Whether it was there already. */
  readonly cached: boolean
}

const KEPT_BUILDS = 8
const IN_USE_MS = 24 * 60 * 60 * 1000

/**
 * Bundles every function and synthesizes the app, or gives what an earlier run made of the same inputs. The CDK runs in
 * a process of its own, so that its memory is gone when this returns.
 * @throws Error with every problem of declarations, configuration or templates.
 */
export async function build({ environment, out, onProgress, signal, checks = {} }: BuildOptions): Promise<Build> {
  const folder = resolve(out ?? join(ROOT, '.cache/build'))
  const homeOf = () => join(folder, hashOfInputs(ROOT, environment))
  const checked = checks.validate === true || checks.nag === true
  const known = homeOf()
  const cached = !checked && existsSync(known)
  mkdirSync(folder, { recursive: true })
  const home = cached
    ? known
    : await make(folder, homeOf, [environment, ...Object.keys(checks)], { say: onProgress ?? (() => {}), signal })
  const now = new Date()
  utimesSync(home, now, now)
  removeUnused(folder, now.getTime())
  return { assemblyDir: join(home, 'assembly'), cached }
}

interface Watch {
  readonly say: (line: string) => void
  readonly signal: AbortSignal | undefined
}

/** Builds beside the others, and puts it in its place once it is whole. @returns where it is. */
async function make(
  folder: string,
  homeOf: () => string,
  args: readonly string[],
  { say, signal }: Watch,
): Promise<string> {
  const [environment = '', ...checks] = args
  const home = homeOf()
  const draft = mkdtempSync(join(folder, '.draft-'))
  try {
    await synthesize([environment, draft, ...checks], { say, signal })
    // Somebody may have saved a file while it ran: what was made is then of neither the old sources nor the new.
    if (homeOf() === home) {
      publish(draft, home)
      return home
    }
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  say('the sources have changed meanwhile: once more')
  return make(folder, homeOf, args, { say, signal })
}

/** All of it or nothing: whoever finds the folder finds a whole build. */
function publish(draft: string, home: string): void {
  try {
    renameSync(draft, home)
  } catch (error) {
    // Somebody else built the same in the meantime.
    if (!existsSync(home)) throw error
  }
}

/** A build is some 20 MB; one that a runtime may still be running from stays. */
function removeUnused(folder: string, now: number): void {
  const builds = readdirSync(folder)
    .map((entry) => join(folder, entry))
    .map((path) => ({ path, usedMs: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now }))
    .sort((one, other) => other.usedMs - one.usedMs)
  for (const { path, usedMs } of builds.slice(KEPT_BUILDS)) {
    if (now - usedMs > IN_USE_MS) rmSync(path, { recursive: true, force: true })
  }
}

/** Lines on stdout are progress, what is on stderr is why it failed. */
async function synthesize(args: readonly string[], { say, signal }: Watch): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'synthesize.ts'), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal && { signal }),
    env: {
      ...process.env,
      NODE_NO_WARNINGS: '1',
      AWS_EC2_METADATA_DISABLED: 'true',
      CDK_DISABLE_CLI_TELEMETRY: 'true',
    },
  })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  createInterface({ input: child.stdout }).on('line', say)
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail)
    child.once('close', done)
  })
  if (code !== 0) throw new Error(complaint.trim() || `the synthesis ended with ${code} and no word`)
  for (const line of complaint.split('\n').filter((line) => line.trim() !== '')) say(line)
}
