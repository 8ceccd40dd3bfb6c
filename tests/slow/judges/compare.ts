import type { Comparable } from './normalise.ts'

/** One field in which two peers answered the same request otherwise. */
export interface Difference {
  readonly operation: string
  readonly step: number
  /** Its path, without the places in lists: `Versions[].Key`. */
  readonly field: string
  readonly ours: unknown
  readonly theirs: unknown
}

/** A difference that is known, and why it is no fault of ours. */
export interface Explanation {
  readonly operations: readonly string[]
  /** Paths as in `Difference`; one that ends with a dot stands for all that begin so. */
  readonly fields: readonly string[]
  /** What we answer; `absent` where we have no such field, `anything` where that depends. */
  readonly ours: unknown
  readonly theirs: unknown
  /** Why ours is right. */
  readonly why: string
  /** The page of AWS's documentation that says so. */
  readonly source: string
}

export const absent = Symbol('absent')
export const anything = Symbol('anything')

/** @throws Error where the peers were not sent the same requests. */
export function compare(ours: readonly Comparable[], theirs: readonly Comparable[]): readonly Difference[] {
  const [sent, received] = [ours, theirs].map((answers) => answers.map(({ operation }) => operation).join('\n'))
  if (sent !== received) throw new Error('the peers were not sent the same requests: a conversation depends on answers')
  return ours.flatMap(({ operation, step, leaves }, index) => {
    const others = theirs[index]?.leaves ?? new Map<string, unknown>()
    // Of answers that are not even of one kind, the other fields say nothing.
    const isSameKind = leaves.get('outcome') === others.get('outcome')
    const paths = isSameKind ? new Set([...leaves.keys(), ...others.keys()]) : ['outcome']
    return [...paths].flatMap((path): Difference[] => {
      const [mine, other] = [leaves, others].map((values) => (values.has(path) ? values.get(path) : absent))
      const field = path.replace(/\[\d+\]/g, '[]')
      return mine === other ? [] : [{ operation, step, field, ours: mine, theirs: other }]
    })
  })
}

/** Differences that nobody explained, and explanations of what does not differ (any more). */
export function judge(
  differences: readonly Difference[],
  explanations: readonly Explanation[],
): { readonly unexplained: readonly Difference[]; readonly stale: readonly Explanation[] } {
  const used = new Set<Explanation>()
  const unexplained = differences.filter((difference) => {
    const explanation = explanations.find((candidate) => explains(candidate, difference))
    if (explanation) used.add(explanation)
    return !explanation
  })
  return { unexplained, stale: explanations.filter((explanation) => !used.has(explanation)) }
}

function explains({ operations, fields, ours, theirs }: Explanation, { field, ...difference }: Difference): boolean {
  return (
    operations.includes(difference.operation) &&
    fields.some((name) => (name.endsWith('.') ? field.startsWith(name) : field === name)) &&
    (ours === anything || ours === difference.ours) &&
    (theirs === anything || theirs === difference.theirs)
  )
}

export function describe({ operation, step, field, ours, theirs }: Difference): string {
  const show = (value: unknown) => (value === absent ? 'absent' : JSON.stringify(value))
  return `request ${step}, ${operation}: ${field} is ${show(ours)} here and ${show(theirs)} there`
}
