import {
  CancelJobCommand,
  CreateJobCommand,
  CreateQueueCommand,
  DescribeEndpointsCommand,
  GetJobCommand,
  GetJobTemplateCommand,
  GetQueueCommand,
  ListJobsCommand,
  ListJobTemplatesCommand,
  ListQueuesCommand,
} from '@aws-sdk/client-mediaconvert'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { NO_FFMPEG } from './runner.ts'
import { type ServedMediaConvert, serveMediaConvert } from './serve-for-test.ts'
import { ladderSettings } from './settings-for-test.ts'

const Role = 'arn:aws:iam::123456789012:role/transcoder'
const ladder = { input: 's3://media/in', folder: 's3://media/out/', sizes: [[160, 90]] } as const

let served: ServedMediaConvert
beforeEach(async () => {
  served = await serveMediaConvert({})
})
afterEach(() => served.close())

const create = (Settings = ladderSettings(ladder), more: object = {}) =>
  served.client.send(new CreateJobCommand({ Role, Settings, ...more }))

it('takes a job and answers it as it was asked for', async () => {
  const { Job } = await create(ladderSettings(ladder), { UserMetadata: { mediaId: 'm' }, ClientRequestToken: 't' })
  expect(Job).toMatchObject({
    Status: 'SUBMITTED',
    Role,
    Queue: 'arn:aws:mediaconvert:eu-central-1:123456789012:queues/Default',
    UserMetadata: { mediaId: 'm' },
    ClientRequestToken: 't',
    Settings: ladderSettings(ladder),
  })
  expect(Job?.Id).toMatch(/^\d{13}-[a-z0-9]{6}$/)
  expect(Job?.Arn).toBe(`arn:aws:mediaconvert:eu-central-1:123456789012:jobs/${Job?.Id}`)
  expect(Job?.CreatedAt?.getTime()).toBeGreaterThan(Date.now() - 60_000)
  expect((await served.client.send(new GetJobCommand({ Id: Job?.Id }))).Job).toEqual(Job)
})

it('remembers a token for a minute and no longer', async () => {
  const first = await create(undefined, { ClientRequestToken: 'same' })
  expect((await create(undefined, { ClientRequestToken: 'same' })).Job?.Id).toBe(first.Job?.Id)
  expect((await create(undefined, { ClientRequestToken: 'other' })).Job?.Id).not.toBe(first.Job?.Id)
  served.s3.skewMs = 61_000
  expect((await create(undefined, { ClientRequestToken: 'same' })).Job?.Id).not.toBe(first.Job?.Id)
})

it('lays what a job says over its template', async () => {
  const { Inputs: _, ...rest } = ladderSettings(ladder)
  const { attributes } = served.declare('AWS::MediaConvert::JobTemplate', {
    Name: 'ladder',
    Category: 'video',
    StatusUpdateInterval: 'SECONDS_10',
    SettingsJson: { ...rest, Inputs: [{ VideoSelector: { Rotate: 'AUTO' } }] },
  })
  const { Job } = await create(
    {
      Inputs: [{ FileInput: 's3://media/other', AudioSelectors: { 'Audio Selector 1': {} } }],
      OutputGroups: [{ OutputGroupSettings: { CmafGroupSettings: { Destination: 's3://media/elsewhere/master' } } }],
    },
    { JobTemplate: 'ladder' },
  )
  expect(Job?.JobTemplate).toBe(attributes['Arn'])
  expect(Job?.StatusUpdateInterval).toBe('SECONDS_10')
  expect(Job?.Settings?.Inputs).toMatchObject([{ FileInput: 's3://media/other', VideoSelector: { Rotate: 'AUTO' } }])
  expect(Job?.Settings?.OutputGroups?.[0]?.OutputGroupSettings?.CmafGroupSettings).toMatchObject({
    Destination: 's3://media/elsewhere/master',
    SegmentLength: 4,
  })
  const { JobTemplate } = await served.client.send(new GetJobTemplateCommand({ Name: 'ladder' }))
  expect(JobTemplate).toMatchObject({ Name: 'ladder', Settings: { OutputGroups: rest.OutputGroups } })
  expect((await served.client.send(new ListJobTemplatesCommand({ Category: 'none' }))).JobTemplates).toEqual([])
  expect((await served.client.send(new ListJobTemplatesCommand({}))).JobTemplates).toHaveLength(1)
})

it.each<[string, object, string]>([
  ['that nobody here knows', { KantarWatermark: { ChannelName: 'x' } }, '/kantarWatermark'],
  ['of another value', { TimecodeConfig: { Source: 'EMBEDDED' } }, '/timecodeConfig/source EMBEDDED'],
  ['deep down', { OutputGroups: deepened() }, '/outputGroups/0/outputs/0/videoDescription/sharpness'],
  ['that is missing', { Inputs: [{ AudioSelectors: { 'Audio Selector 1': {} } }] }, '/inputs/0/fileInput'],
  ['that is for another output group', { OutputGroups: [dash()] }, 'DASH_ISO_GROUP_SETTINGS'],
])('refuses a setting %s, and says where it stands', async (_, changed, where) => {
  const refused = create({ ...ladderSettings(ladder), ...changed })
  await expect(refused).rejects.toMatchObject({ name: 'BadRequestException', $metadata: { httpStatusCode: 400 } })
  await expect(refused).rejects.toThrow(where)
})

function deepened() {
  const [group] = ladderSettings(ladder).OutputGroups ?? []
  const [output] = group?.Outputs ?? []
  return [{ ...group, Outputs: [{ ...output, VideoDescription: { ...output?.VideoDescription, Sharpness: 50 } }] }]
}

function dash() {
  const [group] = ladderSettings(ladder).OutputGroups ?? []
  return { ...group, OutputGroupSettings: { Type: 'DASH_ISO_GROUP_SETTINGS' } }
}

it('refuses what is not there, what does not run and a wrong secret', async () => {
  await expect(served.client.send(new GetJobCommand({ Id: 'none' }))).rejects.toMatchObject({
    name: 'NotFoundException',
  })
  await expect(create(undefined, { JobTemplate: 'none' })).rejects.toMatchObject({ name: 'NotFoundException' })
  await expect(create(undefined, { Queue: 'none' })).rejects.toMatchObject({ name: 'NotFoundException' })
  await expect(served.client.send(new CreateQueueCommand({ Name: 'x' }))).rejects.toThrow('declared by templates')
  const stranger = served.clientOf('wrong')
  await expect(stranger.send(new ListJobsCommand({}))).rejects.toThrow(/signature/i)
  stranger.destroy()
})

it('knows the queues that are declared, and its own endpoint', async () => {
  const { ref, attributes } = served.declare('AWS::MediaConvert::Queue', { Name: 'media', Description: 'Ladders.' })
  expect(ref).toBe('media')
  await create(undefined, { Queue: attributes['Arn'] })
  const { Queue } = await served.client.send(new GetQueueCommand({ Name: 'media' }))
  expect(Queue).toMatchObject({ Name: 'media', Status: 'ACTIVE', Type: 'CUSTOM', SubmittedJobsCount: 1 })
  const { Queues } = await served.client.send(new ListQueuesCommand({}))
  expect(Queues?.map(({ Name }) => Name)).toEqual(['Default', 'media'])
  expect(() => served.declare('AWS::MediaConvert::Queue', { PricingPlan: 'RESERVED' })).toThrow('ON_DEMAND')
  const { Endpoints } = await served.client.send(new DescribeEndpointsCommand({}))
  expect(Endpoints?.[0]?.Url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
})

it('lists jobs by status and in pages', async () => {
  const ids = [(await create()).Job?.Id, (await create()).Job?.Id, (await create()).Job?.Id]
  await served.client.send(new CancelJobCommand({ Id: ids[1] }))
  const list = async (input: object) => {
    const { Jobs, NextToken } = await served.client.send(new ListJobsCommand(input))
    return { ids: Jobs?.map(({ Id }) => Id), NextToken }
  }
  expect((await list({ Status: 'SUBMITTED' })).ids).toEqual([ids[0], ids[2]])
  const page = await list({ MaxResults: 2, Order: 'DESCENDING' })
  expect(page.ids).toEqual([ids[2], ids[1]])
  expect(await list({ MaxResults: 2, Order: 'DESCENDING', NextToken: page.NextToken })).toEqual({ ids: [ids[0]] })
})

it('cancels a job that waits, tells the bus so, and refuses to do it twice', async () => {
  const { Job } = await create(undefined, { UserMetadata: { mediaId: 'm' } })
  await served.client.send(new CancelJobCommand({ Id: Job?.Id }))
  expect(served.events).toMatchObject([
    {
      source: 'aws.mediaconvert',
      'detail-type': 'MediaConvert Job State Change',
      resources: [Job?.Arn],
      detail: { status: 'CANCELED', jobId: Job?.Id, userMetadata: { mediaId: 'm' }, accountId: '123456789012' },
    },
  ])
  await expect(served.client.send(new CancelJobCommand({ Id: Job?.Id }))).rejects.toMatchObject({
    name: 'ConflictException',
  })
})

it('keeps what it took when it is killed, and ends it after the next start', async () => {
  const { Job } = await create()
  served = await served.reopen()
  served.service.start()
  await served.until('ERROR')
  expect((await served.client.send(new GetJobCommand({ Id: Job?.Id }))).Job).toMatchObject({ Status: 'ERROR' })
})

it('tries a job whose state cannot be written once, and again when another comes', async () => {
  await served.close()
  let tries = 0
  let isFull = true
  const onPublish = () => {
    tries += 1
    if (isFull) throw new Error('the disk is full')
  }
  served = await serveMediaConvert({ onPublish })
  served.service.start()
  const { Job } = await create()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(tries).toBe(1)
  expect((await served.client.send(new GetJobCommand({ Id: Job?.Id }))).Job?.Status).toBe('SUBMITTED')

  isFull = false
  const other = await create()
  const ended = () => served.events.filter(({ detail }) => detail.status === 'ERROR').map(({ detail }) => detail.jobId)
  while (ended().length < 2) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(ended()).toEqual([Job?.Id, other.Job?.Id])
})

it('says what would help where there is no ffmpeg', async () => {
  served.service.start()
  const { Job } = await create()
  const { detail } = await served.until('ERROR')
  expect(served.events.map((event) => event.detail.status)).toEqual(['PROGRESSING', 'ERROR'])
  expect(detail).toMatchObject({ errorCode: 1999, errorMessage: NO_FFMPEG })
  expect((await served.client.send(new GetJobCommand({ Id: Job?.Id }))).Job).toMatchObject({ ErrorMessage: NO_FFMPEG })
})

it('leaves the jobs of a paused queue where they are', async () => {
  served.declare('AWS::MediaConvert::Queue', { Name: 'paused', Status: 'PAUSED' })
  served.service.start()
  await create(undefined, { Queue: 'paused' })
  await create()
  await served.until('ERROR')
  const { Jobs } = await served.client.send(new ListJobsCommand({ Status: 'SUBMITTED' }))
  expect(Jobs).toHaveLength(1)
})

it('ends a job in an error whose input or bucket is not there', async () => {
  await served.close()
  served = await serveMediaConvert({ ffmpeg: 'ffmpeg' })
  served.service.start()
  await create()
  expect((await served.until('ERROR')).detail).toMatchObject({ errorCode: 1010 })
  await served.s3.client.send(new PutObjectCommand({ Bucket: 'media', Key: 'in', Body: 'x' }))
  await create(ladderSettings({ ...ladder, folder: 's3://none/out/' }))
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect((await served.until('ERROR')).detail).toMatchObject({ errorCode: 1404 })
})
