import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3'
import { ListQueuesCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { type ServedStack, serveStack } from './served-stack.ts'

// The CLI takes a second for each of its calls, and more where the machine is busy.
jest.setTimeout(60_000)

const BUS = 'messageai-media-local'
const DEAD_LETTERS = 'messageai-local-optimize-image-dlq'

interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

interface Aws {
  buckets(): Promise<readonly string[]>
  queues(): Promise<readonly string[]>
  /** How many entries failed. */
  putEvent(detailType: string, detail: string): Promise<number>
  /** Waits up to 20 s. */
  receive(queueUrl: string): Promise<readonly Message[]>
}

let stack: ServedStack

beforeAll(async () => {
  stack = await serveStack()
})

afterAll(async () => {
  await stack?.close()
})

/** The SDK's own clients, as programs use them: the endpoint and the keys are all that is told to them. */
function sdk(credentials: Keys): Aws {
  const { endpoint, region } = stack.cloud
  const options = { endpoint, region, credentials, maxAttempts: 1 }
  const s3 = new S3Client(options)
  const sqs = new SQSClient(options)
  const events = new EventBridgeClient(options)
  return {
    async buckets() {
      return ((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).map(({ Name = '' }) => Name)
    },
    async queues() {
      return (await sqs.send(new ListQueuesCommand({}))).QueueUrls ?? []
    },
    async putEvent(DetailType, Detail) {
      const entry = { EventBusName: BUS, Source: 'messageai.media', DetailType, Detail }
      return (await events.send(new PutEventsCommand({ Entries: [entry] }))).FailedEntryCount ?? 0
    },
    async receive(QueueUrl) {
      const wanted = { QueueUrl, WaitTimeSeconds: 20, MessageAttributeNames: ['All'] }
      return (await sqs.send(new ReceiveMessageCommand(wanted))).Messages ?? []
    },
  }
}

function cli({ accessKeyId, secretAccessKey }: Keys): Aws {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: stack.dataDir,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: stack.cloud.region,
    AWS_DEFAULT_REGION: stack.cloud.region,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '1',
  }
  const aws = async (...args: readonly string[]): Promise<unknown> => {
    // Version 1 asks the real queues of us-east-1 whatever AWS_ENDPOINT_URL says, and listens to this alone.
    const everywhere = ['--endpoint-url', stack.cloud.endpoint, '--output', 'json']
    const { stdout } = await promisify(execFile)(AWS, [...args, ...everywhere], { env })
    return stdout === '' ? {} : JSON.parse(stdout)
  }
  return {
    async buckets() {
      const { Buckets } = (await aws('s3api', 'list-buckets')) as { Buckets: readonly { Name: string }[] }
      return Buckets.map(({ Name }) => Name)
    },
    async queues() {
      return ((await aws('sqs', 'list-queues')) as { QueueUrls: readonly string[] }).QueueUrls
    },
    async putEvent(DetailType, Detail) {
      const entry = { EventBusName: BUS, Source: 'messageai.media', DetailType, Detail }
      const answer = await aws('events', 'put-events', '--entries', JSON.stringify([entry]))
      return (answer as { FailedEntryCount: number }).FailedEntryCount
    },
    async receive(queueUrl) {
      const options = ['--wait-time-seconds', '20', '--message-attribute-names', 'All']
      const answer = await aws('sqs', 'receive-message', '--queue-url', queueUrl, ...options)
      return (answer as { Messages?: readonly Message[] }).Messages ?? []
    },
  }
}

// Where a version manager stands before it, HOME decides which one runs: ask for the program itself.
const AWS = spawnSync('sh', ['-c', 'pyenv which aws 2>/dev/null || command -v aws'], { encoding: 'utf8' }).stdout.trim()

function describeAws(name: string, make: (keys: Keys) => Aws, when: typeof describe = describe): void {
  when(name, () => {
    const own = () => make(stack.cloud.credentials)

    it('lists the buckets and the queues of the template', async () => {
      const [buckets, queues] = await Promise.all([own().buckets(), own().queues()])
      expect(buckets).toContain('messageai-media-local')
      const urls = stack.cloud.resources.filter(({ type }) => type === 'AWS::SQS::Queue').map(({ ref }) => ref)
      expect([...queues].sort()).toEqual([...urls].sort())
      expect(queues).toContain(`${stack.cloud.endpoint}/000000000000/messageai-local-generate-thumbnail`)
    })

    it('puts an event that reaches its consumer, and receives what that can’t read from its dead letters', async () => {
      const detail = JSON.stringify({ meta: {}, data: { kind: 'image', says: name } })
      expect(await own().putEvent('MediaUploaded.v1', detail)).toBe(0)

      const [dead] = await own().receive(`${stack.cloud.endpoint}/000000000000/${DEAD_LETTERS}`)
      stack.cloud.queues.delete(`arn:aws:sqs:us-east-1:000000000000:${DEAD_LETTERS}`, [dead?.ReceiptHandle ?? ''])
      expect(JSON.parse(dead?.Body ?? '{}')).toMatchObject({
        source: 'messageai.media',
        'detail-type': 'MediaUploaded.v1',
        detail: { data: { says: name } },
      })
      expect(JSON.stringify(dead?.MessageAttributes)).toContain('/meta')
    })

    it('is refused with a wrong secret, and with a wrong key', async () => {
      const { credentials } = stack.cloud
      const wrongSecret = make({ ...credentials, secretAccessKey: `${credentials.secretAccessKey.slice(0, -1)}-` })
      const wrongKey = make({ ...credentials, accessKeyId: 'AKIAIOSFODNN7EXAMPLE' })
      const attempts = [
        wrongSecret.buckets(),
        wrongSecret.queues(),
        wrongSecret.putEvent('MediaUploaded.v1', '{}'),
        wrongKey.buckets(),
      ]
      const refusals = await Promise.allSettled(attempts)
      const reasons = refusals.map((refusal) => (refusal.status === 'rejected' ? String(refusal.reason) : 'taken'))
      expect(reasons).toEqual([
        expect.stringMatching(/signature/i),
        expect.stringMatching(/signature/i),
        expect.stringMatching(/signature/i),
        expect.stringMatching(/InvalidAccessKeyId|Access Key Id/i),
      ])
    })
  })
}

describeAws('the SDK’s clients', sdk)

if (AWS === '') console.warn('skipped: the aws CLI, which is not on PATH')
describeAws('the aws CLI', cli, AWS === '' ? describe.skip : describe)
