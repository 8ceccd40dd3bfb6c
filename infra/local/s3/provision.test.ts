import { GetBucketCorsCommand, GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import type { Provisioned } from '../cloud.ts'
import { PUBLISHING, type ServedS3, serveS3, VERSIONED } from './serve-for-test.ts'

let served: ServedS3
beforeAll(async () => {
  served = await serveS3()
})
afterAll(() => served.close())

function provision(
  type: string,
  properties: Readonly<Record<string, unknown>>,
  generatedName = 'app-Media',
): Provisioned {
  const provisioner = served.s3.provisioners[type]
  if (!provisioner) throw new Error(`${type} is not provisioned`)
  return provisioner({ stack: 'app', logicalId: 'Media', type, properties, generatedName })
}
const bucket = (properties: Readonly<Record<string, unknown>>, generatedName?: string) =>
  provision('AWS::S3::Bucket', properties, generatedName)

describe('a declared bucket', () => {
  it('answers references as AWS does', () => {
    expect(bucket({ BucketName: 'media' })).toEqual({
      ref: 'media',
      attributes: {
        Arn: 'arn:aws:s3:::media',
        DomainName: 'media.s3.amazonaws.com',
        RegionalDomainName: 'media.s3.eu-central-1.amazonaws.com',
        DualStackDomainName: 'media.s3.dualstack.eu-central-1.amazonaws.com',
      },
    })
  })

  it('without a name gets one that S3 allows, and the same one again', () => {
    expect(bucket({}, 'App_Stack-MediaBucketF3').ref).toBe('app-stack-mediabucketf3')
    const long = bucket({}, `app-${'Long'.repeat(20)}`).ref
    expect(long).toMatch(/^[a-z0-9-]{1,63}$/)
    expect(bucket({}, `app-${'Long'.repeat(20)}`).ref).toBe(long)
    expect(bucket({}, `app-${'Long'.repeat(20)}2`).ref).not.toBe(long)
  })

  it('keeps its objects and takes new settings', async () => {
    const { client } = served
    const put = (Body: string) => client.send(new PutObjectCommand({ Bucket: 'kept', Key: 'k', Body }))
    bucket({ BucketName: 'kept' })
    await put('unversioned')
    bucket({ BucketName: 'kept', ...VERSIONED })
    await put('versioned')
    bucket({ BucketName: 'kept' })
    expect(await put('suspended')).toMatchObject({ VersionId: 'null' })
    const { Versions } = await client.send(new ListObjectVersionsCommand({ Bucket: 'kept' }))
    expect(Versions?.map(({ VersionId, Size }) => [VersionId === 'null', Size])).toEqual([
      [true, 9],
      [false, 9],
    ])
    const got = await client.send(new GetObjectCommand({ Bucket: 'kept', Key: 'k' }))
    expect(await got.Body?.transformToString()).toBe('suspended')
  })

  it('takes what the product declares', () => {
    bucket({
      BucketName: 'whole',
      ...VERSIONED,
      ...PUBLISHING,
      LifecycleConfiguration: { Rules: [] },
      BucketEncryption: {},
      PublicAccessBlockConfiguration: {},
      LoggingConfiguration: {},
      OwnershipControls: {},
      AccelerateConfiguration: {},
      Tags: [],
    })
  })

  it.each<[Readonly<Record<string, unknown>>, string]>([
    [
      { WebsiteConfiguration: {} },
      'app/Media (AWS::S3::Bucket): the local S3 does not run the property WebsiteConfiguration',
    ],
    [{ ObjectLockEnabled: true }, 'ObjectLockEnabled'],
    [{ NotificationConfiguration: { QueueConfigurations: [] } }, 'NotificationConfiguration.QueueConfigurations'],
    [{ CorsConfiguration: { CorsRules: [{ Methods: [] }] } }, 'CorsConfiguration.CorsRules[0].Methods'],
    [{ VersioningConfiguration: { Status: 'On' } }, 'VersioningConfiguration.Status must be Enabled or Suspended'],
    [{ BucketName: 'No_Bucket' }, 'is no bucket name'],
    [{ BucketName: '..' }, 'is no bucket name'],
  ])('is refused with %j', (properties, sentence) => {
    expect(() => bucket(properties)).toThrow(sentence)
  })
})

describe('a declared bucket policy', () => {
  const policy = (...Statement: unknown[]) =>
    provision('AWS::S3::BucketPolicy', { Bucket: 'media', PolicyDocument: { Statement } })

  it('may deny plain HTTP, which loopback is, and allow what it likes', () => {
    const denial = { Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }
    expect(policy(denial, { Effect: 'Allow', Action: 's3:GetObject' }).ref).toBe('media')
  })

  it('is refused with a denial that would not hold', () => {
    expect(() => policy({ Effect: 'Deny', Action: 's3:GetObject' })).toThrow('does not run denials')
    const tagged = { StringNotEquals: { 's3:ExistingObjectTag/scan': 'clean' } }
    expect(() => policy({ Effect: 'Deny', Condition: tagged })).toThrow('does not run denials')
  })
})

describe('CORS', () => {
  beforeAll(() => {
    const rule = {
      AllowedOrigins: ['http://localhost:*', 'https://*.example.com'],
      AllowedMethods: ['POST', 'GET'],
      AllowedHeaders: ['Content-*', 'x-amz-date'],
      ExposedHeaders: ['ETag'],
      MaxAge: 300,
    }
    bucket({ BucketName: 'shared', CorsConfiguration: { CorsRules: [rule] } })
  })
  const preflight = (origin: string, method: string, headers = '') =>
    fetch(`${served.endpoint}/shared/key`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': headers },
    })

  it('lets pages in that a rule names', async () => {
    const response = await preflight('http://localhost:8081', 'POST', 'content-type, X-Amz-Date')
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': 'http://localhost:8081',
      'access-control-allow-methods': 'POST, GET',
      'access-control-allow-headers': 'content-type, x-amz-date',
      'access-control-expose-headers': 'ETag',
      'access-control-max-age': '300',
    })
  })

  it.each([
    ['http://evil.example', 'POST', ''],
    ['https://example.com', 'POST', ''],
    ['http://localhost:8081', 'DELETE', ''],
    ['http://localhost:8081', 'POST', 'authorization'],
  ])('keeps out the origin %s with %s and the headers "%s"', async (origin, method, headers) => {
    const response = await preflight(origin, method, headers)
    expect(response.status).toBe(403)
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('is told to those who ask', async () => {
    bucket({ BucketName: 'closed' })
    const get = (Bucket: string) => served.client.send(new GetBucketCorsCommand({ Bucket }))
    expect((await get('shared')).CORSRules).toEqual([
      {
        AllowedOrigins: ['http://localhost:*', 'https://*.example.com'],
        AllowedMethods: ['POST', 'GET'],
        AllowedHeaders: ['Content-*', 'x-amz-date'],
        ExposeHeaders: ['ETag'],
        MaxAgeSeconds: 300,
      },
    ])
    await expect(get('closed')).rejects.toMatchObject({ name: 'NoSuchCORSConfiguration' })
    const origin = 'http://localhost:8081'
    const headers = { origin, 'access-control-request-method': 'POST' }
    const response = await fetch(`${served.endpoint}/closed/key`, { method: 'OPTIONS', headers })
    expect(response.status).toBe(403)
    expect(await response.text()).toContain('CORS is not enabled for this bucket')
  })

  it.each([
    [{ 'access-control-request-method': 'POST' }, 'Origin request header needed'],
    [{ origin: 'http://localhost:8081' }, 'Invalid Access-Control-Request-Method: null'],
    [
      { origin: 'http://localhost:8081', 'access-control-request-method': 'PATCH' },
      'Access-Control-Request-Method: PATCH',
    ],
  ])('answers no preflight with %j', async (headers, sentence) => {
    const response = await fetch(`${served.endpoint}/shared/key`, { method: 'OPTIONS', headers })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain(sentence)
  })

  it('lets pages read answers, and refusals too', async () => {
    const response = await fetch(`${served.endpoint}/shared/key`, { headers: { origin: 'https://app.example.com' } })
    expect(response.status).toBe(403)
    expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example.com')
  })
})
