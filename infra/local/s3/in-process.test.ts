import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeleteObjectCommand, GetObjectCommand, GetObjectTaggingCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { PUBLISHING, type ServedS3, serveS3, VERSIONED } from './serve-for-test.ts'

let served: ServedS3
beforeAll(async () => {
  served = await serveS3()
  served.bucket('media', { ...VERSIONED, ...PUBLISHING })
})
afterAll(() => served.close())

const put = (Key: string, Body: string, Tagging?: string) =>
  served.client.send(new PutObjectCommand({ Bucket: 'media', Key, Body, ...(Tagging && { Tagging }) }))

describe('another service in this process', () => {
  it('reads the very bytes of a version, or of the newest', async () => {
    const { VersionId } = await put('k', 'first')
    await put('k', 'second')
    const { objects } = served.s3
    expect(readFileSync(objects.find('media', 'k', VersionId)?.path ?? '', 'utf8')).toBe('first')
    expect(objects.find('media', 'k')).toMatchObject({ size: 6, bucket: 'media', key: 'k' })
    expect(objects.find('media', 'k', 'none')).toBeUndefined()
    expect(objects.find('none', 'k')).toBeUndefined()
  })

  it('sets one tag beside the others, and says so to EventBridge', async () => {
    const { VersionId = '' } = await put('tagged', 'x', 'a=b&scan=old')
    served.events.length = 0
    expect(served.s3.objects.tag({ bucket: 'media', key: 'tagged', versionId: VersionId }, 'scan', 'new')).toBe(true)
    const { TagSet } = await served.client.send(new GetObjectTaggingCommand({ Bucket: 'media', Key: 'tagged' }))
    expect(TagSet).toEqual([
      { Key: 'a', Value: 'b' },
      { Key: 'scan', Value: 'new' },
    ])
    expect(served.events).toMatchObject([
      { 'detail-type': 'Object Tags Added', detail: { requester: 's3.amazonaws.com' } },
    ])
  })

  it('tags nothing that is gone, and no eleventh time', async () => {
    const { VersionId = '' } = await put('gone', 'x')
    await served.client.send(new DeleteObjectCommand({ Bucket: 'media', Key: 'gone', VersionId }))
    const { objects } = served.s3
    expect(objects.tag({ bucket: 'media', key: 'gone', versionId: VersionId }, 'scan', 'new')).toBe(false)
    const full = await put('full', 'x', Array.from({ length: 10 }, (_, i) => `t${i}=v`).join('&'))
    expect(objects.tag({ bucket: 'media', key: 'full', versionId: full.VersionId ?? '' }, 'scan', 'new')).toBe(false)
  })

  it('stores a file’s bytes with their type, and says so to EventBridge', async () => {
    const folder = mkdtempSync(join(tmpdir(), 's3-in-process-'))
    const path = join(folder, 'file')
    writeFileSync(path, 'made here')
    served.events.length = 0
    const { objects } = served.s3
    await objects.put('media', 'made', path, 'video/mp4')
    rmSync(folder, { recursive: true })
    const answer = await served.client.send(new GetObjectCommand({ Bucket: 'media', Key: 'made' }))
    expect(await answer.Body?.transformToString()).toBe('made here')
    expect(answer.ContentType).toBe('video/mp4')
    expect(served.events).toMatchObject([{ 'detail-type': 'Object Created', detail: { object: { key: 'made' } } }])
    expect(objects.hasBucket('media')).toBe(true)
    expect(objects.hasBucket('none')).toBe(false)
    await expect(objects.put('none', 'made', path, 'video/mp4')).rejects.toThrow('bucket')
  })
})
