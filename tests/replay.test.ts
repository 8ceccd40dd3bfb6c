import { execFile, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  DescribeReplayCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge'
import { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3'
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { EVENTS, MediaUploadedV1 } from '../contracts/generated/events.ts'
import type { MediaEvent } from '../events/envelope.ts'
import { inclusivePattern, livePattern } from '../events/pattern.ts'
import { apiClient } from '../infra/dev/client.ts'
import { LOCAL_CONVERSATION, LOCAL_USER } from '../infra/dev/options.ts'
import { localToken } from '../infra/dev/token.ts'
import { scene } from './fixtures/scene.ts'
import { type RunningStack, startProgram } from './program.ts'
import { type Recorded, readRecorded } from './recorded.ts'
import { until } from './served-stack.ts'

jest.setTimeout(120_000)

const LANE = 'optimize-image-replay'
const THUMBNAIL_READY = EVENTS.filter(({ name }) => name === 'ThumbnailReady')
const AWS = spawnSync('sh', ['-c', 'pyenv which aws 2>/dev/null || command -v aws'], { encoding: 'utf8' }).stdout.trim()

let folder: string
let dataDir: string
let stack: RunningStack

// Starting a stack takes seconds: one serves all of these tests, in their order.
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'replay-'))
  dataDir = join(folder, 'state')
  stack = await startProgram(dataDir, '--verbose')
  await subscribe('team-live', livePattern(THUMBNAIL_READY))
  await subscribe('team-all', inclusivePattern(THUMBNAIL_READY))
  await sendPhotos(2)
})

afterAll(async () => {
  stack?.signal('SIGTERM')
  await stack?.ended
  rmSync(folder, { recursive: true })
})

/** What the stack has recorded by now; it goes on, and nothing is under way in it. */
function recorded(): Recorded {
  const copy = mkdtempSync(join(folder, 'copy-'))
  cpSync(dataDir, copy, { recursive: true })
  return readRecorded(copy)
}

/** Clients of the stack as it runs now. */
function aws() {
  const { awsEndpoint: endpoint, region, credentials } = stack.local
  const options = { endpoint, region, credentials, maxAttempts: 1 }
  return {
    events: new EventBridgeClient(options),
    sqs: new SQSClient(options),
    s3: new S3Client({ ...options, forcePathStyle: true }),
  }
}

/** The names of all replay lanes. */
const lanes = () => Object.keys(stack.local.queues).filter((name) => name.endsWith('-replay'))

const ruleArn = (name: string) => stack.local.eventBus.arn.replace(':event-bus/', ':rule/').concat(`/${name}`)
const queueUrl = (name: string) => `${stack.local.awsEndpoint}/${stack.local.accountId}/${name}`

/** What another team does from its side: a queue of its own, and a rule on the bus that sends to it. */
async function subscribe(name: string, pattern: object): Promise<void> {
  const { events, sqs } = aws()
  const bus = { EventBusName: stack.local.eventBus.name }
  await sqs.send(new CreateQueueCommand({ QueueName: name }))
  await events.send(new PutRuleCommand({ Name: name, ...bus, EventPattern: JSON.stringify(pattern) }))
  const Arn = `arn:aws:sqs:${stack.local.region}:${stack.local.accountId}:${name}`
  await events.send(new PutTargetsCommand({ Rule: name, ...bus, Targets: [{ Id: 'queue', Arn }] }))
}

interface Received {
  readonly 'replay-name'?: string
  readonly detail: MediaEvent
}

/** Takes everything that lies in a queue now. */
async function drain(name: string): Promise<Received[]> {
  const { sqs } = aws()
  const QueueUrl = queueUrl(name)
  const all: Received[] = []
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
    if (Messages.length === 0) return all
    for (const { Body = '{}', ReceiptHandle } of Messages) {
      all.push(JSON.parse(Body) as Received)
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
    }
  }
}

async function isEmpty(name: string): Promise<true | undefined> {
  const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const
  const { Attributes = {} } = await aws().sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl(name), AttributeNames: [...AttributeNames] }),
  )
  return AttributeNames.every((attribute) => Attributes[attribute] === '0') || undefined
}

/** Sends photos through the API, and waits until they are ready and every queue is empty. */
async function sendPhotos(count: number): Promise<readonly string[]> {
  const { apiUrl, projectId } = stack.local
  const token = localToken(LOCAL_USER, projectId, Math.floor(Date.now() / 1000))
  const client = apiClient({ apiUrl, token, conversationId: LOCAL_CONVERSATION })
  const sent = Array.from({ length: count }, async (_, index) => {
    const file = join(folder, `${index}.jpg`)
    writeFileSync(
      file,
      await scene({ width: 300 + index, height: 200 })
        .jpeg()
        .toBuffer(),
    )
    const reservation = await client.reserve(file, {
      kind: 'image',
      contentType: 'image/jpeg',
      bytes: statSync(file).size,
    })
    if (!reservation.ok) throw new Error(reservation.reason)
    await client.upload(file, reservation)
    await until('the photo is ready', async () =>
      (await client.media(reservation.mediaId)).status === 'ready' ? true : undefined,
    )
    return reservation.mediaId
  })
  const mediaIds = await Promise.all(sent)
  for (const name of Object.keys(stack.local.queues)) {
    await until(`${name} is empty`, () => isEmpty(`messageai-local-${name}`))
  }
  return mediaIds
}

const today = () => ({
  EventStartTime: new Date(Date.now() - 3_600_000),
  EventEndTime: new Date(Date.now() + 3_600_000),
})

async function completed(ReplayName: string): Promise<void> {
  await until(`the replay ${ReplayName} is completed`, async () => {
    const { State, StateReason } = await aws().events.send(new DescribeReplayCommand({ ReplayName }))
    if (State === 'FAILED') throw new Error(StateReason)
    return State === 'COMPLETED' || undefined
  })
  for (const lane of lanes()) await until(`${lane} is empty`, () => isEmpty(`messageai-local-${lane}`))
}

/** Every version of every object, as it lies in the bucket. */
async function objectVersions(): Promise<readonly string[]> {
  const { Versions = [] } = await aws().s3.send(new ListObjectVersionsCommand({ Bucket: stack.local.buckets[0] }))
  return Versions.map(({ Key, VersionId, LastModified }) => `${Key} ${VersionId} ${LastModified?.toISOString()}`)
}

const output = () => stack.stdout() + stack.stderr()

/** How often each consumer settled a message, and how: `optimize-image repeated`. */
function settled(output: string): readonly string[] {
  const lines = [...output.matchAll(/\{"consumer":"[^\n]*?\}/g)].map(
    ([json]) => JSON.parse(json) as { consumer: string; outcome?: string; reason?: string },
  )
  return lines.map(({ consumer, outcome, reason }) => `${consumer} ${outcome ?? reason}`).sort()
}

it('a day replayed through one consumer changes nothing, computes nothing and tells nobody', async () => {
  expect(await drain('team-live')).toHaveLength(2)
  expect(await drain('team-all')).toHaveLength(2)
  const before = recorded()
  const objects = await objectVersions()
  const said = output().length

  await aws().events.send(
    new StartReplayCommand({
      ReplayName: 'photos',
      EventSourceArn: stack.local.archive,
      ...today(),
      Destination: { Arn: stack.local.eventBus.arn, FilterArns: [ruleArn(`messageai-local-${LANE}`)] },
    }),
  )
  await completed('photos')

  expect(settled(output().slice(said))).toEqual(Array(2).fill('optimize-image repeated'))
  const after = recorded()
  expect(after.documents).toEqual(before.documents)
  expect(after.archived).toEqual(before.archived)
  expect(after.waiting).toEqual(new Map())
  expect(await objectVersions()).toEqual(objects)
})

/** Puts the first upload of the archive onto the bus once more, forced, and waits until all lanes are empty. */
async function force(replay: { readonly epoch: number; readonly lanes: readonly string[] }): Promise<MediaEvent> {
  const uploaded = recorded().archived.find((event) => event['detail-type'] === MediaUploadedV1.detailType)?.detail
  if (!uploaded) throw new Error('the archive has no MediaUploaded')
  const mark = { id: `recipe-${replay.epoch}`, mode: 'force', ...replay }
  const Detail = JSON.stringify({ ...uploaded, meta: { ...uploaded.meta, replay: mark } })
  const entry = { Source: 'messageai.media', DetailType: MediaUploadedV1.detailType, Detail }
  await aws().events.send(new PutEventsCommand({ Entries: [{ ...entry, EventBusName: stack.local.eventBus.name }] }))
  // What one lane says is in the next one's queue before the first has let go of its message.
  for (const lane of lanes()) await until(`${lane} is empty`, () => isEmpty(`messageai-local-${lane}`))
  return { ...uploaded, meta: { ...uploaded.meta, replay: mark } }
}

const runsOf = (mediaId: string, step: string) =>
  Object.keys(recorded().media.find((media) => media.mediaId === mediaId)?.steps[step] ?? {}).sort()

it('a forced replay computes again into a run of its own, which only those hear of who asked for replays', async () => {
  const before = recorded()
  const { meta } = await force({ epoch: 1, lanes: ['optimize-image'] })

  const [told] = await drain('team-all')
  expect(told?.detail.meta).toMatchObject({ type: 'ThumbnailReady', run: '1.0', replay: meta.replay })
  expect(await drain('team-live')).toEqual([])
  const after = recorded()
  for (const { mediaId, steps } of before.media) {
    const now = after.media.find((media) => media.mediaId === mediaId)?.steps ?? {}
    expect(now).toMatchObject(steps)
    for (const [name, step] of Object.entries(now)) {
      const isForced = mediaId === meta.subject && name === 'optimize-image'
      expect(Object.keys(step).sort()).toEqual(isForced ? ['0.0', '1.0'] : ['0.0'])
    }
  }
})

it('what is said because of a replay reaches the lanes that its plan names, and by default none', async () => {
  const { meta } = await force({ epoch: 2, lanes: ['optimize-image'] })
  expect(runsOf(meta.subject, 'optimize-image')).toEqual(['0.0', '1.0', '2.0'])
  expect(runsOf(meta.subject, 'moderate-content')).toEqual(['0.0'])

  await force({ epoch: 3, lanes: ['optimize-image', 'moderate-content'] })
  expect(runsOf(meta.subject, 'optimize-image')).toEqual(['0.0', '1.0', '2.0', '3.0'])
  expect(runsOf(meta.subject, 'moderate-content')).toEqual(['0.0', '3.0'])
  expect(runsOf(meta.subject, 'extract-metadata')).toEqual(['0.0'])
  expect(await drain('team-live')).toEqual([])
})

it('a replay whose runtime is killed in the middle loses no event', async () => {
  await subscribe('noise', { source: ['messageai.media'], 'replay-name': [{ exists: true }] })
  const { events } = aws()
  for (let n = 0; n < 1000; n += 10) {
    const Entries = Array.from({ length: 10 }, (_, index) => ({
      EventBusName: stack.local.eventBus.name,
      Source: 'messageai.media',
      DetailType: 'Noise.v1',
      Detail: JSON.stringify({ n: n + index }),
    }))
    await events.send(new PutEventsCommand({ Entries }))
  }
  const { Arn } = await events.send(new DescribeRuleCommand({ Name: 'noise', EventBusName: stack.local.eventBus.name }))
  await events.send(
    new StartReplayCommand({
      ReplayName: 'noise',
      EventSourceArn: stack.local.archive,
      ...today(),
      Destination: { Arn: stack.local.eventBus.arn, FilterArns: [Arn ?? ''] },
    }),
  )
  await until('the first events are sent', async () => ((await isEmpty('noise')) ? undefined : true))
  stack.signal('SIGKILL')
  await stack.ended
  stack = await startProgram(dataDir)
  await completed('noise')
  const bodies = recorded().waiting.get('noise') ?? []
  const numbers = bodies.map((body) => (JSON.parse(body) as { detail: { n: number } }).detail.n)
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, n) => n))
})

const cli = AWS === '' ? it.skip : it
if (AWS === '') console.warn('skipped: replays by the aws CLI, which is not on PATH')
cli('the aws CLI starts a replay and looks at it', async () => {
  const { credentials, awsEndpoint, region, archive, eventBus } = stack.local
  const call = async (...args: readonly string[]): Promise<unknown> => {
    const { stdout } = await promisify(execFile)(AWS, ['events', ...args, '--endpoint-url', awsEndpoint], {
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: folder,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_DEFAULT_REGION: region,
        AWS_DEFAULT_OUTPUT: 'json',
      },
    })
    return JSON.parse(stdout)
  }
  const window = ['--event-start-time', '2026-01-01T00:00:00Z', '--event-end-time', '2026-01-02T00:00:00Z']
  const destination = JSON.stringify({ Arn: eventBus.arn, FilterArns: [ruleArn(`messageai-local-${LANE}`)] })
  const started = await call(
    ...['start-replay', '--replay-name', 'by-hand', '--event-source-arn', archive, ...window],
    ...['--destination', destination],
  )
  expect(started).toMatchObject({ State: 'STARTING' })
  expect(await call('describe-replay', '--replay-name', 'by-hand')).toMatchObject({ State: 'COMPLETED' })
})
