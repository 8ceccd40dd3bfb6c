import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** `npm run bench -- NAME [options]`: each folder here with a `bench.ts` is one, run in a process of its own. */
const names = readdirSync(import.meta.dirname).filter((name) => existsSync(join(import.meta.dirname, name, 'bench.ts')))

const HELP = `npm run bench -- NAME [options]

  NAME is one of ${names.join(', ')}
  npm run bench -- NAME --help tells what it measures and its options

What it printed last, and on what, is in bench/RESULTS.md.
`

const [name, ...options] = process.argv.slice(2)
if (name === undefined || name === '--help' || name === '-h') process.stdout.write(HELP)
else if (names.includes(name)) {
  const bench = join(import.meta.dirname, name, 'bench.ts')
  // With the flags that the product is run with.
  const child = spawn(process.execPath, [...process.execArgv, bench, ...options], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  child.once('close', (code) => {
    process.exitCode = code ?? 1
  })
} else {
  process.stderr.write(`there is no "${name}"\n\n${HELP}`)
  process.exitCode = 2
}
