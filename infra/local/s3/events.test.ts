import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { PUBLISHING, type ServedS3, serveS3, VERSIONED } from './serve-for-test.ts'

let served: ServedS3
beforeEach(async () => {
  served = await serveS3()
  served.bucket('loud', { ...VERSIONED, ...PUBLISHING })
  served.bucket('plain', PUBLISHING)
  served.bucket('quiet', VERSIONED)
})
afterEach(() => served.close())

const put = (Bucket: string, Key: string, Body = 'hello') =>
  served.client.send(new PutObjectCommand({ Bucket, Key, Body }))

describe('EventBridge hears of', () => {
  it('an object that was stored, its key as it is', async () => {
    const { VersionId } = await put('loud', 'a b/ü+%.jpg')
    expect(served.events).toEqual([
      {
        source: 'aws.s3',
        'detail-type': 'Object Created',
        account: '123456789012',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        region: 'eu-central-1',
        resources: ['arn:aws:s3:::loud'],
        detail: {
          version: '0',
          bucket: { name: 'loud' },
          object: {
            key: 'a b/ü+%.jpg',
            size: 5,
            etag: '5d41402abc4b2a76b9719d911017c592',
            'version-id': VersionId,
            sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
          },
          'request-id': expect.stringMatching(/^[0-9A-F]{16}$/),
          requester: '123456789012',
          'source-ip-address': '127.0.0.1',
          reason: 'PutObject',
        },
      },
    ])
  })

  it('copies and deletions, in sequence', async () => {
    const { client } = served
    await put('loud', 'k')
    await client.send(
      new CopyObjectCommand({ Bucket: 'loud', Key: 'k', CopySource: 'loud/k', MetadataDirective: 'REPLACE' }),
    )
    const marker = await client.send(new DeleteObjectCommand({ Bucket: 'loud', Key: 'k' }))
    const Delete = { Objects: [{ Key: 'k', VersionId: marker.VersionId ?? '' }] }
    await client.send(new DeleteObjectsCommand({ Bucket: 'loud', Delete }))
    await put('plain', 'k')
    await client.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'k' }))
    const told = served.events.map(({ 'detail-type': type, detail }) => [type, detail.reason, detail['deletion-type']])
    expect(told).toEqual([
      ['Object Created', 'PutObject', undefined],
      ['Object Created', 'CopyObject', undefined],
      ['Object Deleted', 'DeleteObject', 'Delete Marker Created'],
      ['Object Deleted', 'DeleteObject', 'Permanently Deleted'],
      ['Object Created', 'PutObject', undefined],
      ['Object Deleted', 'DeleteObject', 'Permanently Deleted'],
    ])
    expect(served.events[2]?.detail.object).toMatchObject({ 'version-id': marker.VersionId })
    expect(served.events[4]?.detail.object).not.toHaveProperty('version-id')
    const sequencers = served.events.map(({ detail }) => detail.object.sequencer)
    expect(sequencers).toEqual([...new Set(sequencers)].sort())
  })

  it('nothing of a bucket that keeps its peace, nor of what was gone already', async () => {
    await put('quiet', 'k')
    await served.client.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'none' }))
    expect(served.events).toEqual([])
  })
})

it('an object whose event cannot be recorded is not stored', async () => {
  served.onPublish = () => {
    throw new Error('the bus is full')
  }
  await expect(put('loud', 'k')).rejects.toMatchObject({ name: 'InternalError', $metadata: { httpStatusCode: 500 } })
  await expect(served.client.send(new GetObjectCommand({ Bucket: 'loud', Key: 'k' }))).rejects.toMatchObject({
    name: 'NoSuchKey',
  })
  expect(served.files()).toEqual([])
  expect(served.logged).toMatchObject([{ level: 'error', from: 's3' }])
})
