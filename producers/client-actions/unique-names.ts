/**
 * The first name that an object of `json` has twice, as a JSON Pointer, or undefined. Two readers of such a text may
 * see two different requests: JSON.parse keeps the last value, others the first.
 *
 * @param json a text that JSON.parse takes
 */
export function repeatedName(json: string): string | undefined {
  const open: Container[] = []
  for (const token of json.matchAll(TOKENS)) {
    const text = token[0]
    const container = open.at(-1)
    if (text === '{') open.push({ kind: 'object', names: new Set(), at: '' })
    else if (text === '[') open.push({ kind: 'array', at: 0 })
    else if (text === '}' || text === ']') open.pop()
    else if (text === ',') {
      if (container?.kind === 'array') container.at += 1
    } else if (container?.kind === 'object' && text.endsWith(':')) {
      const name: string = JSON.parse(text.slice(0, text.lastIndexOf('"') + 1))
      container.at = name
      if (container.names.has(name)) return open.map(({ at }) => `/${escapePointer(String(at))}`).join('')
      container.names.add(name)
    }
  }
  return undefined
}

type Container = { kind: 'object'; names: Set<string>; at: string } | { kind: 'array'; at: number }

/** Names with their colon, structure, and values that are strings (matched so that what is in them is passed over). */
const TOKENS = /"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}[\],]/g

function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
