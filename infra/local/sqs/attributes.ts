import { AwsError } from '../aws-json/error.ts'
import { invalidValue } from './errors.ts'

/** A queue's attributes as the API has them: every value is a string. */
export type QueueAttributes = Readonly<Record<string, string>>

/** What the queue itself acts on. */
export interface QueueSettings {
  readonly visibilityTimeoutSeconds: number
  readonly retentionSeconds: number
  readonly delaySeconds: number
  readonly waitTimeSeconds: number
  readonly maximumMessageBytes: number
  readonly redrive: RedrivePolicy | undefined
  /** Set where the queue keeps order and takes nothing twice. */
  readonly fifo: FifoSettings | undefined
}

export interface FifoSettings {
  /** A message without a deduplication id gets the digest of its body. */
  readonly contentBased: boolean
  /** Deduplication ids are compared within a message group, not within the queue. */
  readonly perGroup: boolean
}

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string
  readonly maxReceiveCount: number
}

/** Bytes; of one message, and of all messages of a batch. */
export const MAX_MESSAGE_BYTES = 1_048_576
export const MAX_VISIBILITY_SECONDS = 43_200
export const MAX_DELAY_SECONDS = 900
export const MAX_WAIT_SECONDS = 20

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
const NUMBERS: Readonly<Record<string, { min: number; max: number; initial: number }>> = {
  DelaySeconds: { min: 0, max: MAX_DELAY_SECONDS, initial: 0 },
  MaximumMessageSize: { min: 1024, max: MAX_MESSAGE_BYTES, initial: MAX_MESSAGE_BYTES },
  MessageRetentionPeriod: { min: 60, max: 1_209_600, initial: 345_600 },
  ReceiveMessageWaitTimeSeconds: { min: 0, max: MAX_WAIT_SECONDS, initial: 0 },
  VisibilityTimeout: { min: 0, max: MAX_VISIBILITY_SECONDS, initial: 30 },
}

export const DEFAULT_ATTRIBUTES: QueueAttributes = {
  ...Object.fromEntries(Object.entries(NUMBERS).map(([name, { initial }]) => [name, String(initial)])),
  SqsManagedSseEnabled: 'true',
}

/** Attributes of FIFO queues alone, each with what it takes; the first is its default. */
const FIFO_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  FifoQueue: ['true'],
  ContentBasedDeduplication: ['false', 'true'],
  DeduplicationScope: ['queue', 'messageGroup'],
  FifoThroughputLimit: ['perQueue', 'perMessageGroupId'],
}

export const FIFO_ATTRIBUTE_NAMES: readonly string[] = Object.keys(FIFO_ATTRIBUTES)
/** What a FIFO queue has beside the defaults of every queue. */
export const DEFAULT_FIFO_ATTRIBUTES: QueueAttributes = Object.fromEntries(
  Object.entries(FIFO_ATTRIBUTES).map(([name, [initial = '']]) => [name, initial]),
)

/**
 * Checks attributes that somebody sets and gives them one spelling, so that equal settings are equal strings.
 * An empty string for a policy takes it away.
 * @throws AwsError InvalidAttributeName or InvalidAttributeValue.
 */
export function checkAttributes(given: QueueAttributes): QueueAttributes {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, checkAttribute(name, value)]))
}

function checkAttribute(name: string, value: string): string {
  const bounds = Object.hasOwn(NUMBERS, name) ? NUMBERS[name] : undefined
  if (bounds) {
    const number = Number(value)
    if (!/^\d+$/.test(value) || number < bounds.min || number > bounds.max)
      throw invalidAttribute(name, `it must be an integer from ${bounds.min} to ${bounds.max}`)
    return String(number)
  }
  const allowed = Object.hasOwn(FIFO_ATTRIBUTES, name) ? FIFO_ATTRIBUTES[name] : undefined
  if (allowed) {
    // A standard queue is one without the attribute, however it is asked for.
    if (value === 'false' && name === 'FifoQueue') return ''
    if (!allowed.includes(value)) throw invalidAttribute(name, `it must be ${allowed.join(' or ')}`)
    return value
  }
  switch (name) {
    case 'RedrivePolicy':
      return value === '' ? '' : JSON.stringify(parseRedrivePolicy(value))
    case 'RedriveAllowPolicy':
      return value === '' ? '' : JSON.stringify(parseRedriveAllowPolicy(value))
    case 'Policy':
      if (value !== '') parseObject(name, value)
      return value
    case 'SqsManagedSseEnabled':
      if (value !== 'true' && value !== 'false') throw invalidAttribute(name, 'it must be true or false')
      return value
    case 'KmsMasterKeyId':
      return value
    case 'KmsDataKeyReusePeriodSeconds': {
      const seconds = Number(value)
      if (!/^\d+$/.test(value) || seconds < 60 || seconds > 86_400)
        throw invalidAttribute(name, 'it must be an integer from 60 to 86400')
      return String(seconds)
    }
    default:
      throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`)
  }
}

/** Reads checked attributes. */
export function settingsOf(attributes: QueueAttributes): QueueSettings {
  const number = (name: string) => Number(attributes[name] ?? DEFAULT_ATTRIBUTES[name])
  const redrivePolicy = attributes['RedrivePolicy']
  return {
    visibilityTimeoutSeconds: number('VisibilityTimeout'),
    retentionSeconds: number('MessageRetentionPeriod'),
    delaySeconds: number('DelaySeconds'),
    waitTimeSeconds: number('ReceiveMessageWaitTimeSeconds'),
    maximumMessageBytes: number('MaximumMessageSize'),
    redrive: redrivePolicy ? parseRedrivePolicy(redrivePolicy) : undefined,
    fifo:
      attributes['FifoQueue'] === 'true'
        ? {
            contentBased: attributes['ContentBasedDeduplication'] === 'true',
            perGroup: attributes['DeduplicationScope'] === 'messageGroup',
          }
        : undefined,
  }
}

/**
 * Holds a queue's attributes to its kind, which its name tells.
 * @throws AwsError InvalidAttributeName or InvalidParameterValue.
 */
export function checkKind(name: string, attributes: QueueAttributes): void {
  const isFifo = attributes['FifoQueue'] === 'true'
  if (isFifo !== name.endsWith('.fifo'))
    throw invalidValue('The name of a FIFO queue, and of no other, ends with .fifo: FifoQueue must be true.')
  const [extra] = FIFO_ATTRIBUTE_NAMES.filter((attribute) => !isFifo && attributes[attribute])
  if (extra !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${extra}.`)
  if (attributes['FifoThroughputLimit'] === 'perMessageGroupId' && attributes['DeduplicationScope'] !== 'messageGroup')
    throw invalidValue('FifoThroughputLimit perMessageGroupId needs DeduplicationScope messageGroup.')
}

/** Whether a dead-letter queue of these attributes takes messages of the queue `sourceArn`. */
export function allowsRedriveFrom(attributes: QueueAttributes, sourceArn: string): boolean {
  const text = attributes['RedriveAllowPolicy']
  if (!text) return true
  const policy = parseRedriveAllowPolicy(text)
  if (policy.redrivePermission === 'byQueue') return policy.sourceQueueArns?.includes(sourceArn) ?? false
  return policy.redrivePermission === 'allowAll'
}

function parseRedrivePolicy(text: string): RedrivePolicy {
  const { deadLetterTargetArn, maxReceiveCount, ...others } = parseObject('RedrivePolicy', text)
  const [unknown] = Object.keys(others)
  if (unknown) throw invalidPolicy('RedrivePolicy', text, `"${unknown}" is not part of it`)
  const count = Number(maxReceiveCount)
  if (typeof deadLetterTargetArn !== 'string')
    throw invalidPolicy('RedrivePolicy', text, 'deadLetterTargetArn is missing')
  if (!Number.isInteger(count) || count < 1 || count > 1000)
    throw invalidPolicy('RedrivePolicy', text, 'maxReceiveCount must be an integer from 1 to 1000')
  return { deadLetterTargetArn, maxReceiveCount: count }
}

interface RedriveAllowPolicy {
  readonly redrivePermission: string
  readonly sourceQueueArns?: readonly string[]
}

function parseRedriveAllowPolicy(text: string): RedriveAllowPolicy {
  const { redrivePermission, sourceQueueArns } = parseObject('RedriveAllowPolicy', text)
  if (redrivePermission === 'allowAll' || redrivePermission === 'denyAll') return { redrivePermission }
  if (
    redrivePermission === 'byQueue' &&
    Array.isArray(sourceQueueArns) &&
    sourceQueueArns.length <= 10 &&
    sourceQueueArns.every((arn) => typeof arn === 'string')
  )
    return { redrivePermission, sourceQueueArns: [...sourceQueueArns].sort() }
  throw invalidPolicy(
    'RedriveAllowPolicy',
    text,
    'redrivePermission must be allowAll, denyAll, or byQueue with up to 10 sourceQueueArns',
  )
}

function parseObject(name: string, text: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw invalidPolicy(name, text, 'it is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalidPolicy(name, text, 'it is not a JSON object')
  return { ...value }
}

function invalidAttribute(name: string, reason: string): AwsError {
  return new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}. Reason: ${reason}.`)
}

function invalidPolicy(name: string, text: string, reason: string): AwsError {
  return invalidValue(`Value ${text} for parameter ${name} is invalid. Reason: ${reason}.`)
}
