import { isRecord } from '../assembly/template.ts'
import type { ReceivedMessage } from '../cloud.ts'

/** The event that Lambda makes of a batch. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
export function sqsEvent(messages: readonly ReceivedMessage[], queueArn: string, region: string): string {
  return JSON.stringify({
    Records: messages.map((message) => ({
      messageId: message.messageId,
      receiptHandle: message.receiptHandle,
      body: message.body,
      attributes: message.attributes,
      messageAttributes: Object.fromEntries(
        Object.entries(message.messageAttributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
          name,
          {
            ...(StringValue === undefined ? {} : { stringValue: StringValue }),
            ...(BinaryValue === undefined ? {} : { binaryValue: BinaryValue }),
            stringListValues: [],
            binaryListValues: [],
            dataType: DataType,
          },
        ]),
      ),
      md5OfBody: message.md5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN: queueArn,
      awsRegion: region,
    })),
  })
}

/**
 * The ids that a function with `ReportBatchItemFailures` gives back, or `'all'` where its answer makes the whole
 * batch fail: an unknown, empty or missing identifier.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function failedItems(answer: string, messages: readonly ReceivedMessage[]): ReadonlySet<string> | 'all' {
  let response: unknown
  try {
    response = JSON.parse(answer)
  } catch {
    return 'all'
  }
  if (response === null) return new Set()
  // Lambda reads the answer leniently: no such member is a success, a wrong one is not.
  if (!isRecord(response)) return 'all'
  const failures = response['batchItemFailures'] ?? []
  if (!Array.isArray(failures)) return 'all'

  const known = new Set(messages.map(({ messageId }) => messageId))
  const failed = new Set<string>()
  for (const failure of failures) {
    const id = isRecord(failure) ? failure['itemIdentifier'] : undefined
    if (typeof id !== 'string' || !known.has(id)) return 'all'
    failed.add(id)
  }
  return failed
}
