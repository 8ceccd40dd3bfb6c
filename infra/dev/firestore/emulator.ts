import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

/** How the official Firestore emulator can be had on this machine, or what is missing. */
export type EmulatorSource =
  | { readonly kind: 'running'; readonly host: string }
  | { readonly kind: 'jar'; readonly jar: string; readonly java: string }
  | { readonly kind: 'missing'; readonly reason: string }

/** Whoever listens to Firestore in real time needs it; the API and the read model of the backend don't. */
const REMEDY = 'install Java 17 and the emulator (gcloud components install cloud-firestore-emulator)'

/**
 * Looks in the order: FIRESTORE_EMULATOR_HOST, gcloud's component, firebase-tools' cache.
 * @param environment of this process
 */
export function findEmulator(environment: NodeJS.ProcessEnv): EmulatorSource {
  const host = environment['FIRESTORE_EMULATOR_HOST']
  if (host) return { kind: 'running', host }
  const java = onPath('java', environment)
  if (java === undefined) return { kind: 'missing', reason: `no java is on PATH: ${REMEDY}` }
  const jar = findJar(environment)
  return jar === undefined
    ? { kind: 'missing', reason: `the emulator was not found: ${REMEDY}` }
    : { kind: 'jar', jar, java }
}

function findJar(environment: NodeJS.ProcessEnv): string | undefined {
  const gcloud = onPath('gcloud', environment)
  const sdks = [
    ...(gcloud === undefined ? [] : [join(dirname(realpathSync(gcloud)), '..')]),
    '/usr/lib/google-cloud-sdk',
    join(homedir(), 'google-cloud-sdk'),
  ]
  const component = 'platform/cloud-firestore-emulator/cloud-firestore-emulator.jar'
  const cache = join(homedir(), '.cache/firebase/emulators')
  const cached = existsSync(cache)
    ? readdirSync(cache).filter((name) => /^cloud-firestore-emulator-.*\.jar$/.test(name))
    : []
  return [
    ...sdks.map((sdk) => join(sdk, component)),
    ...cached
      .sort()
      .reverse()
      .map((name) => join(cache, name)),
  ].find((jar) => existsSync(jar))
}

function onPath(program: string, environment: NodeJS.ProcessEnv): string | undefined {
  return (environment['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((file) => existsSync(file))
}

export interface RunningEmulator {
  readonly host: string
  stop(): Promise<void>
}

const START_SECONDS = 60

/** Runs a program until standard input closes, as it does when this process ends, by SIGKILL too. */
const WHILE_STDIN_IS_OPEN = '"$@" & program=$!; cat >/dev/null; kill $program; wait $program'

/**
 * Starts the emulator and waits until it answers; one that runs already is used as it is and never stopped.
 * @throws Error where it ends or stays silent, with what it printed, or where `signal` is aborted meanwhile.
 */
export async function startEmulator(
  source: Exclude<EmulatorSource, { kind: 'missing' }>,
  projectId: string,
  signal?: AbortSignal,
): Promise<RunningEmulator> {
  if (source.kind === 'running') return { host: source.host, stop: async () => {} }
  assertJava(source.java)
  const port = await freePort()
  const host = `127.0.0.1:${port}`
  const args = ['-Duser.language=en', '-Xmx512m', '-cp', source.jar]
  const main = 'com.google.cloud.datastore.emulator.firestore.CloudFirestore'
  const command = [
    source.java,
    ...args,
    main,
    'start',
    '--host=127.0.0.1',
    `--port=${port}`,
    `--project_id=${projectId}`,
  ]
  const child = spawn('/bin/sh', ['-c', WHILE_STDIN_IS_OPEN, 'sh', ...command], { stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4000)
    })
  }
  try {
    await untilItAnswers(host, child, () => output, signal)
  } catch (error) {
    child.stdin.end()
    throw error
  }
  return {
    host,
    async stop() {
      if (child.exitCode !== null) return
      const ended = new Promise((resolve) => child.once('close', resolve))
      child.stdin.end()
      await ended
    },
  }
}

function assertJava(java: string): void {
  try {
    execFileSync(java, ['-version'], { stdio: 'ignore' })
  } catch (error) {
    throw new Error(`${java} does not run: ${REMEDY}`, { cause: error })
  }
}

async function untilItAnswers(
  host: string,
  child: ChildProcess,
  output: () => string,
  signal?: AbortSignal,
): Promise<void> {
  for (let tries = 0; tries < START_SECONDS * 5; tries++) {
    signal?.throwIfAborted()
    if (child.exitCode !== null) throw new Error(`the Firestore emulator ended with ${child.exitCode}: ${output()}`)
    const answer = await fetch(`http://${host}/`).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`the Firestore emulator did not answer in ${START_SECONDS} s: ${output()}`)
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
