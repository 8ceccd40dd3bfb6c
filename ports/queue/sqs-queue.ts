import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { SourceQueue } from './queue.ts'

/** SQS, as the function's own queue and its dead-letter queue. */
export function sqsQueue(options: { readonly deadLetterQueueUrl: string; readonly client?: SQSClient }): SourceQueue {
  // The queue is named by its URL, but reached at the client's endpoint.
  const client = options.client ?? new SQSClient({ useQueueUrlAsEndpoint: false })
  return {
    async deadLetter(body, reason) {
      await client.send(
        new SendMessageCommand({
          QueueUrl: options.deadLetterQueueUrl,
          MessageBody: body,
          MessageAttributes: { reason: { DataType: 'String', StringValue: reason.slice(0, 1024) } },
        }),
      )
    },
    async retryAfter({ queueArn, receiptHandle }, seconds) {
      const [, , , region, account, name] = queueArn.split(':')
      await client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: `https://sqs.${region}.amazonaws.com/${account}/${name}`,
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: seconds,
        }),
      )
    },
  }
}
