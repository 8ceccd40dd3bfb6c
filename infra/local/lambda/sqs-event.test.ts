import type { ReceivedMessage } from '../cloud.ts'
import { failedItems } from './sqs-event.ts'

const messages = ['a', 'b'].map(
  (messageId): ReceivedMessage => ({
    messageId,
    receiptHandle: messageId,
    body: '',
    md5OfBody: '',
    attributes: {},
    messageAttributes: {},
  }),
)

test.each(['null', '{}', '{"batchItemFailures":null}', '{"batchItemFailures":[]}'])('%s is a success', (answer) => {
  expect(failedItems(answer, messages)).toEqual(new Set())
})

test('the items that are named fail', () => {
  expect(failedItems('{"batchItemFailures":[{"itemIdentifier":"b"}]}', messages)).toEqual(new Set(['b']))
})

test.each([
  '"text"',
  '{"batchItemFailures":"b"}',
  '{"batchItemFailures":[{"itemIdentifier":"unknown"}]}',
  '{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":""}]}',
  '{"batchItemFailures":[{"itemIdentifier":null}]}',
  '{"batchItemFailures":[{"messageId":"b"}]}',
])('%s fails the whole batch', (answer) => {
  expect(failedItems(answer, messages)).toBe('all')
})
