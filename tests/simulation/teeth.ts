import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { MUTANTS, type Mutant } from './mutants.ts'
import { makePlan, type Plan } from './plan.ts'

/** What became of one mutant: the first seed that caught it, and how; or that none did. */
export interface Bite {
  readonly rule: string
  readonly seed?: number
  readonly problem?: string
}

const ROOT = join(import.meta.dirname, '../..')
/** No rule is in it, and much code: loaded once for all. */
const SHARED = /\/node_modules\/|\/contracts\/generated\//
const QUERY = /\?mutant=(\d+)$/

/** Loads the program anew for each mutant: what a module with a mutant's number imports of ours has that number too. */
function installHooks(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context)
      const number = QUERY.exec(context.parentURL ?? '')?.[0]
      const isOurs = resolved.url.startsWith(`${pathToFileURL(ROOT)}/`) && !SHARED.test(resolved.url)
      return number !== undefined && isOurs && !QUERY.test(resolved.url)
        ? { ...resolved, url: `${resolved.url}${number}` }
        : resolved
    },
    load(url, context, next) {
      const loaded = next(url, context)
      const mutant = MUTANTS[Number(QUERY.exec(url)?.[1] ?? -1)]
      if (!mutant) return loaded
      const path = fileURLToPath(url.replace(QUERY, ''))
      return path === join(ROOT, mutant.file) ? { ...loaded, source: mutated(mutant, path) } : loaded
    },
  })
}

function mutated({ rule, file, edits }: Mutant, path: string): string {
  return edits.reduce(
    (text, [from, to]) => {
      if (text.split(from).length !== 2) throw new Error(`“${rule}”: ${file} no longer has once: ${from}`)
      return text.replace(from, () => to)
    },
    readFileSync(path, 'utf8'),
  )
}

/** Up to the end of a video's schedule. */
const REACH = 320

function planFor({ amid }: Mutant, seed: number, mostFaults: number): Plan {
  const plan = makePlan(seed, mostFaults)
  if (!amid) return plan
  return { ...plan, sent: [amid.sent], faults: [...plan.faults, { kind: amid.deed, at: seed % REACH }] }
}

async function biteOf(index: number, mutant: Mutant, seeds: number, faults: number): Promise<Bite> {
  const program = (await import(`./simulate.ts?mutant=${index}`)) as typeof import('./simulate.ts')
  for (let seed = 0; seed < seeds; seed++) {
    const broken = await program.simulate(planFor(mutant, seed, faults))
    if (broken) return { rule: mutant.rule, seed, problem: broken.message }
  }
  return { rule: mutant.rule }
}

/** Prints one line of JSON for each mutant. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seeds: { type: 'string', default: '1000' }, faults: { type: 'string', default: '6' } },
  })
  installHooks()
  for (const [index, mutant] of MUTANTS.entries()) {
    console.log(JSON.stringify(await biteOf(index, mutant, Number(values.seeds), Number(values.faults))))
  }
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
