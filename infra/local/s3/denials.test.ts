import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { type ServedS3, serveS3, VERSIONED } from './serve-for-test.ts'

const everything = 'arn:aws:s3:::media/*'
const exempt = { ArnNotEquals: { 'aws:PrincipalArn': 'arn:aws:iam::123456789012:role/scanner' } }
const noReading = {
  Effect: 'Deny',
  Principal: { AWS: '*' },
  Action: ['s3:GetObject', 's3:GetObjectVersion'],
  Resource: everything,
  Condition: { StringEquals: { 's3:ExistingObjectTag/scan': 'infected' }, ...exempt },
}
const noTagging = {
  Effect: 'Deny',
  Principal: '*',
  Action: [
    's3:PutObjectTagging',
    's3:PutObjectVersionTagging',
    's3:DeleteObjectTagging',
    's3:DeleteObjectVersionTagging',
  ],
  Resource: [everything],
  Condition: exempt,
}

let served: ServedS3
const policy = (...Statement: readonly object[]) =>
  served.s3.provisioners['AWS::S3::BucketPolicy']?.({
    stack: 'test',
    logicalId: 'Policy',
    type: 'AWS::S3::BucketPolicy',
    properties: { Bucket: 'media', PolicyDocument: { Statement } },
    generatedName: 'test-policy',
  })

beforeEach(async () => {
  served = await serveS3()
  served.bucket('media', VERSIONED)
})
afterEach(() => served.close())

const at = (VersionId?: string) => ({ Bucket: 'media', Key: 'k', ...(VersionId && { VersionId }) })
const put = async (tags = '') =>
  (await served.client.send(new PutObjectCommand({ ...at(), Body: 'hello', ...(tags && { Tagging: tags }) })))
    .VersionId ?? ''
const denied = { name: expect.stringMatching(/AccessDenied|403|Unknown/), $metadata: { httpStatusCode: 403 } }

describe('what a policy denies by a tag', () => {
  it('nobody reads, by whatever call, and everything else goes on', async () => {
    const { client } = served
    const clean = await put('scan=clean')
    const infected = await put('scan=infected')
    policy(noReading)
    for (const command of [
      new GetObjectCommand(at()),
      new GetObjectCommand(at(infected)),
      new HeadObjectCommand(at(infected)),
      new GetObjectAttributesCommand({ ...at(infected), ObjectAttributes: ['ETag'] }),
      new CopyObjectCommand({ Bucket: 'media', Key: 'copy', CopySource: 'media/k' }),
    ]) {
      await expect(client.send(command as GetObjectCommand)).rejects.toMatchObject(denied)
    }
    const got = await client.send(new GetObjectCommand(at(clean)))
    expect(await got.Body?.transformToString()).toBe('hello')
    expect((await client.send(new GetObjectTaggingCommand(at(infected)))).TagSet).toHaveLength(1)
    expect((await client.send(new ListObjectVersionsCommand({ Bucket: 'media' }))).Versions).toHaveLength(2)
    await client.send(new DeleteObjectCommand(at(infected)))
  })

  it('holds for URLs that were signed before the tag was there', async () => {
    policy(noReading)
    const versionId = await put()
    const url = await getSignedUrl(served.client, new GetObjectCommand(at(versionId)))
    expect((await fetch(url)).status).toBe(200)
    served.s3.objects.tag({ bucket: 'media', key: 'k', versionId }, 'scan', 'infected')
    expect((await fetch(url)).status).toBe(403)
  })
})

describe('where a policy keeps tags to a role', () => {
  it('nobody writes or deletes one, not even with an upload; the services of the runtime do', async () => {
    const { client } = served
    const versionId = await put()
    policy(noTagging)
    const Tagging = { TagSet: [{ Key: 'scan', Value: 'clean' }] }
    for (const command of [
      new PutObjectTaggingCommand({ ...at(), Tagging }),
      new PutObjectTaggingCommand({ ...at(versionId), Tagging }),
      new DeleteObjectTaggingCommand(at()),
      new PutObjectCommand({ ...at(), Body: 'x', Tagging: 'scan=clean' }),
    ]) {
      await expect(client.send(command as PutObjectTaggingCommand)).rejects.toMatchObject(denied)
    }
    const Fields = { tagging: '<Tagging><TagSet><Tag><Key>scan</Key><Value>clean</Value></Tag></TagSet></Tagging>' }
    const { url, fields } = await createPresignedPost(client, { ...at(), Fields })
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.append(name, value)
    form.append('file', new Blob(['hello']))
    expect((await fetch(url, { method: 'POST', body: form })).status).toBe(403)
    expect(served.s3.objects.tag({ bucket: 'media', key: 'k', versionId }, 'scan', 'clean')).toBe(true)
    await put()
  })

  it('a policy without it gives them back', async () => {
    policy(noTagging)
    policy()
    await put('scan=clean')
  })
})

describe('a denial is refused that', () => {
  it.each<[string, object]>([
    ['names some principals', { ...noReading, Principal: { AWS: 'arn:aws:iam::1:root' } }],
    ['denies what is not asked about', { ...noReading, Action: 's3:DeleteObject' }],
    ['is of another bucket', { ...noReading, Resource: 'arn:aws:s3:::other/*' }],
    ['has wildcards within a key', { ...noReading, Resource: 'arn:aws:s3:::media/*/x*' }],
    ['has another condition', { ...noReading, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }],
    ['is about the tags of a write', { ...noTagging, Condition: noReading.Condition }],
    ['excludes principals', { ...noReading, NotPrincipal: '*' }],
  ])('%s', (_, statement) => {
    expect(() => policy(statement)).toThrow('does not run denials')
  })
})
