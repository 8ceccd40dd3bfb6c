import { setTimeout as wait } from 'node:timers/promises'
import { HeadObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3'
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { RunningStack } from '../../program.ts'
import type { Seen } from './client.ts'

/** Version ids by key of all that lies below `images/original/`, delete markers too. */
export async function originals(running: RunningStack): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>()
  await withS3(running, async (s3, Bucket) => {
    const list = (from: { KeyMarker?: string; VersionIdMarker?: string }) =>
      s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'images/original/', ...from }))
    let more: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {}
    while (more) {
      const page: Awaited<ReturnType<typeof list>> = await list(more)
      for (const { Key = '', VersionId = '' } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
        found.set(Key, [...(found.get(Key) ?? []), VersionId])
      }
      const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page
      more =
        KeyMarker === undefined ? undefined : { KeyMarker, ...(VersionIdMarker !== undefined && { VersionIdMarker }) }
    }
  })
  return found
}

/** A form that clients are shown, and how many bytes storage has of that very version. */
export interface ShownForm {
  readonly key: string
  readonly bytes: number
  readonly found: number | undefined
}

export async function shownForms(running: RunningStack, seen: Iterable<Seen>): Promise<readonly ShownForm[]> {
  const forms: ShownForm[] = []
  await withS3(running, async (s3, Bucket) => {
    for (const { url, bytes } of [...seen].flatMap(({ thumbnails, variants }) => [...thumbnails, ...variants])) {
      const { pathname, searchParams } = new URL(url)
      const Key = decodeURIComponent(pathname).replace(`/${Bucket}/`, '')
      const VersionId = searchParams.get('versionId') ?? 'none'
      const head = await s3.send(new HeadObjectCommand({ Bucket, Key, VersionId })).catch(() => undefined)
      forms.push({ key: Key, bytes, found: head?.ContentLength })
    }
  })
  return forms
}

/** Waits until every queue of the template is empty, a minute at most. */
export async function drained({ local }: RunningStack): Promise<void> {
  const sqs = new SQSClient({ endpoint: local.awsEndpoint, region: local.region, credentials: local.credentials })
  const names = ['', 'NotVisible', 'Delayed'].map((kind) => `ApproximateNumberOfMessages${kind}` as const)
  const deadline = performance.now() + 60_000
  for (const QueueUrl of Object.values(local.queues)) {
    for (;;) {
      const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: names as never })
      const { Attributes = {} } = await sqs.send(command)
      const waiting = Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0)
      if (waiting === 0 || performance.now() > deadline) break
      await wait(100)
    }
  }
  sqs.destroy()
}

async function withS3({ local }: RunningStack, use: (s3: S3Client, bucket: string) => Promise<void>): Promise<void> {
  const { awsEndpoint: endpoint, region, credentials, buckets } = local
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
  try {
    await use(s3, buckets[0] ?? '')
  } finally {
    s3.destroy()
  }
}
