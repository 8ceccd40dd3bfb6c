/**
 * The keys of a JSON path of plain steps: `$.detail.meta`, `$.resources[0]`, `$['detail-type']`.
 * @throws Error where it has other operators.
 */
export function parsePath(path: string): readonly string[] {
  if (!/^\$(\.[\w-]+|\[\d+\]|\['[^']+'\])*$/.test(path))
    throw new Error(`The path ${path} does not run locally: only steps such as $.detail.a, $.resources[0] and $['a']`)
  return [...path.matchAll(/\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]/g)].map(
    ([, name, index, quoted]) => name ?? index ?? quoted ?? '',
  )
}

/** What lies there; undefined where the path leads nowhere. */
export function valueAt(root: unknown, keys: readonly string[]): unknown {
  let value = root
  for (const key of keys) value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return value
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
