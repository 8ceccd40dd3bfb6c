import { describePlan, makePlan, type Plan } from './plan.ts'
import { shrink } from './shrink.ts'
import { simulate } from './simulate.ts'

/** As many as notice each rule that is taken out, by slow/teeth.test.ts; CI runs a hundred times as many. */
const SEEDS = 1000
const FAULTS = 6

/** What a failing seed has to say; undefined for one that holds. */
async function failureOf(seed: number, faults: number): Promise<string | undefined> {
  const plan = makePlan(seed, faults)
  const broken = await simulate(plan)
  if (!broken) return undefined
  return `${broken.message}\n${describePlan(await shrink(plan, broken))}\nnpm run simulate -- --faults ${faults} --seed ${seed} --shrink`
}

it(`keeps every invariant in ${SEEDS} schedules with up to ${FAULTS} faults each`, async () => {
  for (let seed = 0; seed < SEEDS; seed++) expect(await failureOf(seed, FAULTS)).toBeUndefined()
}, 60_000)

it('says every fact once, and in one way, where nothing goes wrong', async () => {
  for (let seed = 0; seed < 100; seed++) expect(await failureOf(seed, 0)).toBeUndefined()
})

it('goes on at once with a video that a moderator approves, whenever that is', async () => {
  for (let seed = 0; seed < 100; seed++) {
    const faults = [{ kind: 'approves', at: 3 * seed }] as const
    const plan: Plan = { seed, faults, sent: [{ kind: 'video', flaws: ['nude'] }], checks: ['moderate-content'] }
    const broken = await simulate(plan)
    expect(broken && `${broken.message}\n${describePlan(plan)}`).toBeUndefined()
  }
})

it('runs a seed the same way again, to the last call', async () => {
  const traceOf = async (seed: number) => {
    const lines: string[] = []
    await simulate(makePlan(seed, FAULTS), (line) => lines.push(line))
    return lines
  }
  const [first, again, other] = [await traceOf(7), await traceOf(7), await traceOf(8)]
  expect(first.length).toBeGreaterThan(50)
  expect(again).toEqual(first)
  expect(other).not.toEqual(first)
})
