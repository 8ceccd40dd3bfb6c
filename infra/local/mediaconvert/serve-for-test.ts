import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MediaConvertClient } from '@aws-sdk/client-mediaconvert'
import { type ServedS3, serveS3, VERSIONED } from '../s3/serve-for-test.ts'
import { createMediaConvert, type MediaConvert } from './mediaconvert.ts'

export interface JobEvent {
  readonly source: string
  readonly 'detail-type': string
  readonly resources: readonly string[]
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into it; a wrong path fails the test.
  readonly detail: any
}

/** MediaConvert beside a real S3, with a bucket `media`; nothing runs before `start`. */
export interface ServedMediaConvert {
  readonly s3: ServedS3
  readonly service: MediaConvert
  readonly client: MediaConvertClient
  readonly events: readonly JobEvent[]
  clientOf(secretAccessKey: string): MediaConvertClient
  declare(type: string, properties: Record<string, unknown>): ReturnType<MediaConvert['provisioners'][string]>
  /** The last event, once it is one of these. */
  until(...statuses: readonly string[]): Promise<JobEvent>
  /** Ends it where it stands and starts another over the same data, as after a kill. */
  reopen(ffmpeg?: string): Promise<ServedMediaConvert>
  close(): Promise<void>
}

export async function serveMediaConvert(options: {
  readonly ffmpeg?: string
  readonly s3?: ServedS3
  /** Hears each event before it is published; where it throws, none is. */
  readonly onPublish?: () => void
}): Promise<ServedMediaConvert> {
  const s3 = options.s3 ?? (await serveS3())
  s3.bucket('media', VERSIONED)
  const events: JobEvent[] = []
  const listeners = new Set<() => void>()
  const service = createMediaConvert(s3.cloud, {
    endpoint: () => endpoint,
    objects: s3.s3.objects,
    publish(event) {
      options.onPublish?.()
      events.push(event as JobEvent)
      for (const listener of listeners) listener()
    },
    statusUpdateMs: 0,
    ffmpeg: options.ffmpeg,
  })
  const server = createServer((request, response) => void service.handle(request, response))
  // As the runtime's own: a connection that is taken up again after node's five seconds is reset.
  server.keepAliveTimeout = 75_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const clientOf = (secretAccessKey: string) =>
    new MediaConvertClient({
      endpoint,
      region: s3.cloud.region,
      credentials: { ...s3.cloud.credentials, secretAccessKey },
      maxAttempts: 1,
    })
  const client = clientOf(s3.cloud.credentials.secretAccessKey)
  const closeOwn = async () => {
    await service.stop()
    client.destroy()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return {
    s3,
    service,
    client,
    events,
    clientOf,
    declare(type, properties) {
      const provisioner = service.provisioners[type]
      if (!provisioner) throw new Error(type)
      return provisioner({ stack: 'S', logicalId: 'L', generatedName: 'S-L', type, properties })
    },
    until: (...statuses) =>
      new Promise((resolve) => {
        const look = () => {
          const last = events.at(-1)
          if (!last || !statuses.includes(last.detail.status)) return
          listeners.delete(look)
          resolve(last)
        }
        listeners.add(look)
        look()
      }),
    async reopen(ffmpeg) {
      await closeOwn()
      return serveMediaConvert({ s3: await s3.reopen(), ...(ffmpeg !== undefined && { ffmpeg }) })
    },
    async close() {
      await closeOwn()
      await s3.close()
    },
  }
}
