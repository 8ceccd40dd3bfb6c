import type { RoutedEvent } from './event.ts'

export interface Target {
  readonly id: string
  readonly arn: string
  readonly deadLetterArn: string | undefined
  /** What the target receives instead of the event: a constant JSON text, or the part at a path. */
  readonly input: { readonly constant: string } | { readonly path: string } | undefined
  /** As it was declared, for those who ask. */
  readonly retryPolicy: object | undefined
  readonly roleArn: string | undefined
}

/** The text that the target receives for the event. */
export function renderInput(target: Target, event: RoutedEvent): string {
  const { input } = target
  if (!input) return event.json
  if ('constant' in input) return input.constant
  let value: unknown = event.envelope
  for (const key of parsePath(input.path)) value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return JSON.stringify(value ?? null)
}

/**
 * The keys of a JSON path of plain steps: `$.detail.meta`, `$.resources[0]`, `$['detail-type']`.
 * @throws Error where it has other operators.
 */
export function parsePath(path: string): readonly string[] {
  if (!/^\$(\.[\w-]+|\[\d+\]|\['[^']+'\])*$/.test(path))
    throw new Error(`InputPath ${path} does not run locally: only steps such as $.detail.a, $.resources[0] and $['a']`)
  return [...path.matchAll(/\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]/g)].map(
    ([, name, index, quoted]) => name ?? index ?? quoted ?? '',
  )
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
