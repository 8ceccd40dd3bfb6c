import type { Input } from '../aws-json/input.ts'

/** One page of what the input's `NamePrefix` selects, by name; the token is the last name of the page before. */
export function page<T extends { readonly name: string }>(
  input: Input,
  member: string,
  items: readonly T[],
  describe: (item: T) => object,
): object {
  const prefix = input.optionalText('NamePrefix') ?? ''
  const after = Buffer.from(input.optionalText('NextToken') ?? '', 'base64url').toString()
  const limit = input.optionalInteger('Limit', 1, 100) ?? 100
  const rest = items
    .filter(({ name }) => name.startsWith(prefix) && name > after)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const last = rest[limit - 1]
  return {
    [member]: rest.slice(0, limit).map(describe),
    NextToken: rest.length > limit && last ? Buffer.from(last.name).toString('base64url') : undefined,
  }
}
