import { createHash } from 'node:crypto'
import type { Input } from '../aws-json/input.ts'
import { invalidValue } from './errors.ts'

/** A message's attributes by name; binary values in base64. */
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>

export interface MessageAttribute {
  readonly DataType: string
  readonly StringValue?: string
  readonly BinaryValue?: string
}

const MAX_ATTRIBUTES = 10

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

/** What a FIFO queue takes for a body's deduplication id. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/**
 * The digest that clients compare: names in order, each with its type and value behind their lengths.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort()
  if (names.length === 0) return undefined
  const hash = createHash('md5')
  const add = (bytes: Buffer) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    hash.update(length).update(bytes)
  }
  for (const name of names) {
    const attribute = attributes[name]
    if (!attribute) continue
    add(Buffer.from(name))
    add(Buffer.from(attribute.DataType))
    hash.update(Buffer.from([attribute.BinaryValue === undefined ? 1 : 2]))
    add(valueBytes(attribute))
  }
  return hash.digest('hex')
}

/** What the attributes count for in a message's size: names, types and values. */
export function bytesOfAttributes(attributes: MessageAttributes): number {
  let bytes = 0
  for (const [name, attribute] of Object.entries(attributes))
    bytes += Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType) + valueBytes(attribute).length
  return bytes
}

function valueBytes(attribute: MessageAttribute): Buffer {
  return attribute.BinaryValue === undefined
    ? Buffer.from(attribute.StringValue ?? '')
    : Buffer.from(attribute.BinaryValue, 'base64')
}

/** Reads `MessageAttributes` of a request. */
export function readMessageAttributes(input: Input): MessageAttributes {
  const given = input.inputMap('MessageAttributes')
  if (given.size > MAX_ATTRIBUTES)
    throw invalidValue(`Number of message attributes [${given.size}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`)
  const attributes: Record<string, MessageAttribute> = {}
  for (const [name, attribute] of given) {
    if (!/^(?!\.)(?!.*\.\.)[A-Za-z0-9_.-]{1,256}(?<!\.)$/.test(name) || /^(aws|amazon)\./i.test(name))
      throw invalidValue(`Message attribute name '${name}' is invalid.`)
    attributes[name] = readMessageAttribute(name, attribute)
  }
  return attributes
}

function readMessageAttribute(name: string, input: Input): MessageAttribute {
  const dataType = input.optionalText('DataType') ?? ''
  const type = /^(String|Number|Binary)(\..+)?$/.exec(dataType)?.[1]
  if (!type || dataType.length > 256)
    throw invalidValue(`The type of message attribute '${name}' is invalid. You must use String, Number or Binary.`)
  const text = input.optionalText('StringValue')
  const binary = input.optionalText('BinaryValue')
  const value = type === 'Binary' ? binary : text
  if (!value) throw invalidValue(`Message attribute '${name}' must contain a non-empty value of type '${dataType}'.`)
  if (type === 'Number' && Number.isNaN(Number(value)))
    throw invalidValue(`Can't cast the value of message attribute '${name}' to a number.`)
  return type === 'Binary' ? { DataType: dataType, BinaryValue: value } : { DataType: dataType, StringValue: value }
}

/** Those that a consumer asked for: `All`, `.*`, `prefix.*`, or names. */
export function selectAttributes(attributes: MessageAttributes, wanted: readonly string[]): MessageAttributes {
  if (wanted.includes('All') || wanted.includes('.*')) return attributes
  const names = new Set(wanted)
  const prefixes = wanted.filter((name) => name.endsWith('.*')).map((name) => name.slice(0, -2))
  return Object.fromEntries(
    Object.entries(attributes).filter(
      ([name]) => names.has(name) || prefixes.some((prefix) => name.startsWith(prefix)),
    ),
  )
}
