import {
  CreateJobCommand,
  GetJobTemplateCommand,
  type JobTemplate,
  MediaConvertClient,
} from '@aws-sdk/client-mediaconvert'
import { jobSettings } from './job-settings.ts'
import { fromUserMetadata, toUserMetadata } from './labels.ts'
import { type MediaConvertJobsOptions, mediaConvertJobs } from './mediaconvert-jobs.ts'
import { refusedForGood } from './refused-for-good.ts'
import { OrderRefused, type StartedJob, type TranscodeOrder, type Transcoder } from './transcoder.ts'

export interface MediaConvertOptions extends MediaConvertJobsOptions {
  /** What MediaConvert reads and writes objects as. */
  readonly roleArn: string
  /** The template's name. */
  readonly jobTemplate: string
  readonly queueArn: string
}

/** AWS Elemental MediaConvert. Its throttling, and whatever else passes, goes through as the SDK's errors. */
export function mediaConvertTranscoder(options: MediaConvertOptions): Transcoder {
  const { environment, roleArn, jobTemplate, queueArn } = options
  const client = options.client ?? new MediaConvertClient()
  let known: Promise<JobTemplate> | undefined
  const template = () => {
    known ??= readTemplate(client, jobTemplate).catch((error: unknown) => {
      known = undefined
      throw error
    })
    return known
  }

  const start = async (order: TranscodeOrder): Promise<StartedJob> => {
    const { Settings, StatusUpdateInterval, Priority } = await template()
    const { Job } = await client.send(
      new CreateJobCommand({
        Role: roleArn,
        Queue: queueArn,
        Settings: jobSettings(Settings ?? {}, order),
        UserMetadata: toUserMetadata(order, environment),
        ClientRequestToken: order.token,
        ...(StatusUpdateInterval && { StatusUpdateInterval }),
        ...(Priority !== undefined && { Priority }),
      }),
    )
    const labels = fromUserMetadata(Job?.UserMetadata ?? {}, environment)
    if (Job?.Id === undefined || !labels) throw new Error('MediaConvert answered without the job that it took')
    return { jobId: Job.Id, attempt: labels.attempt }
  }

  return {
    ...mediaConvertJobs({ environment, client }),
    async start(order) {
      try {
        return await start(order)
      } catch (error) {
        const reason = refusedForGood(error)
        throw reason === undefined ? error : new OrderRefused(reason, { cause: error })
      }
    },
  }
}

async function readTemplate(client: MediaConvertClient, name: string): Promise<JobTemplate> {
  const { JobTemplate: template } = await client.send(new GetJobTemplateCommand({ Name: name }))
  if (!template) throw new Error(`MediaConvert answered without the job template ${name}`)
  return template
}
