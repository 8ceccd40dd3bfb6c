import { AwsError } from '../aws-json/error.ts'
import type { Input } from '../aws-json/input.ts'
import { MAX_DELAY_SECONDS } from './attributes.ts'
import { invalidValue, wording } from './errors.ts'
import { bytesOfAttributes, type MessageAttribute, readMessageAttributes } from './message-attributes.ts'
import type { Draft } from './messages.ts'
import type { Queue } from './queues.ts'

// https://www.w3.org/TR/REC-xml/#charsets: other characters are refused, halves of surrogate pairs among them.
const UNSENDABLE = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u

/** Reads what SendMessage and each entry of SendMessageBatch have in common. */
export function readDraft(input: Input): Draft {
  const body = input.text('MessageBody')
  const system = input.inputMap('MessageSystemAttributes')
  for (const name of system.keys())
    if (name !== 'AWSTraceHeader') throw invalidValue(`Message system attribute name '${name}' is invalid.`)
  const systemAttributes: Record<string, string> = {}
  const traceHeader = system.get('AWSTraceHeader')
  if (traceHeader) systemAttributes['AWSTraceHeader'] = traceHeader.text('StringValue')
  for (const name of ['MessageGroupId', 'MessageDeduplicationId']) {
    const value = input.optionalText(name)
    if (value === undefined) continue
    if (!/^[\x21-\x7E]{1,128}$/.test(value))
      throw invalidValue(
        `Value ${value} for parameter ${name} is invalid. Reason: 1 to 128 letters, digits or punctuation.`,
      )
    systemAttributes[name] = value
  }
  return {
    body,
    attributes: readMessageAttributes(input),
    systemAttributes,
    delaySeconds: input.optionalInteger('DelaySeconds', 0, MAX_DELAY_SECONDS),
  }
}

/** The sender's own system attributes in the form in which their digest is made. */
export function sentSystemAttributes(draft: Draft): Readonly<Record<string, MessageAttribute>> {
  const traceHeader = draft.systemAttributes['AWSTraceHeader']
  return traceHeader ? { AWSTraceHeader: { DataType: 'String', StringValue: traceHeader } } : {}
}

/**
 * Holds a message to what its queue takes.
 * @throws AwsError MissingParameter, InvalidMessageContents, or InvalidParameterValue where it is too long.
 */
export function checkDraft(queue: Queue, draft: Draft): void {
  if (draft.body === '') throw wording.missing('MessageBody')
  if (UNSENDABLE.test(draft.body))
    throw new AwsError('InvalidMessageContents', 'The message contains characters outside the allowed set.')
  checkKind(queue, draft)
  const limit = queue.settings.maximumMessageBytes
  if (bytesOfDraft(draft) > limit)
    throw invalidValue(`One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`)
}

function checkKind({ settings: { fifo } }: Queue, { systemAttributes, delaySeconds = 0 }: Draft): void {
  const { MessageGroupId, MessageDeduplicationId } = systemAttributes
  if (!fifo) {
    if (MessageDeduplicationId !== undefined)
      throw invalidValue('MessageDeduplicationId is not valid for a standard queue.')
    return
  }
  if (MessageGroupId === undefined) throw wording.missing('MessageGroupId')
  if (MessageDeduplicationId === undefined && !fifo.contentBased)
    throw invalidValue(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    )
  if (delaySeconds > 0)
    throw invalidValue(
      `Value ${delaySeconds} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.`,
    )
}

export function bytesOfDraft(draft: Draft): number {
  return Buffer.byteLength(draft.body) + bytesOfAttributes(draft.attributes)
}
