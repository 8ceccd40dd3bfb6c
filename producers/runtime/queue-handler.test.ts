import type { Message } from '@aws-sdk/client-sqs'
import type { SQSEvent } from 'aws-lambda'
import { arnOf, type ServedSqs, serveSqs } from '../../infra/local/sqs/serve-for-test.ts'
import { VARIABLES } from '../../ports/environment/environment.ts'
import { queueHandler } from './queue-handler.ts'

const { environment: own, ...others } = VARIABLES
const known = process.env
let sqs: ServedSqs
let lines: string[]

beforeAll(async () => {
  sqs = await serveSqs()
  // As Lambda gives them to the SDK.
  process.env = {
    ...known,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIALOCAL',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL: sqs.endpoint,
  }
})
afterAll(async () => {
  process.env = known
  await sqs.close()
})
beforeEach(() => {
  lines = []
  for (const stream of ['log', 'error'] as const)
    jest.spyOn(console, stream).mockImplementation((...args: unknown[]) => void lines.push(String(args[0])))
})
afterEach(() => jest.restoreAllMocks())

const variables = (deadLetterQueueUrl: string) => ({
  ...Object.fromEntries(Object.values(others).map((name) => [name, 'some'])),
  [VARIABLES.deadLetterQueueUrl]: deadLetterQueueUrl,
})

const eventOf = (messages: readonly Message[]): SQSEvent => ({
  Records: messages.map(({ MessageId = '', ReceiptHandle = '', Body = '' }) => ({
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 'rule',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: arnOf('news'),
    awsRegion: 'us-east-1',
  })),
})

it('acknowledges what was handled or put aside, and has the one message that failed come again soon', async () => {
  const [news, dead] = [await sqs.create('news', { VisibilityTimeout: '90' }), await sqs.create('dead')]
  const handler = queueHandler('some-producer', variables(dead), {
    variables: [],
    ports: ({ queue }) => ({ queue }),
    async handle({ queue }, body) {
      if (body === 'poison') throw new Error('not today')
      if (body === 'junk') await queue.deadLetter(body, 'nobody can read it')
      return `had ${body}`
    },
  })
  for (const body of ['good', 'poison', 'junk']) await sqs.send(news, body)
  const messages = await sqs.receive(news)
  const poison = messages.find(({ Body }) => Body === 'poison')

  expect(await handler(eventOf(messages))).toEqual({ batchItemFailures: [{ itemIdentifier: poison?.MessageId }] })
  expect((await sqs.receive(dead)).map(({ Body }) => Body)).toEqual(['junk'])
  const told = lines.map((line) => JSON.parse(line))
  expect(told).toHaveLength(3)
  expect(told).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ producer: 'some-producer', result: 'had good' }),
      expect.objectContaining({ producer: 'some-producer', result: 'had junk' }),
      { producer: 'some-producer', messageId: poison?.MessageId, error: expect.stringContaining('not today') },
    ]),
  )
  sqs.advance(5_000)
  expect((await sqs.receive(news)).map(({ Body }) => Body)).toEqual(['poison'])
})

it('makes its ports once, of the live adapters and its own variables', async () => {
  const made: string[] = []
  const handler = queueHandler(
    'some-producer',
    { ...variables('http://127.0.0.1/dead'), [own]: 'local' },
    {
      variables: ['environment'],
      ports: ({ objects }, { environment }) => {
        made.push(environment)
        return { bucket: objects.bucket }
      },
      handle: async ({ bucket }, body) => `${body} in ${bucket}`,
    },
  )
  expect(made).toEqual([])
  for (const Body of ['one', 'two']) await handler(eventOf([{ Body }]))
  expect(made).toEqual(['local'])
  expect(lines.map((line) => JSON.parse(line).result)).toEqual(['one in some', 'two in some'])
})

it('names every variable that it was deployed without, its own among them', async () => {
  const handler = queueHandler(
    'some-producer',
    { [VARIABLES.busName]: 'bus' },
    {
      variables: ['checks'],
      ports: (live) => live,
      handle: async () => 'never',
    },
  )
  await expect(handler(eventOf([]))).rejects.toThrow(
    "the function's environment lacks MEDIA_BUCKET, PROJECT_ID, DEAD_LETTER_QUEUE_URL, CHECKS",
  )
})
