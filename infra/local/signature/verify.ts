import { createHash } from 'node:crypto'
import {
  canonicalHeaders,
  canonicalPath,
  canonicalQuery,
  type QueryParameters,
  type SignedRequest,
  splitTarget,
} from './canonical.ts'
import { type Refusal, refuse } from './refusal.ts'
import {
  ALGORITHM,
  type CredentialScope,
  hmac,
  openScope,
  parseAmzDate,
  sameSignature,
  type Verifier,
} from './scope.ts'

const MAX_SKEW_MS = 15 * 60 * 1000
const MAX_EXPIRES_SECONDS = 604_800

/** How the body must still be judged, once the headers' signature holds. */
export type Payload =
  /** The body's SHA-256, in hex, must be this. */
  | { readonly kind: 'sha256'; readonly sha256: string }
  /** The signature says nothing of the body. */
  | { readonly kind: 'unsigned' }
  /** The body is framed as `aws-chunked`: read it through `decodeChunks`. */
  | { readonly kind: 'chunked'; readonly chunks: ChunkedPayload }

export interface ChunkedPayload {
  /** Whether trailing headers follow the last chunk. */
  readonly trailer: boolean
  /** What each chunk's signature is checked with; undefined where the chunks are not signed. */
  readonly signing?: ChunkSigning
}

export interface ChunkSigning {
  readonly signingKey: Buffer
  readonly timestamp: string
  readonly scope: string
  readonly seedSignature: string
}

export interface Verified {
  readonly ok: true
  readonly accessKeyId: string
  /** Whether the signature stood in the query (a presigned URL) rather than in the Authorization header. */
  readonly presigned: boolean
  readonly payload: Payload
}

interface Claim {
  readonly credential: string
  readonly signedHeaders: string
  readonly signature: string
  readonly timestamp: string
  /** Only presigned URLs have it. */
  readonly expiresSeconds?: number
}

/**
 * Judges a request's SigV4 signature, in its Authorization header or in its query. Where `body` is undefined, the
 * payload hash is the one that `x-amz-content-sha256` claims, as S3 has it, and the caller must hold the body to the
 * answer's `payload`; else it is the hash of `body`, as all other services have it.
 */
export function verifySignature(request: SignedRequest, verifier: Verifier, body?: Uint8Array): Verified | Refusal {
  const { service } = verifier
  let target: { path: string; query: QueryParameters; canonicalPath: string }
  try {
    const { path, query } = splitTarget(request.url ?? '/')
    target = { path, query, canonicalPath: canonicalPath(path, service) }
  } catch {
    return { ok: false, statusCode: 400, code: 'InvalidURI', message: "Couldn't parse the specified URI." }
  }

  const presigned = target.query.some(([name]) => name === 'X-Amz-Algorithm' || name === 'X-Amz-Signature')
  const claim = presigned ? claimOfQuery(target.query, service) : claimOfHeader(request, service)
  if ('ok' in claim) return claim
  const where = presigned ? 'malformedQuery' : 'malformedHeader'

  const scope = openScope(claim.credential, verifier, where)
  if ('ok' in scope) return scope
  const token = request.headers['x-amz-security-token'] ?? single(target.query, 'X-Amz-Security-Token')
  if (token !== undefined) {
    return refuse(service, 'unexpectedToken', 'these credentials have no session: leave AWS_SESSION_TOKEN unset')
  }
  const untimely = judgeTime(claim, scope, verifier, where)
  if (untimely) return untimely

  const signedHeaders = claim.signedHeaders.split(';')
  const unsigned = Object.keys(request.headers).filter(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && !signedHeaders.includes(name),
  )
  if (unsigned.length > 0) return refuse(service, 'unsignedHeaders', `HeadersNotSigned: ${unsigned.join(', ')}`)

  const payloadHash = payloadHashOf(request, target.query, presigned, body)
  if (payloadHash === undefined) {
    const message = 'Missing required header for this request: x-amz-content-sha256'
    return { ok: false, statusCode: 400, code: 'InvalidRequest', message }
  }
  const canonicalRequest = [
    request.method ?? 'GET',
    target.canonicalPath,
    canonicalQuery(target.query.filter(([name]) => name !== 'X-Amz-Signature')),
    canonicalHeaders(request.headers, signedHeaders),
    claim.signedHeaders,
    payloadHash,
  ].join('\n')
  // node gives header bytes as latin1, and the signature covers the bytes.
  const digest = createHash('sha256').update(canonicalRequest, 'latin1').digest('hex')
  const expected = hmac(scope.signingKey, [ALGORITHM, claim.timestamp, scope.scope, digest].join('\n'))
  if (!sameSignature(expected, claim.signature)) return refuse(service, 'mismatch')

  const payload = payloadOf(payloadHash, {
    signingKey: scope.signingKey,
    timestamp: claim.timestamp,
    scope: scope.scope,
    seedSignature: claim.signature,
  })
  if ('ok' in payload) return payload
  return { ok: true, accessKeyId: verifier.credentials.accessKeyId, presigned, payload }
}

/** Judges a request whose whole body is at hand: what JSON and query services (SQS, EventBridge …) need. */
export function verifyBuffered(request: SignedRequest, body: Uint8Array, verifier: Verifier): { ok: true } | Refusal {
  const verified = verifySignature(request, verifier, body)
  return verified.ok ? { ok: true } : verified
}

function claimOfHeader(request: SignedRequest, service: string): Claim | Refusal {
  const authorization = request.headers.authorization
  if (authorization === undefined) return refuse(service, 'missing')
  const space = authorization.indexOf(' ')
  if (authorization.slice(0, space) !== ALGORITHM) return refuse(service, 'unsupportedMechanism')
  const parts = new Map(
    authorization
      .slice(space + 1)
      .split(',')
      .map((part) => {
        const equals = part.indexOf('=')
        return [part.slice(0, equals).trim(), part.slice(equals + 1).trim()] as const
      }),
  )
  const credential = parts.get('Credential')
  const signedHeaders = parts.get('SignedHeaders')
  const signature = parts.get('Signature')
  if (!credential || !signedHeaders || !signature) {
    return refuse(service, 'malformedHeader', 'it needs Credential, SignedHeaders and Signature')
  }
  const timestamp = request.headers['x-amz-date'] ?? amzDateOf(request.headers.date)
  if (typeof timestamp !== 'string') {
    return refuse(service, 'malformedHeader', 'AWS authentication requires a valid Date or x-amz-date header')
  }
  return { credential, signedHeaders, signature, timestamp }
}

function amzDateOf(httpDate: string | undefined): string | undefined {
  const time = Date.parse(httpDate ?? '')
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '')
}

function claimOfQuery(query: QueryParameters, service: string): Claim | Refusal {
  if (single(query, 'X-Amz-Algorithm') !== ALGORITHM) {
    return refuse(service, 'malformedQuery', `X-Amz-Algorithm only supports "${ALGORITHM}"`)
  }
  const credential = single(query, 'X-Amz-Credential')
  const signedHeaders = single(query, 'X-Amz-SignedHeaders')
  const signature = single(query, 'X-Amz-Signature')
  const timestamp = single(query, 'X-Amz-Date')
  const expires = single(query, 'X-Amz-Expires')
  if (!credential || !signedHeaders || !signature || !timestamp || !expires) {
    const names =
      'X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires'
    return refuse(service, 'malformedQuery', `query-string authentication requires the ${names} parameters, once each.`)
  }
  if (!/^-?\d+$/.test(expires)) return refuse(service, 'malformedQuery', 'X-Amz-Expires should be a number')
  const expiresSeconds = Number(expires)
  if (expiresSeconds < 0) return refuse(service, 'malformedQuery', 'X-Amz-Expires must be non-negative')
  if (expiresSeconds > MAX_EXPIRES_SECONDS) {
    return refuse(service, 'malformedQuery', `X-Amz-Expires must be at most a week, ${MAX_EXPIRES_SECONDS} seconds`)
  }
  return { credential, signedHeaders, signature, timestamp, expiresSeconds }
}

/** The value of a parameter that stands there exactly once. */
function single(query: QueryParameters, name: string): string | undefined {
  const values = query.filter(([given]) => given === name)
  return values.length === 1 ? values[0]?.[1] : undefined
}

function judgeTime(
  claim: Claim,
  scope: CredentialScope,
  { service, now }: Verifier,
  where: 'malformedHeader' | 'malformedQuery',
): Refusal | undefined {
  const time = parseAmzDate(claim.timestamp)
  if (time === undefined) {
    return refuse(service, where, "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
  }
  if (!claim.timestamp.startsWith(scope.date)) {
    return refuse(service, where, `invalid credential date "${scope.date}"; it is not the date of X-Amz-Date.`)
  }
  if (claim.expiresSeconds === undefined) {
    return Math.abs(now - time) > MAX_SKEW_MS ? refuse(service, 'skewed') : undefined
  }
  if (now > time + claim.expiresSeconds * 1000) return refuse(service, 'expired')
  return time > now + MAX_SKEW_MS ? refuse(service, 'notYetValid') : undefined
}

function payloadHashOf(
  request: SignedRequest,
  query: QueryParameters,
  presigned: boolean,
  body: Uint8Array | undefined,
): string | undefined {
  if (body) return createHash('sha256').update(body).digest('hex')
  const claimed = request.headers['x-amz-content-sha256']
  if (typeof claimed === 'string') return claimed
  return presigned ? (single(query, 'X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD') : undefined
}

function payloadOf(hash: string, signing: ChunkSigning): Payload | Refusal {
  switch (hash) {
    case 'UNSIGNED-PAYLOAD':
      return { kind: 'unsigned' }
    case 'STREAMING-UNSIGNED-PAYLOAD-TRAILER':
      return { kind: 'chunked', chunks: { trailer: true } }
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD':
      return { kind: 'chunked', chunks: { trailer: false, signing } }
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER':
      return { kind: 'chunked', chunks: { trailer: true, signing } }
  }
  if (/^[0-9a-f]{64}$/.test(hash)) return { kind: 'sha256', sha256: hash }
  const message =
    'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-*-PAYLOAD(-TRAILER), or a valid sha256 value.'
  return { ok: false, statusCode: 400, code: 'InvalidArgument', message }
}
