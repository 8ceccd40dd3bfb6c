import type { SQSEvent, SQSRecord } from 'aws-lambda'
import { backoffSeconds, processBatch } from './batch.ts'
import { fakeQueue } from './fake-queue.ts'

const record = (messageId: string, receiveCount = 1): SQSRecord => ({
  messageId,
  receiptHandle: `receipt-${messageId}`,
  body: messageId,
  attributes: {
    ApproximateReceiveCount: String(receiveCount),
    SentTimestamp: '0',
    SenderId: 'rule',
    ApproximateFirstReceiveTimestamp: '0',
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:some-queue',
  awsRegion: 'us-east-1',
})
const batch = (...records: SQSRecord[]): SQSEvent => ({ Records: records })

it('gives back the one bad record of ten, and lets it come again soon', async () => {
  const queue = fakeQueue()
  const errors: string[] = []
  const handled: string[] = []
  const records = Array.from({ length: 10 }, (_, index) => record(`m${index}`, 3))
  const answer = await processBatch(
    batch(...records),
    async ({ body }) => {
      if (body === 'm4') throw new Error('poison')
      handled.push(body)
    },
    { queue, onError: ({ messageId }) => errors.push(messageId) },
  )
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm4' }] })
  expect(handled).toHaveLength(9)
  expect(errors).toEqual(['m4'])
  expect(queue.retries).toEqual([
    { receipt: { queueArn: records[4]?.eventSourceARN, receiptHandle: 'receipt-m4' }, seconds: backoffSeconds(3) },
  ])
})

it('never throws, not even when all fail and the queue can’t be told', async () => {
  const errors: unknown[] = []
  const answer = await processBatch(batch(record('a'), record('b')), () => Promise.reject(new Error('down')), {
    queue: { retryAfter: () => Promise.reject(new Error('throttled')) },
    onError: (_, error) => errors.push(error),
  })
  expect(answer.batchItemFailures).toHaveLength(2)
  expect(errors).toHaveLength(4)
})

it('waits longer each time, up to ten minutes', () => {
  expect([1, 2, 3, 20].map(backoffSeconds)).toEqual([5, 10, 20, 600])
})
