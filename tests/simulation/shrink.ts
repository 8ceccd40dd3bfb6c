import type { Broken } from './judge.ts'
import type { Plan } from './plan.ts'
import { simulate } from './simulate.ts'

/** The same seed with as few faults, files, flaws and checks as still break the same invariant. */
export async function shrink(plan: Plan, { invariant }: Broken): Promise<Plan> {
  for (const candidate of smaller(plan)) {
    const broken = await simulate(candidate)
    if (broken?.invariant === invariant) return shrink(candidate, broken)
  }
  return plan
}

function smaller(plan: Plan): Plan[] {
  const { faults, sent, checks } = plan
  return [
    ...faults.map((_, at) => ({ ...plan, faults: faults.toSpliced(at, 1) })),
    ...(sent.length > 1 ? [{ ...plan, sent: sent.slice(0, -1) }] : []),
    ...checks.map((_, at) => ({ ...plan, checks: checks.toSpliced(at, 1) })),
    ...sent.flatMap((one, at) =>
      one.flaws.length > 0 ? [{ ...plan, sent: sent.with(at, { ...one, flaws: [] }) }] : [],
    ),
  ]
}
