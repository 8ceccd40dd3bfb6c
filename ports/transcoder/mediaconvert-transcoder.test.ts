import { type ServedMediaConvert, serveMediaConvert } from '../../infra/local/mediaconvert/serve-for-test.ts'
import { jobSettings } from './job-settings.ts'
import { jobTemplateSettings } from './job-template.ts'
import { mediaConvertTranscoder } from './mediaconvert-transcoder.ts'
import { outputAt } from './output-at.ts'
import { describeTranscoder, ORDER } from './transcoder.suite.ts'
import type { SourceVideo } from './transcoder.ts'

let served: ServedMediaConvert | undefined
afterAll(() => served?.close())

/** The local MediaConvert, with the template that is deployed; its jobs wait until it is started. */
async function serve(ffmpeg?: string) {
  await served?.close()
  served = await serveMediaConvert({ ...(ffmpeg !== undefined && { ffmpeg }) })
  const { attributes } = served.declare('AWS::MediaConvert::Queue', { Name: 'ladders' })
  served.declare('AWS::MediaConvert::JobTemplate', {
    Name: 'ladder',
    StatusUpdateInterval: 'SECONDS_10',
    SettingsJson: jobTemplateSettings(),
  })
  const options = {
    environment: 'dev',
    roleArn: 'arn:aws:iam::123456789012:role/transcoder',
    jobTemplate: 'ladder',
    queueArn: attributes['Arn'] ?? '',
    client: served.client,
  }
  return { served, options, transcoder: mediaConvertTranscoder(options) }
}

describeTranscoder('MediaConvert', async () => {
  const { transcoder, served: current, options } = await serve()
  return {
    transcoder,
    refusing: () => mediaConvertTranscoder({ ...options, queueArn: `${options.queueArn}-that-never-was` }),
    forgetTokens: () => {
      current.s3.skewMs += 61_000
    },
  }
})

describe('a job', () => {
  it('is of its environment alone', async () => {
    const { options, transcoder } = await serve()
    const { jobId } = await transcoder.start(ORDER)
    expect(await mediaConvertTranscoder({ ...options, environment: 'prod' }).get(jobId)).toBeUndefined()
  })

  it('that failed says why', async () => {
    const { served: current, transcoder } = await serve()
    current.service.start()
    const { jobId } = await transcoder.start(ORDER)
    await current.until('ERROR')
    expect((await transcoder.get(jobId))?.state).toEqual({
      status: 'failed',
      code: '1999',
      message: expect.stringContaining('no ffmpeg'),
    })
    await transcoder.cancel(jobId)
  })

  it('is not started where the template is not there, and is once it is', async () => {
    const { served: current, options } = await serve()
    const transcoder = mediaConvertTranscoder({ ...options, jobTemplate: 'later' })
    await expect(transcoder.start(ORDER)).rejects.toMatchObject({
      name: 'OrderRefused',
      message: expect.stringContaining('NotFoundException'),
    })
    current.declare('AWS::MediaConvert::JobTemplate', { Name: 'later', SettingsJson: jobTemplateSettings() })
    expect(await transcoder.start(ORDER)).toMatchObject({ attempt: ORDER.attempt })
  })

  it.each<[string, Partial<SourceVideo>]>([
    ['upright', { width: 1080, height: 1920 }],
    ['silent', { hasSound: false }],
    ['of high range', { hdr: true }],
    ['fast', { frameRate: 120 }],
    ['tiny', { width: 64, height: 48 }],
    ['of no rate', { frameRate: undefined }],
  ])('is taken for a source that is %s', async (_, video) => {
    const { transcoder } = await serve()
    await expect(transcoder.start({ ...ORDER, video: { ...ORDER.video, ...video } })).resolves.toMatchObject({
      jobId: expect.any(String),
    })
  })
})

describe('a job’s settings', () => {
  const settingsFor = (video: Partial<SourceVideo>) =>
    jobSettings(jobTemplateSettings(), { ...ORDER, video: { ...ORDER.video, ...video } })
  const outputsFor = (video: Partial<SourceVideo>) => settingsFor(video).OutputGroups?.[0]?.Outputs ?? []

  it('name its source and where it writes', () => {
    const { Inputs, OutputGroups } = settingsFor({})
    expect(Inputs).toMatchObject([{ FileInput: 's3://media/videos/source/m/a', VideoSelector: { Rotate: 'AUTO' } }])
    expect(OutputGroups?.map(({ OutputGroupSettings }) => OutputGroupSettings)).toMatchObject([
      { CmafGroupSettings: { Destination: 's3://media/videos/hls/m/a/master', SegmentControl: 'SINGLE_FILE' } },
      { FileGroupSettings: { Destination: 's3://media/videos/hls/m/a/frames/frame' } },
    ])
    expect(outputAt('s3://media/videos/hls/m/a/master.m3u8')).toEqual(ORDER.output)
    expect(outputAt('s3://media/videos/hls/m/a/frames/frame.0000001.jpg')).toBeUndefined()
  })

  it('leave out rungs that would be upscaled, and sound that isn’t there', () => {
    const modifiers = (video: Partial<SourceVideo>) => outputsFor(video).map(({ NameModifier }) => NameModifier)
    expect(modifiers({})).toEqual(['_1080p', '_720p', '_480p', '_360p', '_audio'])
    expect(modifiers({ width: 480, height: 854, hasSound: false })).toEqual(['_480p', '_360p'])
    expect(modifiers({ width: 160, height: 90 })).toEqual(['_90p', '_audio'])
  })

  it('bring colour to the standard’s range only where the source is wider', () => {
    const corrected = (video: Partial<SourceVideo>) =>
      outputsFor(video).some(({ VideoDescription }) => VideoDescription?.VideoPreprocessors !== undefined)
    expect([corrected({}), corrected({ hdr: true })]).toEqual([false, true])
  })

  it('slow a source down that is faster than what is sent', () => {
    const rates = (video: Partial<SourceVideo>) =>
      outputsFor({ ...video, hasSound: false }).map(
        ({ VideoDescription }) => VideoDescription?.CodecSettings?.H264Settings?.FramerateNumerator,
      )
    expect(rates({ frameRate: 60 })).toEqual([30, 30, 30, 30])
    expect(rates({ frameRate: 25 })).toEqual([undefined, undefined, undefined, undefined])
  })

  it('are refused of a template that somebody took a rung out of', () => {
    const template = jobTemplateSettings()
    const [group] = template.OutputGroups
    const broken = { ...template, OutputGroups: [{ ...group, Outputs: group?.Outputs?.slice(1) ?? [] }] }
    expect(() => jobSettings(broken, ORDER)).toThrow('_1080p')
  })
})
