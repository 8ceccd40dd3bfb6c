import { createHash, createHmac } from 'node:crypto'
import { connect } from 'node:net'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { createPresignedPost, type PresignedPostOptions } from '@aws-sdk/s3-presigned-post'
import { PUBLISHING, type ServedS3, serveS3, until, VERSIONED } from './serve-for-test.ts'

let served: ServedS3
beforeAll(async () => {
  served = await serveS3()
  served.bucket('uploads', { ...VERSIONED, ...PUBLISHING })
})
afterAll(() => served.close())

const BYTES = Buffer.from('not really a picture')
const FILENAME = 'C:\\photos\\cat (1).jpg'
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64')

const OFFER: PresignedPostOptions = {
  Bucket: 'uploads',
  Key: 'images/original/1.jpg',
  Expires: 600,
  Fields: {
    'Content-Type': 'image/jpeg',
    'x-amz-checksum-sha256': sha256(BYTES),
    'x-amz-meta-media': 'm1',
  },
  Conditions: [['content-length-range', 1, 100]],
}

type Fields = Readonly<Record<string, string>>

interface Try {
  readonly offer?: Partial<PresignedPostOptions>
  readonly fields?: (fields: Fields) => Fields
  readonly form?: (form: FormData) => void
  readonly bytes?: Uint8Array<ArrayBuffer>
  readonly url?: (url: string) => string
  readonly skewMs?: number
}

async function upload({
  offer = {},
  fields: change = (same) => same,
  form: amend,
  bytes = BYTES,
  url,
  skewMs,
}: Try = {}) {
  const post = await createPresignedPost(served.client, { ...OFFER, ...offer })
  const form = new FormData()
  for (const [name, value] of Object.entries(change(post.fields))) form.append(name, value)
  form.append('file', new Blob([bytes], { type: 'image/jpeg' }), FILENAME)
  amend?.(form)
  served.skewMs = skewMs ?? 0
  const response = await fetch(url?.(post.url) ?? post.url, { method: 'POST', body: form })
  served.skewMs = 0
  const text = await response.text()
  const part = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(text)?.[1]
  return { status: response.status, code: part('Code'), message: part('Message'), text, headers: response.headers }
}

const read = async (Key: string) => {
  const got = await served.client.send(new GetObjectCommand({ Bucket: 'uploads', Key }))
  return { ...got, bytes: Buffer.from((await got.Body?.transformToByteArray()) ?? []) }
}

describe('a presigned POST', () => {
  it('stores the file under the key that was offered, and tells of it', async () => {
    const { status, headers } = await upload()
    expect(status).toBe(204)
    const got = await read(OFFER.Key)
    expect(got.bytes).toEqual(BYTES)
    expect(got).toMatchObject({
      ContentType: 'image/jpeg',
      Metadata: { media: 'm1' },
      VersionId: headers.get('x-amz-version-id'),
    })
    expect(served.events.at(-1)).toMatchObject({
      'detail-type': 'Object Created',
      detail: { reason: 'POST Object', object: { key: OFFER.Key, size: BYTES.length } },
    })
  })

  it.each([
    ['200', 200, ''],
    ['201', 201, '<Key>images/original/1.jpg</Key>'],
    ['204', 204, ''],
    ['302', 204, ''],
  ])('answers success_action_status %s with %i', async (asked, status, document) => {
    const answer = await upload({ offer: { Fields: { ...OFFER.Fields, success_action_status: asked } } })
    expect(answer.status).toBe(status)
    expect(answer.text).toContain(document)
  })

  it('puts the name of the file, without its path, where the key says so', async () => {
    const { status } = await upload({ offer: { Key: `by-name/${'$'}{filename}` } })
    expect(status).toBe(204)
    expect((await read('by-name/cat (1).jpg')).bytes).toEqual(BYTES)
  })

  it('takes fields that it may ignore, and ignores what stands behind the file', async () => {
    const answer = await upload({
      fields: (fields) => ({ ...fields, 'x-ignore-me': 'x' }),
      form: (form) => form.append('key', 'elsewhere'),
    })
    expect(answer.status).toBe(204)
  })

  it.each([
    [1, 100],
    [20, 20],
  ])('takes a file of 20 bytes where %i to %i are allowed', async (min, max) => {
    expect((await upload({ offer: { Conditions: [['content-length-range', min, max]] } })).status).toBe(204)
  })

  const { 'x-amz-checksum-sha256': _, ...withoutChecksum } = OFFER.Fields ?? {}
  const PREFIXED: Partial<PresignedPostOptions> = {
    Fields: withoutChecksum,
    Conditions: [
      ['starts-with', '$Content-Type', 'image/'],
      ['eq', '$x-amz-meta-media', 'm1'],
    ],
  }
  const policyOf = (text: string) => (fields: Fields) => {
    const Policy = Buffer.from(text).toString('base64')
    const { 'X-Amz-Credential': credential = '' } = fields
    const key = credential
      .split('/')
      .slice(1)
      .reduce<Buffer>(
        (secret, part) => createHmac('sha256', secret).update(part).digest(),
        Buffer.from(`AWS4${served.cloud.credentials.secretAccessKey}`),
      )
    return { ...fields, Policy, 'X-Amz-Signature': createHmac('sha256', key).update(Policy).digest('hex') }
  }
  const changed =
    (change: Fields) =>
    (fields: Fields): Fields => ({ ...fields, ...change })
  const without =
    (...names: string[]) =>
    (fields: Fields): Fields =>
      Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))

  it('accepts a content type that begins as it must', async () => {
    expect(await upload({ offer: PREFIXED })).toMatchObject({ status: 204 })
  })

  it.each<[string, number, string, string | RegExp, Try]>([
    [
      'another key',
      403,
      'AccessDenied',
      /Policy Condition failed: .*\$key/,
      { fields: changed({ key: 'images/original/2.jpg' }) },
    ],
    [
      'a key that climbs',
      403,
      'AccessDenied',
      /\$key/,
      { offer: { Key: `u/${'$'}{filename}` }, fields: changed({ key: '../u/x' }) },
    ],
    ['no key', 400, 'InvalidArgument', /'key'/, { fields: without('key') }],
    ['a key over 1024 bytes', 400, 'KeyTooLongError', '', { offer: { Key: 'ü'.repeat(513) } }],
    ['one byte too many', 400, 'EntityTooLarge', /maximum/, { bytes: Buffer.alloc(101) }],
    ['far too many bytes', 400, 'EntityTooLarge', /maximum/, { bytes: Buffer.alloc(3_000_000) }],
    ['an empty file', 400, 'EntityTooSmall', /minimum/, { bytes: Buffer.alloc(0) }],
    ['another type', 403, 'AccessDenied', /content-type/, { fields: changed({ 'Content-Type': 'text/html' }) }],
    ['no type', 403, 'AccessDenied', /content-type/, { fields: without('Content-Type') }],
    [
      'a type of another kind',
      403,
      'AccessDenied',
      /starts-with/,
      { offer: { ...PREFIXED, Fields: { ...withoutChecksum, 'Content-Type': 'video/mp4' } } },
    ],
    [
      'a list of types with a wrong one',
      403,
      'AccessDenied',
      /starts-with/,
      { offer: { ...PREFIXED, Fields: { ...withoutChecksum, 'Content-Type': 'image/png,text/html' } } },
    ],
    ['changed metadata', 403, 'AccessDenied', /x-amz-meta-media/, { fields: changed({ 'x-amz-meta-media': 'm2' }) }],
    [
      'a field too many',
      403,
      'AccessDenied',
      /Extra input fields: x-amz-meta-more/,
      { fields: changed({ 'x-amz-meta-more': '1' }) },
    ],
    [
      'an acl that was not offered',
      403,
      'AccessDenied',
      /Extra input fields: acl/,
      { fields: changed({ acl: 'public-read' }) },
    ],
    [
      'an acl that is not run',
      501,
      'NotImplemented',
      /public-read/,
      { offer: { Fields: { ...OFFER.Fields, acl: 'public-read' } } },
    ],
    ['another bucket in its field', 403, 'AccessDenied', /bucket/, { fields: changed({ bucket: 'other' }) }],
    [
      'a redirect',
      501,
      'NotImplemented',
      /success_action_redirect/,
      { offer: { Fields: { success_action_redirect: 'http://x' } } },
    ],
    ['a bad signature', 403, 'SignatureDoesNotMatch', '', { fields: changed({ 'X-Amz-Signature': '0'.repeat(64) }) }],
    ['no signature', 400, 'InvalidArgument', /x-amz-signature/, { fields: without('X-Amz-Signature') }],
    ['no policy', 403, 'AccessDenied', '', { fields: without('Policy') }],
    ['a policy of its own', 403, 'SignatureDoesNotMatch', '', { fields: changed({ Policy: 'e30=' }) }],
    [
      "a stranger's key",
      403,
      'InvalidAccessKeyId',
      '',
      { fields: changed({ 'X-Amz-Credential': 'AKIA/20260101/eu-central-1/s3/aws4_request' }) },
    ],
    [
      'another day',
      400,
      'AuthorizationQueryParametersError',
      '',
      { fields: changed({ 'X-Amz-Date': '20000101T000000Z' }) },
    ],
    ['a session that it has not', 400, 'InvalidToken', '', { fields: changed({ 'X-Amz-Security-Token': 't' }) }],
    ['time run out', 403, 'AccessDenied', /Policy expired/, { skewMs: 601_000 }],
    ['other bytes than its checksum', 400, 'BadDigest', /SHA256/, { bytes: Buffer.from('not really a pictura') }],
    ['a checksum that is none', 400, 'InvalidRequest', '', { offer: { Fields: { 'x-amz-checksum-sha256': 'abc' } } }],
    [
      'two files',
      400,
      'IncorrectNumberOfFilesInPostRequest',
      '',
      { form: (form) => form.append('file', new Blob(['x']), 'x') },
    ],
    ['no file', 400, 'IncorrectNumberOfFilesInPostRequest', '', { form: (form) => form.delete('file') }],
    ['a file that is a text field', 400, 'InvalidArgument', /file/, { form: (form) => form.set('file', 'text') }],
    ['a field given twice', 400, 'InvalidArgument', /once/, { fields: changed({ KEY: 'images/original/1.jpg' }) }],
    [
      'fields over 20 KB',
      400,
      'MaxPostPreDataLengthExceededError',
      '',
      { fields: changed({ 'x-ignore-1': 'x'.repeat(21_000) }) },
    ],
    [
      'over a hundred fields',
      400,
      'MaxPostPreDataLengthExceededError',
      '',
      {
        fields: (fields) => ({
          ...fields,
          ...Object.fromEntries(Array.from({ length: 101 }, (__, i) => [`x-ignore-${i}`, ''])),
        }),
      },
    ],
    ['a policy that is no JSON', 400, 'InvalidPolicyDocument', '', { fields: policyOf('{') }],
    ['a policy that never ends', 400, 'InvalidPolicyDocument', /expiration/, { fields: policyOf('{"conditions":[]}') }],
    [
      'a policy without conditions',
      400,
      'InvalidPolicyDocument',
      /conditions/,
      { fields: policyOf('{"expiration":"2100-01-01T00:00:00Z"}') },
    ],
    [
      'a condition of an unknown kind',
      400,
      'InvalidPolicyDocument',
      /ends-with/,
      { fields: policyOf('{"expiration":"2100-01-01T00:00:00Z","conditions":[["ends-with","$key","x"]]}') },
    ],
    [
      'a size that is no number',
      400,
      'InvalidPolicyDocument',
      /range/,
      { fields: policyOf('{"expiration":"2100-01-01T00:00:00Z","conditions":[["content-length-range",0,"x"]]}') },
    ],
    ['a bucket that is not there', 404, 'NoSuchBucket', '', { url: (url) => url.replace('/uploads', '/nowhere') }],
  ])('is refused with %s, and nothing is kept', async (_what, status, code, message, attempt) => {
    const before = { files: served.files(), events: served.events.length }
    const answer = await upload(attempt)
    expect(answer).toMatchObject({ status, code })
    expect(answer.message).toMatch(message)
    expect({ files: served.files(), events: served.events.length }).toEqual(before)
    expect(served.logged).toEqual([])
  })

  it('that breaks off in the middle of the file is refused, and nothing is kept', async () => {
    const before = served.files()
    const { fields } = await createPresignedPost(served.client, OFFER)
    const parts = Object.entries(fields).map(
      ([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    const file = '--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nhalf'
    const body = parts.join('') + file
    const response = await fetch(`${served.endpoint}/uploads`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body,
    })
    expect(response.status).toBe(400)
    expect(await response.text()).toMatch(/MalformedPOSTRequest|IncompleteBody/)
    expect(served.files()).toEqual(before)
  })

  it('whose sender hangs up leaves nothing behind', async () => {
    const before = served.files()
    const { fields } = await createPresignedPost(served.client, OFFER)
    const parts = Object.entries(fields).map(
      ([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    const { port } = new URL(served.endpoint)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(
      `POST /uploads HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 9999\r\n\r\n${parts.join('')}--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nhalf`,
    )
    await until(() => served.files().length > before.length)
    socket.destroy()
    await until(() => served.files().length === before.length)
    expect(served.logged).toEqual([])
  })

  it('is no form at all', async () => {
    const type = { 'content-type': 'multipart/form-data' }
    const response = await fetch(`${served.endpoint}/uploads`, { method: 'POST', headers: type, body: 'x' })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('MalformedPOSTRequest')
  })
})
