import { parseArgs } from 'node:util'
import { describePlan, makePlan } from './plan.ts'
import { shrink } from './shrink.ts'
import { simulate } from './simulate.ts'

const HELP = `Schedules full of faults over the whole product in one thread, until one breaks a promise.

  npm run simulate -- [--seeds N] [--faults K]
  npm run simulate -- --seed S [--faults K] [--shrink]

  --seeds N    how many schedules, from seed 0 on (default 2000)
  --faults K   how many faults each may have (default 6)
  --seed S     this one alone, told step by step where it breaks
  --shrink     look for fewer faults that break the same
`

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '2000' },
      faults: { type: 'string', default: '6' },
      seed: { type: 'string' },
      shrink: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const faults = wholeNumber('faults', values.faults)
  const only = values.seed === undefined ? undefined : wholeNumber('seed', values.seed)
  const first = only ?? 0
  const end = only === undefined ? wholeNumber('seeds', values.seeds) : first + 1
  const started = process.cpuUsage()
  for (let seed = first; seed < end; seed++) {
    if (process.stderr.isTTY && seed % 100 === 0) process.stderr.write(`\r${seed - first} of ${end - first} `)
    const plan = makePlan(seed, faults)
    const broken = await simulate(plan)
    if (!broken) continue
    console.error(`✗ ${broken.message}\n  ${describePlan(plan)}`)
    const least = values.shrink || only === undefined ? await shrink(plan, broken) : plan
    if (least !== plan) console.error(`  shrunk: ${describePlan(least)}`)
    await simulate(least, (line) => console.error(line))
    console.error(`\nrun it again: npm run simulate -- --faults ${faults} --seed ${seed} --shrink`)
    return 1
  }
  if (process.stderr.isTTY) process.stderr.write('\r')
  const { user, system } = process.cpuUsage(started)
  const seconds = (user + system) / 1e6
  const count = end - first
  console.log(`${count} schedules held, ${Math.round(count / seconds)} a CPU second`)
  return 0
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} takes a whole number, not "${text}"`)
  return Number(text)
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  },
)
