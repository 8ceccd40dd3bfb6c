import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { failure } from './refusal-for-test.ts'
import { PUBLISHING, type ServedS3, serveS3, until, VERSIONED } from './serve-for-test.ts'

const DAY_MS = 86_400_000
const LARGE = Buffer.alloc(200_000)

let served: ServedS3
beforeEach(async () => {
  served = await serveS3()
})
afterEach(() => served.close())

function bucket(rules: readonly Readonly<Record<string, unknown>>[], more: object = VERSIONED): void {
  const Rules = rules.map((rule) => ({ Status: 'Enabled', ...rule }))
  served.bucket('media', { ...more, ...PUBLISHING, LifecycleConfiguration: { Rules } })
}

/** Goes so many days on, and does what is due by then; requests are made today. */
function daysLater<T>(days: number, look: () => T): T {
  served.skewMs = days * DAY_MS
  served.ringTimers()
  served.skewMs = 0
  return look()
}

const at = (Key: string) => ({ Bucket: 'media', Key })
const put = (Key: string, Body: string | Uint8Array = 'x', Tagging?: string) =>
  served.client.send(new PutObjectCommand({ ...at(Key), Body, ...(Tagging && { Tagging }) }))
const remove = (Key: string, VersionId?: string) =>
  served.client.send(new DeleteObjectCommand({ ...at(Key), ...(VersionId && { VersionId }) }))
const head = (Key: string) => served.client.send(new HeadObjectCommand(at(Key)))
async function versions(): Promise<string[]> {
  const { Versions = [], DeleteMarkers = [] } = await served.client.send(
    new ListObjectVersionsCommand({ Bucket: 'media' }),
  )
  return [...Versions.map(({ Key }) => `${Key}`), ...DeleteMarkers.map(({ Key }) => `${Key} marker`)]
}

describe('a lifecycle rule', () => {
  it('expires what its filter names, at the midnight after, and says so', async () => {
    bucket([{ Id: 'old scans', Prefix: 'tmp/', TagFilters: [{ Key: 'keep', Value: 'no' }], ExpirationInDays: 2 }])
    const { Expiration } = await put('tmp/a', 'x', 'keep=no')
    expect(Expiration).toMatch(/^expiry-date="\w{3}, \d\d \w{3} \d{4} 00:00:00 GMT", rule-id="old%20scans"$/)
    await put('tmp/b', 'x', 'keep=yes')
    await put('other', 'x', 'keep=no')
    served.events.length = 0
    expect(await daysLater(1.99, versions)).toHaveLength(3)
    expect(await daysLater(3, versions)).toEqual(['other', 'tmp/a', 'tmp/b', 'tmp/a marker'])
    expect(served.events).toMatchObject([
      {
        'detail-type': 'Object Deleted',
        detail: {
          object: { key: 'tmp/a', 'version-id': expect.any(String), sequencer: expect.any(String) },
          requester: 's3.amazonaws.com',
          reason: 'Lifecycle Expiration',
          'deletion-type': 'Delete Marker Created',
        },
      },
    ])
    expect(served.events[0]?.detail).not.toHaveProperty('source-ip-address')
  })

  it('deletes for good where the bucket keeps no versions', async () => {
    bucket([{ ExpirationInDays: 1 }], {})
    await put('a')
    await daysLater(2, () => until(() => served.files().length === 0))
    expect(await versions()).toEqual([])
    expect(served.events.at(-1)).toMatchObject({ detail: { 'deletion-type': 'Permanently Deleted' } })
  })

  it('deletes versions that are no longer current, but the youngest that it keeps', async () => {
    bucket([{ NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions: 1 } }])
    for (const body of ['1', '2', '3', '4']) await put('a', body)
    expect(await daysLater(0.5, versions)).toHaveLength(4)
    expect(await daysLater(2, versions)).toHaveLength(2)
    const got = await served.client.send(new GetObjectCommand(at('a')))
    expect(await got.Body?.transformToString()).toBe('4')
  })

  it('takes away markers under which nothing lies', async () => {
    bucket([{ ExpiredObjectDeleteMarker: true }])
    const { VersionId } = await put('a')
    await put('b')
    await remove('a')
    await remove('b')
    await remove('a', VersionId)
    expect(await daysLater(1, versions)).toEqual(['b', 'b marker'])
  })

  it('moves objects to colder classes, the small ones aside, and never back', async () => {
    bucket([
      {
        Transitions: [
          { StorageClass: 'STANDARD_IA', TransitionInDays: 30 },
          { StorageClass: 'GLACIER', TransitionInDays: 90 },
        ],
      },
    ])
    await put('large', LARGE)
    await put('small')
    expect((await daysLater(31, () => head('large'))).StorageClass).toBe('STANDARD_IA')
    expect(served.events.at(-1)).toMatchObject({
      'detail-type': 'Object Storage Class Changed',
      detail: { object: { key: 'large' }, 'destination-storage-class': 'STANDARD_IA' },
    })
    const told = served.events.length
    expect((await daysLater(32, () => head('large'))).StorageClass).toBe('STANDARD_IA')
    expect(served.events).toHaveLength(told)
    expect((await daysLater(91, () => head('large'))).StorageClass).toBe('GLACIER')
    expect((await daysLater(92, () => head('small'))).StorageClass).toBeUndefined()
    const read = served.client.send(new GetObjectCommand(at('large')))
    expect(await failure(read)).toEqual({ code: 'InvalidObjectState', status: 403 })
  })

  it('aborts uploads that nobody completes, with the bytes of their parts', async () => {
    bucket([{ Id: 'stale', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }])
    const { UploadId, AbortRuleId, AbortDate } = await served.client.send(new CreateMultipartUploadCommand(at('a')))
    expect([AbortRuleId, AbortDate]).toEqual(['stale', expect.any(Date)])
    await served.client.send(new UploadPartCommand({ ...at('a'), UploadId, PartNumber: 1, Body: 'x' }))
    const uploads = async () =>
      (await served.client.send(new ListMultipartUploadsCommand({ Bucket: 'media' }))).Uploads ?? []
    expect(await daysLater(0.5, uploads)).toHaveLength(1)
    expect(await daysLater(2.5, uploads)).toHaveLength(0)
    await until(() => served.files().length === 0)
  })

  it('does nothing while it is disabled', async () => {
    bucket([{ Status: 'Disabled', ExpirationInDays: 1 }])
    await put('a')
    expect(await daysLater(10, versions)).toEqual(['a'])
  })

  it('is done at a start where it came due while nothing ran', async () => {
    bucket([{ ExpirationInDays: 1 }])
    await put('a')
    served = await served.reopen()
    expect(await daysLater(3, versions)).toEqual(['a', 'a marker'])
  })

  it('that fails for one object is logged, and goes on with the others', async () => {
    bucket([{ ExpirationInDays: 1 }])
    await put('a')
    await put('b')
    served.onPublish = ({ detail }) => {
      if (detail.object.key === 'a') throw new Error('the bus is full')
    }
    expect(await daysLater(2, versions)).toEqual(['a', 'b', 'b marker'])
    expect(served.logged).toMatchObject([{ level: 'error', from: 's3' }])
    served.onPublish = () => {}
    expect(await daysLater(3, versions)).toContain('a marker')
  })

  it.each<[Readonly<Record<string, unknown>>, string]>([
    [{ ExpirationInDays: 'soon' }, 'LifecycleConfiguration.Rules[0].ExpirationInDays must be a whole number'],
    [
      { Transitions: [{ StorageClass: 'ICE', TransitionInDays: 1 }] },
      'Transitions[0].StorageClass names no storage class',
    ],
    [{ Transitions: [{ StorageClass: 'GLACIER' }] }, 'needs TransitionInDays or TransitionDate'],
    [{ Restore: {} }, 'does not run the property LifecycleConfiguration.Rules[0].Restore'],
    [{ Status: 'On' }, 'Status must be Enabled or Disabled'],
  ])('is refused as %j', (rule, sentence) => {
    expect(() => bucket([rule])).toThrow(sentence)
  })
})
