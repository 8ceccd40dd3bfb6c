import { fieldsOf, readXml } from './document.ts'
import { invalidArgument, malformedXml, S3Error } from './errors.ts'
import { element } from './xml.ts'

export interface Tag {
  readonly key: string
  readonly value: string
}

const MAX_TAGS = 10
const MAX_KEY_LENGTH = 128
const MAX_VALUE_LENGTH = 256
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

/**
 * The tags of an `x-amz-tagging` header: `a=b&c=d`, URL-encoded.
 * @throws S3Error InvalidArgument, InvalidTag, BadRequest
 */
export function parseTagHeader(header: string | undefined): readonly Tag[] {
  if (header === undefined || header === '') return []
  const pairs = header.split('&').map((pair) => {
    const [key = '', value = '', ...more] = pair.split('=')
    if (key === '' || more.length > 0) throw malformedHeader(header)
    return { key: decode(key, header), value: decode(value, header) }
  })
  return validated(pairs)
}

function decode(text: string, header: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw malformedHeader(header)
  }
}

const malformedHeader = (header: string) =>
  invalidArgument(
    "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
    'x-amz-tagging',
    header,
  )

/**
 * The tags of a `<Tagging>` document.
 * @throws S3Error MalformedXML, InvalidTag, BadRequest
 */
export function parseTagDocument(document: string): readonly Tag[] {
  const set = fieldsOf(readXml(document, ['Tag']))['Tagging']
  const tags = fieldsOf(fieldsOf(set)['TagSet'] || {})['Tag'] ?? []
  if (!Array.isArray(tags)) throw malformedXml()
  return validated(
    tags.map((tag) => {
      const { Key: key, Value: value } = fieldsOf(tag)
      if (typeof key !== 'string' || typeof value !== 'string') throw malformedXml()
      return { key, value }
    }),
  )
}

export function tagElements(tags: readonly Tag[]): string {
  return element(
    'TagSet',
    tags.map(({ key, value }) => element('Tag', [element('Key', key), element('Value', value)])),
  )
}

function validated(tags: readonly Tag[]): readonly Tag[] {
  if (tags.length > MAX_TAGS) throw new S3Error(400, 'BadRequest', 'Object tags cannot be greater than 10')
  const seen = new Set<string>()
  for (const { key, value } of tags) {
    if (seen.has(key)) throw invalidTag('Cannot provide multiple Tags with the same key', key)
    seen.add(key)
    if (key === '' || key.length > MAX_KEY_LENGTH || !ALLOWED.test(key)) {
      throw invalidTag('The TagKey you have provided is invalid', key)
    }
    if (value.length > MAX_VALUE_LENGTH || !ALLOWED.test(value)) {
      throw invalidTag('The TagValue you have provided is invalid', key)
    }
    if (key.startsWith('aws:')) throw invalidTag('System tags cannot be added/updated by requester', key)
  }
  return tags
}

const invalidTag = (message: string, key: string) =>
  new S3Error(400, 'InvalidTag', message, { details: { TagKey: key } })
