import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const bin = (name: string) => join(ROOT, 'node_modules', name)

interface Gate {
  readonly name: string
  readonly args: readonly string[]
  readonly remedy: string
}

const GATES: readonly Gate[] = [
  {
    name: 'contracts',
    args: [join(ROOT, 'infra/build/contracts.ts'), 'check'],
    remedy: 'each line above says what mends it',
  },
  {
    name: 'format and lint',
    args: [bin('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.'],
    remedy: 'npx biome check --write . mends most of it',
  },
  { name: 'types', args: [bin('typescript/bin/tsc')], remedy: 'each line above names a file and why' },
]

let running: ChildProcess | undefined

/**
 * `npm test [-- PATTERN …]`: the generated code, the format, the types, then every test; the first that fails ends it.
 * With a pattern, only the tests whose path it matches run. `--slow` runs the suites that take minutes instead.
 */
async function main(args: readonly string[]): Promise<number> {
  const slow = args.includes('--slow')
  const rest = args.filter((arg) => arg !== '--slow')
  if (!slow && rest.length === 0) {
    for (const { name, args: gate, remedy } of GATES) {
      const started = Date.now()
      const code = await node(gate)
      if (code !== 0) {
        console.error(`\n✗ ${name}: ${remedy}`)
        return code
      }
      console.error(`✓ ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`)
    }
  }
  const config = slow ? ['--config', join(ROOT, 'tests/slow/jest.config.ts'), '--runInBand'] : []
  return node(['--disable-warning=ExperimentalWarning', bin('jest/bin/jest.js'), '--rootDir', ROOT, ...config, ...rest])
}

function node(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [...args], { cwd: ROOT, stdio: 'inherit' })
  running = child
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => running?.kill(signal))
process.exitCode = await main(process.argv.slice(2))
