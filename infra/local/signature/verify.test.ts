import { createHash, createHmac } from 'node:crypto'
import { HttpRequest } from '@smithy/core/protocols'
import { SignatureV4 } from '@smithy/signature-v4'
import { type SignedRequest, type Verifier, verifyBuffered, verifySignature } from './index.ts'

const NOW = Date.parse('2026-03-04T05:06:07Z')
const CREDENTIALS = { accessKeyId: 'LOCALKEY', secretAccessKey: 'local secret' }

class Sha256 {
  readonly #hash
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret))
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data))
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
  reset(): void {
    throw new Error('not used by the signer')
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data)
  if (data instanceof ArrayBuffer) return Buffer.from(data)
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}

interface Draft {
  readonly method?: string
  readonly path?: string
  readonly query?: Record<string, string | string[]>
  readonly headers?: Record<string, string>
  readonly body?: string
}

const verifier = (service: string, now = NOW): Verifier => ({
  credentials: CREDENTIALS,
  region: 'us-east-1',
  service,
  now,
})

const signer = (service: string) =>
  new SignatureV4({
    service,
    region: 'us-east-1',
    credentials: CREDENTIALS,
    sha256: Sha256,
    uriEscapePath: service !== 's3',
    applyChecksum: service === 's3',
  })

const toHttp = (draft: Draft) =>
  new HttpRequest({
    method: draft.method ?? 'POST',
    protocol: 'http:',
    hostname: '127.0.0.1',
    port: 4566,
    path: draft.path ?? '/',
    query: draft.query ?? {},
    headers: { host: '127.0.0.1:4566', ...draft.headers },
    body: draft.body,
  })

type Http = Awaited<ReturnType<SignatureV4['sign']>>

function received(http: Http): SignedRequest {
  const pairs = Object.entries(http.query ?? {}).flatMap(([name, values]) =>
    [values ?? ''].flat().map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
  )
  const headers = Object.fromEntries(Object.entries(http.headers).map(([name, value]) => [name.toLowerCase(), value]))
  return { method: http.method, url: http.path + (pairs.length > 0 ? `?${pairs.join('&')}` : ''), headers }
}

const signed = async (service: string, draft: Draft) =>
  received(await signer(service).sign(toHttp(draft), { signingDate: new Date(NOW) }))

const presigned = async (service: string, draft: Draft, expiresIn = 60) => {
  const headers = service === 's3' ? { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } : {}
  const request = toHttp({ ...draft, headers: { ...headers, ...draft.headers } })
  return received(await signer(service).presign(request, { signingDate: new Date(NOW), expiresIn }))
}

const codeOf = (answer: { ok: boolean; code?: string }) => (answer.ok ? 'ok' : answer.code)

describe('a request of a JSON or query service', () => {
  const draft: Draft = {
    path: '/000000000000/a queue//../x',
    query: { b: '2 +/', a: ['z', 'ä'] },
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
    body: '{"MessageBody":"hello"}',
  }
  const body = Buffer.from(draft.body ?? '')

  it('is let in when it was signed with our credentials', async () => {
    const request = await signed('sqs', { ...draft, path: '/000000000000/a%20queue//../x' })
    expect(verifyBuffered(request, body, verifier('sqs'))).toEqual({ ok: true })
  })

  it('is let in with its signature in the query', async () => {
    const request = await presigned('events', { method: 'GET' })
    expect(verifyBuffered(request, Buffer.alloc(0), verifier('events'))).toEqual({ ok: true })
  })

  const clean: Draft = { ...draft, path: '/000000000000/queue', query: { b: '2' } }
  it.each<[string, (request: SignedRequest) => SignedRequest]>([
    ['method', (r) => ({ ...r, method: 'PUT' })],
    ['path', (r) => ({ ...r, url: r.url?.replace('queue', 'other') })],
    ['query', (r) => ({ ...r, url: `${r.url}3` })],
    ['an added parameter', (r) => ({ ...r, url: `${r.url}&c=1` })],
    ['a signed header', (r) => ({ ...r, headers: { ...r.headers, 'x-amz-target': 'AmazonSQS.DeleteQueue' } })],
    ['host', (r) => ({ ...r, headers: { ...r.headers, host: 'elsewhere' } })],
    ['an added x-amz- header', (r) => ({ ...r, headers: { ...r.headers, 'x-amz-extra': '1' } })],
    ['date', (r) => ({ ...r, headers: { ...r.headers, 'x-amz-date': '20260304T050608Z' } })],
    ['signature', (r) => tamperAuthorization(r, /.$/, (c) => (c === '0' ? '1' : '0'))],
    ['truncated signature', (r) => tamperAuthorization(r, /.$/, () => '')],
    ['list of signed headers', (r) => tamperAuthorization(r, ';x-amz-target', () => '')],
  ])('is refused when its %s was changed', async (_what, tamper) => {
    const request = tamper(await signed('sqs', clean))
    expect(verifyBuffered(request, body, verifier('sqs'))).toMatchObject({ code: 'SignatureDoesNotMatch' })
  })

  it('is refused when its body was changed', async () => {
    const request = await signed('sqs', clean)
    expect(codeOf(verifyBuffered(request, Buffer.from('{}'), verifier('sqs')))).toBe('SignatureDoesNotMatch')
  })

  it.each<[string, string, (request: SignedRequest) => SignedRequest]>([
    ['MissingAuthenticationToken', 'no signature', (r) => ({ ...r, headers: { host: 'h' } })],
    ['IncompleteSignature', 'half a header', (r) => ({ ...r, headers: { authorization: 'AWS4-HMAC-SHA256 x=y' } })],
    ['IncompleteSignature', 'no algorithm we know', (r) => ({ ...r, headers: { authorization: 'AWS a:b' } })],
    ['InvalidClientTokenId', 'a key of a stranger', (r) => tamperAuthorization(r, 'LOCALKEY', () => 'AKIAOTHER')],
    ['IncompleteSignature', 'another region', (r) => tamperAuthorization(r, 'us-east-1', () => 'eu-west-1')],
    ['IncompleteSignature', 'another service', (r) => tamperAuthorization(r, '/sqs/', () => '/s3/')],
    ['IncompleteSignature', 'another day in its scope', (r) => tamperAuthorization(r, '20260304', () => '20260305')],
  ])('is refused with %s for %s', async (code, _what, tamper) => {
    expect(codeOf(verifyBuffered(tamper(await signed('sqs', clean)), body, verifier('sqs')))).toBe(code)
  })

  it.each([
    [15 * 60_000, 'ok'],
    [15 * 60_000 + 1, 'RequestTimeTooSkewed'],
    [-15 * 60_000, 'ok'],
    [-15 * 60_000 - 1, 'RequestTimeTooSkewed'],
  ])('with clocks %i ms apart is answered %s', async (skew, code) => {
    const request = await signed('sqs', clean)
    expect(codeOf(verifyBuffered(request, body, verifier('sqs', NOW + skew)))).toBe(code)
  })

  it('is refused with a wrong secret', async () => {
    const request = await signed('sqs', clean)
    const other = { ...verifier('sqs'), credentials: { ...CREDENTIALS, secretAccessKey: 'another' } }
    expect(verifyBuffered(request, body, other)).toMatchObject({ statusCode: 403, code: 'SignatureDoesNotMatch' })
  })
})

describe('a request of S3', () => {
  it.each(['/b/a key', '/b/../../etc', '/b/a//b/./c', "/b/ü+(1)!'*~", '/b/%', '/b/%2F'])(
    'is let in for the path %s, encoded once',
    async (path) => {
      const encoded = path.split('/').map(encodeURIComponent).join('/')
      const escaped = encoded.replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
      const request = await signed('s3', { method: 'GET', path: escaped })
      expect(codeOf(verifySignature(request, verifier('s3')))).toBe('ok')
      expect(codeOf(verifySignature({ ...request, url: encoded }, verifier('s3')))).toBe('ok')
    },
  )

  it('says by which hash its body must be held', async () => {
    const request = await signed('s3', { method: 'PUT', path: '/b/k', body: 'abc' })
    const sha256 = createHash('sha256').update('abc').digest('hex')
    expect(verifySignature(request, verifier('s3'))).toMatchObject({ payload: { kind: 'sha256', sha256 } })
  })

  it('must claim a payload hash', async () => {
    const request = await signed('s3', { method: 'GET', path: '/b/k' })
    const { 'x-amz-content-sha256': _, ...headers } = request.headers
    expect(verifySignature({ ...request, headers }, verifier('s3'))).toMatchObject({ code: 'InvalidRequest' })
  })

  it.each([
    [60, 60_000, 'ok', undefined],
    [60, 60_001, 'AccessDenied', 'Request has expired'],
    [604_800, 604_800_000, 'ok', undefined],
    [60, -16 * 60_000, 'AccessDenied', 'Request is not yet valid'],
  ])('presigned for %i s, used after %i ms, is answered %s', async (expiresIn, after, code, message) => {
    const request = await presigned('s3', { method: 'GET', path: '/b/k' }, expiresIn)
    const answer = verifySignature(request, verifier('s3', NOW + after))
    expect(codeOf(answer)).toBe(code)
    if (!answer.ok) expect(answer.message).toBe(message)
  })

  it.each<[string, string, (url: string) => string]>([
    ['SignatureDoesNotMatch', 'a longer life', (url) => url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600')],
    ['AuthorizationQueryParametersError', 'over a week', (url) => url.replace('Expires=60', 'Expires=604801')],
    ['AuthorizationQueryParametersError', 'a negative life', (url) => url.replace('Expires=60', 'Expires=-1')],
    ['AuthorizationQueryParametersError', 'a life that is no number', (url) => url.replace('Expires=60', 'Expires=x')],
    ['AuthorizationQueryParametersError', 'no date', (url) => url.replace(/X-Amz-Date=[^&]*&/, '')],
    ['AuthorizationQueryParametersError', 'two signatures', (url) => `${url}&X-Amz-Signature=00`],
    ['SignatureDoesNotMatch', 'another key', (url) => url.replace('/b/k', '/b/j')],
    ['SignatureDoesNotMatch', 'another version', (url) => `${url}&versionId=1`],
    ['InvalidURI', 'half an escape', (url) => url.replace('/b/k', '/b/%')],
  ])('presigned is refused with %s for %s', async (code, _what, tamper) => {
    const request = await presigned('s3', { method: 'GET', path: '/b/k' })
    expect(codeOf(verifySignature({ ...request, url: tamper(request.url ?? '') }, verifier('s3')))).toBe(code)
  })

  it.each([
    ['AccessDenied', 'no signature at all', {}],
    ['InvalidRequest', 'a signature of version 2', { authorization: 'AWS LOCALKEY:c2ln' }],
  ])('is refused with %s for %s', (code, _what, headers) => {
    expect(codeOf(verifySignature({ method: 'GET', url: '/b/k', headers }, verifier('s3')))).toBe(code)
  })

  it('is refused with a session token, for our credentials have none', async () => {
    const request = await signed('s3', { method: 'GET', path: '/b/k', headers: { 'x-amz-security-token': 't' } })
    expect(codeOf(verifySignature(request, verifier('s3')))).toBe('InvalidToken')
  })
})

function tamperAuthorization(r: SignedRequest, part: string | RegExp, to: (found: string) => string): SignedRequest {
  return { ...r, headers: { ...r.headers, authorization: r.headers.authorization?.replace(part, to) } }
}
