import { invalidArgument } from './errors.ts'

/**
 * A parameter that bounds an answer, never above what S3 gives at once.
 * @throws S3Error InvalidArgument
 */
export function parseCount(query: ReadonlyMap<string, string>, name: string, most: number): number {
  const text = query.get(name)
  if (text === undefined) return most
  if (!/^\d{1,10}$/.test(text))
    throw invalidArgument(`Provided ${name} not an integer or within integer range`, name, text)
  return Math.min(Number(text), most)
}
