import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import type { SourceQueue } from './queue.ts'

/** How long until a message that failed for a passing reason is tried again, in seconds, by its number of receives. */
export function backoffSeconds(receiveCount: number): number {
  return Math.min(5 * 2 ** (receiveCount - 1), 600)
}

/**
 * Handles each record of an SQS batch on its own: those that throw, and only those, are named in the answer and come
 * again, sooner than their visibility timeout would have it. It never throws itself, as a failed invocation would make
 * Lambda slow the whole queue down.
 */
export async function processBatch(
  event: SQSEvent,
  handle: (record: SQSRecord) => Promise<void>,
  {
    queue,
    onError,
  }: {
    readonly queue: Pick<SourceQueue, 'retryAfter'>
    readonly onError: (record: SQSRecord, error: unknown) => void
  },
): Promise<SQSBatchResponse> {
  const failures = await Promise.all(
    event.Records.map(async (record) => {
      try {
        await handle(record)
        return []
      } catch (error) {
        onError(record, error)
        const receipt = { queueArn: record.eventSourceARN, receiptHandle: record.receiptHandle }
        try {
          await queue.retryAfter(receipt, backoffSeconds(Number(record.attributes.ApproximateReceiveCount)))
        } catch (late) {
          // The message comes back all the same, only later.
          onError(record, late)
        }
        return [{ itemIdentifier: record.messageId }]
      }
    }),
  )
  return { batchItemFailures: failures.flat() }
}
