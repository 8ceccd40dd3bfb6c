import { invalidArgument } from './errors.ts'

/**
 * A parameter that bounds an answer, never above what S3 gives at once.
 * @param otherwise where it isn't given; by default that most.
 * @throws S3Error InvalidArgument
 */
export function parseCount(
  parameters: ReadonlyMap<string, string>,
  name: string,
  most: number,
  otherwise = most,
): number {
  const text = parameters.get(name)
  if (text === undefined || text === '') return otherwise
  if (!/^\d{1,10}$/.test(text))
    throw invalidArgument(`Provided ${name} not an integer or within integer range`, name, text)
  return Math.min(Number(text), most)
}
