// The way in for every npm script: it runs on any Node from 20 on and needs no package. It installs what is missing,
// then goes on with the Node that the project is pinned to. Plain JavaScript, as that Node may not be there yet.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { emptyFullCache, NODE_FLAGS, nodeEnvironment } from './node-settings.mjs'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MODULES = join(ROOT, 'node_modules')
const STAMP = join(MODULES, '.installed')
const PINNED_MAJOR = 24

/** Each npm script, and the program behind it. */
const PROGRAMS = {
  start: 'infra/dev/main.ts',
  test: 'tests/run.ts',
  contracts: 'infra/build/contracts.ts',
  synth: 'infra/build/synth.ts',
  deploy: 'infra/build/deploy.ts',
  simulate: 'tests/simulation/main.ts',
  bench: 'bench/main.ts',
}

/** What the installed packages depend on: another lock file or another platform is another installation. */
function fingerprint() {
  const lock = readFileSync(join(ROOT, 'package-lock.json'))
  return createHash('sha256').update(lock).update(`${process.platform}-${process.arch}`).digest('hex')
}

function isInstalled() {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === fingerprint()
}

function say(line) {
  process.stderr.write(`${line}\n`)
}

/** The process that works for this one at the moment. */
let worker
let stopped = false

/** As shells have it: 130 after Ctrl-C, 143 after SIGTERM. */
function exitCodeOf(signal) {
  return 128 + constants.signals[signal]
}

/** Hands a signal on. Whoever came to be stopped in the middle of installing starts nothing after it, and has done nothing. */
function stop(signal) {
  stopped = true
  process.exitCode = exitCodeOf(signal)
  worker?.kill(signal)
}

/** Npm that is killed tells nobody: what it ran has another parent then, and nobody to work for. */
function stopWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return
  const npm = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === npm) return
    clearInterval(timer)
    stop('SIGTERM')
  }, 500)
  timer.unref()
}

/** Runs `npm ci`, with a line a second that says how long it has been going where there is a terminal to rewrite it on. */
async function install() {
  // npm empties node_modules first, and through a link it would empty somebody else's.
  if (lstatSync(MODULES, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new Error(
      `node_modules is a link to ${realpathSync(MODULES)}, which does not fit package-lock.json: run npm install there, ` +
        'or remove the link, then run the same command again.',
    )
  }
  say('installing packages (once; some 750 MB on disk) …')
  const started = Date.now()
  const terminal = process.stderr.isTTY
  const timer = setInterval(
    () => {
      const seconds = Math.round((Date.now() - started) / 1000)
      if (terminal) process.stderr.write(`\r  npm ci … ${seconds} s `)
      else say(`  npm ci … ${seconds} s`)
    },
    terminal ? 1000 : 15_000,
  )
  const npm = process.env.npm_execpath
  const flags = [
    'ci',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--no-progress',
    '--loglevel=error',
  ]
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm, ...flags]] : ['npm', flags]
  let output = ''
  const code = await new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
    worker = child
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.once('error', reject)
    child.once('close', resolve)
  }).finally(() => clearInterval(timer))
  if (terminal) process.stderr.write('\r')
  if (stopped) return
  if (code !== 0) {
    say(output)
    throw new Error(`npm ci ended with ${code}: its words are above. Mend that, then run the same command again.`)
  }
  writeFileSync(STAMP, fingerprint())
  say(`installed in ${Math.round((Date.now() - started) / 1000)} s`)
}

/** The pinned Node, which comes as a package with a binary for each platform; else this one, where it is new enough. */
function pinnedNode() {
  const windows = process.platform === 'win32'
  const platform = `${windows ? 'win' : process.platform}-${process.arch}`
  const found = [`node-${platform}`, `node-bin-${platform}`]
    .map((name) => join(MODULES, name, 'bin', windows ? 'node.exe' : 'node'))
    .find((binary) => existsSync(binary))
  if (found) return found
  if (Number(process.versions.node.split('.')[0]) >= PINNED_MAJOR) return process.execPath
  throw new Error(
    `Node ${PINNED_MAJOR} is needed and no package brings it for ${platform}: ` +
      `install Node ${PINNED_MAJOR} (nodejs.org), then run the same command again.`,
  )
}

/** Runs the program in the pinned Node until it ends; a signal to this process is one to it, and so is this one's death. */
function run(program, args) {
  const node = pinnedNode()
  // Another Node may not know the flags.
  const flags = node === process.execPath ? [] : NODE_FLAGS
  const child = spawn(node, [...flags, join(ROOT, program), ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...nodeEnvironment(ROOT), ...process.env },
  })
  worker = child
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(signal === null ? code : exitCodeOf(signal)))
  })
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal))
stopWithNpm()

const [script, ...args] = process.argv.slice(2)
const program = PROGRAMS[script]
try {
  if (!program) throw new Error(`"${script}" is no script: ${Object.keys(PROGRAMS).join(', ')} are`)
  if (!isInstalled()) await install()
  if (!stopped) process.exitCode = await run(program, args)
  emptyFullCache(ROOT)
} catch (error) {
  say(`messageai-media: ${error.message}`)
  process.exitCode = 1
}
