import type { Broken } from './judge.ts'
import type { Plan } from './plan.ts'
import { simulate } from './simulate.ts'

/** The same seed with as few faults and photos as still break the same invariant. */
export async function shrink(plan: Plan, { invariant }: Broken): Promise<Plan> {
  const smaller = [
    ...plan.faults.map((_, index) => ({ ...plan, faults: plan.faults.filter((__, other) => other !== index) })),
    ...(plan.photos.length > 1 ? [{ ...plan, photos: plan.photos.slice(0, -1) }] : []),
  ]
  for (const candidate of smaller) {
    const broken = await simulate(candidate)
    if (broken?.invariant === invariant) return shrink(candidate, broken)
  }
  return plan
}
