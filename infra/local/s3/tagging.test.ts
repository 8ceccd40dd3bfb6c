import {
  CopyObjectCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type Tag,
} from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { failure } from './refusal-for-test.ts'
import { PUBLISHING, type ServedS3, serveS3, VERSIONED } from './serve-for-test.ts'

let served: ServedS3
beforeAll(async () => {
  served = await serveS3()
  served.bucket('media', { ...VERSIONED, ...PUBLISHING })
})
afterAll(() => served.close())

const at = (Key: string) => ({ Bucket: 'media', Key })
const put = (Key: string, Tagging?: string) =>
  served.client.send(new PutObjectCommand({ ...at(Key), Body: Key, ...(Tagging !== undefined && { Tagging }) }))
const tagsOf = async (Key: string, VersionId?: string) =>
  (await served.client.send(new GetObjectTaggingCommand({ ...at(Key), ...(VersionId && { VersionId }) }))).TagSet
const tag = (Key: string, TagSet: Tag[]) =>
  served.client.send(new PutObjectTaggingCommand({ ...at(Key), Tagging: { TagSet } }))

describe('the tags of an object', () => {
  it('come with it, are counted where it is read, and belong to its version', async () => {
    const { VersionId } = await put('photo', 'scan=clean&two%20words=a%2Bb+c')
    await put('photo')
    expect(await tagsOf('photo', VersionId)).toEqual([
      { Key: 'scan', Value: 'clean' },
      { Key: 'two words', Value: 'a+b c' },
    ])
    expect(await tagsOf('photo')).toEqual([])
    const got = await served.client.send(new GetObjectCommand({ ...at('photo'), VersionId }))
    expect(got.TagCount).toBe(2)
    await got.Body?.transformToByteArray()
  })

  it('are replaced and taken away without a new version, and each time told of', async () => {
    const { VersionId } = await put('later')
    served.events.length = 0
    expect(await tag('later', [{ Key: 'scan', Value: 'a + b' }])).toMatchObject({ VersionId })
    expect(await tagsOf('later')).toEqual([{ Key: 'scan', Value: 'a + b' }])
    await served.client.send(new DeleteObjectTaggingCommand(at('later')))
    expect(await tagsOf('later')).toEqual([])
    const object = { key: 'later', etag: expect.any(String), 'version-id': VersionId }
    expect(served.events.map(({ 'detail-type': type, detail }) => [type, detail.object])).toEqual([
      ['Object Tags Added', object],
      ['Object Tags Deleted', object],
    ])
  })

  it('go with a copy, unless it brings its own', async () => {
    await put('source', 'a=b')
    const copy = { Bucket: 'media', CopySource: 'media/source' }
    await served.client.send(new CopyObjectCommand({ ...copy, Key: 'same' }))
    await served.client.send(
      new CopyObjectCommand({ ...copy, Key: 'own', TaggingDirective: 'REPLACE', Tagging: 'c=d' }),
    )
    expect([await tagsOf('same'), await tagsOf('own')]).toEqual([
      [{ Key: 'a', Value: 'b' }],
      [{ Key: 'c', Value: 'd' }],
    ])
  })

  it('come with a form as a document', async () => {
    const tagging = '<Tagging><TagSet><Tag><Key>from</Key><Value>form</Value></Tag></TagSet></Tagging>'
    const { url, fields } = await createPresignedPost(served.client, { ...at('posted'), Fields: { tagging } })
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.append(name, value)
    form.append('file', new Blob(['x']), 'x')
    expect((await fetch(url, { method: 'POST', body: form })).status).toBe(204)
    expect(await tagsOf('posted')).toEqual([{ Key: 'from', Value: 'form' }])
  })

  it.each<[string, Tag[], string]>([
    ['eleven', Array.from({ length: 11 }, (_, i) => ({ Key: `k${i}`, Value: '' })), 'BadRequest'],
    ['one key twice', [1, 2].map((n) => ({ Key: 'k', Value: `${n}` })), 'InvalidTag'],
    ['a name of AWS’s own', [{ Key: 'aws:x', Value: '' }], 'InvalidTag'],
    ['no name', [{ Key: '', Value: '' }], 'InvalidTag'],
    ['too long a name', [{ Key: 'k'.repeat(129), Value: '' }], 'InvalidTag'],
    ['too long a value', [{ Key: 'k', Value: 'v'.repeat(257) }], 'InvalidTag'],
    ['characters that are not allowed', [{ Key: 'k', Value: '<>' }], 'InvalidTag'],
  ])('are refused with %s', async (_what, tags, code) => {
    await put('plain')
    expect(await failure(tag('plain', tags))).toEqual({ code, status: 400 })
    expect(await tagsOf('plain')).toEqual([])
  })

  it('are refused in a header that is none, and on what is not there', async () => {
    expect(await failure(put('plain', 'a=b=c'))).toEqual({ code: 'InvalidArgument', status: 400 })
    expect(await failure(put('plain', '%'))).toEqual({ code: 'InvalidArgument', status: 400 })
    expect(await failure(tagsOf('nothing'))).toEqual({ code: 'NoSuchKey', status: 404 })
  })
})
