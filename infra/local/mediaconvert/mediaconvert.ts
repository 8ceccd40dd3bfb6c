import { serveRest } from '../aws-json/serve-rest.ts'
import type { Cloud, Provisioner, WireService } from '../cloud.ts'
import type { ServiceEvent } from '../eventbridge/event.ts'
import type { InProcessObjects } from '../s3/index.ts'
import { createCatalogue } from './catalogue.ts'
import { openJobs } from './jobs.ts'
import { createOperations } from './operations.ts'
import { createRunner } from './runner.ts'

export interface MediaConvertOptions {
  readonly endpoint: () => string
  readonly objects: InProcessObjects
  /** Takes what the default bus is told, in the open transaction where there is one. */
  readonly publish: (event: ServiceEvent) => void
  /** The program that does the work; without it every job ends in an error that says so. */
  readonly ffmpeg?: string | undefined
  /** How often jobs tell of their progress, in the place of what they ask: at ten seconds and more, short videos never would. */
  readonly statusUpdateMs?: number | undefined
}

export interface MediaConvert extends WireService {
  /** By CloudFormation type. */
  readonly provisioners: Readonly<Record<string, Provisioner>>
  /** Once everything is declared: takes up jobs, those too that a stop or a kill has cut off. */
  start(): void
}

/** MediaConvert: jobs by its REST API, really done by ffmpeg, one at a time. */
export function createMediaConvert(cloud: Cloud, options: MediaConvertOptions): MediaConvert {
  const catalogue = createCatalogue(cloud)
  const jobs = openJobs(cloud.db)
  const runner = createRunner(cloud, jobs, {
    ffmpeg: options.ffmpeg,
    objects: options.objects,
    publish: options.publish,
    statusUpdateMs: options.statusUpdateMs,
    isActive: (queueArn) => catalogue.queue(queueArn)?.status === 'ACTIVE',
  })
  return {
    signingNames: ['mediaconvert'],
    provisioners: catalogue.provisioners,
    handle: serveRest(cloud, {
      signingName: 'mediaconvert',
      maxBodyBytes: 1_048_576,
      operations: createOperations(cloud, { ...options, catalogue, jobs, runner }),
      notRunning: 'jobs run; job templates and queues are declared by templates, and nothing else is there.',
      internalError: 'InternalServerErrorException',
      errorBody: (_, message) => ({ message }),
    }),
    start: runner.start,
    stop: runner.stop,
  }
}
