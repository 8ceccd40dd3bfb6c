import type { Shares } from './protocol.ts'

/** V8's CPU profile, as far as it is read here. */
export interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string }
    readonly children?: readonly number[]
  }[]
  readonly samples: readonly number[]
  /** Microseconds between samples. */
  readonly timeDeltas: readonly number[]
}

/** Whose work a frame is, by its file; the frame nearest to where the time went decides. */
const OWNERS: readonly (readonly [RegExp, string])[] = [
  [/\/infra\/local\/s3\//, 'S3'],
  [/\/infra\/local\/sqs\//, 'SQS'],
  [/\/infra\/local\/eventbridge\//, 'EventBridge'],
  [/\/infra\/local\/apigateway\//, 'API Gateway'],
  [/\/infra\/local\/lambda\//, 'Lambda'],
  [/\/infra\/dev\/firestore\//, 'read model'],
  [/\/infra\/local\/signature\//, 'signatures'],
]
const NATIVE: Readonly<Record<string, string>> = { '(garbage collector)': 'garbage collection' }
const IDLE: ReadonlySet<string> = new Set(['(idle)'])
/** Sockets, HTTP and the event loop itself, where no frame says for whom. */
const REST = 'HTTP and the event loop'

/** Seconds of a profile by whose work it was; idle time is left out. */
export function sharesOf({ nodes, samples, timeDeltas }: Profile): Shares {
  const owners = new Map<number, string | undefined>()
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const visit = (id: number, inherited: string): void => {
    const node = byId.get(id)
    if (!node) return
    const { functionName, url } = node.callFrame
    const owner = NATIVE[functionName] ?? OWNERS.find(([pattern]) => pattern.test(url))?.[1] ?? inherited
    owners.set(id, IDLE.has(functionName) ? undefined : owner)
    for (const child of node.children ?? []) visit(child, owner)
  }
  const children = new Set(nodes.flatMap((node) => node.children ?? []))
  for (const { id } of nodes) if (!children.has(id)) visit(id, REST)

  const seconds: Record<string, number> = {}
  for (const [index, sample] of samples.entries()) {
    const owner = owners.get(sample)
    if (owner !== undefined) seconds[owner] = (seconds[owner] ?? 0) + (timeDeltas[index] ?? 0) / 1e6
  }
  return seconds
}
