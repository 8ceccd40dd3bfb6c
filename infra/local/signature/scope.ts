import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Credentials } from '../cloud.ts'
import { type Refusal, refuse } from './refusal.ts'

export const ALGORITHM = 'AWS4-HMAC-SHA256'

/** What every signature is judged by. */
export interface Verifier {
  readonly credentials: Credentials
  readonly region: string
  /** The signing name: `s3`, `sqs`, `events` … */
  readonly service: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/** `AKID/20260102/us-east-1/s3/aws4_request`, taken apart. */
export interface CredentialScope {
  readonly date: string
  /** `20260102/us-east-1/s3/aws4_request` */
  readonly scope: string
  readonly signingKey: Buffer
}

type Where = 'malformedHeader' | 'malformedQuery'

/** Reads a credential and derives its signing key, or says why it is not ours. */
export function openScope(credential: string, verifier: Verifier, where: Where): CredentialScope | Refusal {
  const [accessKeyId, date, region, service, terminator, ...rest] = credential.split('/')
  if (!accessKeyId || !date || !region || !service || terminator !== 'aws4_request' || rest.length > 0) {
    const form = '"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request"'
    return refuse(verifier.service, where, `the Credential is mal-formed; expecting ${form}.`)
  }
  if (!/^\d{8}$/.test(date)) return refuse(verifier.service, where, `incorrect date format "${date}".`)
  if (accessKeyId !== verifier.credentials.accessKeyId) return refuse(verifier.service, 'unknownKey')
  if (region !== verifier.region) {
    return refuse(verifier.service, where, `the region '${region}' is wrong; expecting '${verifier.region}'`)
  }
  if (service !== verifier.service) {
    return refuse(
      verifier.service,
      where,
      `incorrect service "${service}". This endpoint belongs to "${verifier.service}".`,
    )
  }
  const scope = `${date}/${region}/${service}/aws4_request`
  return { date, scope, signingKey: signingKey(verifier.credentials.secretAccessKey, scope) }
}

/** One serves every request of a day; a few services and a few secrets make a few keys. */
const signingKeys = new Map<string, Buffer>()
const MAX_SIGNING_KEYS = 100

function signingKey(secretAccessKey: string, scope: string): Buffer {
  const id = `${secretAccessKey} ${scope}`
  const known = signingKeys.get(id)
  if (known) return known
  const key = scope
    .split('/')
    .reduce<Buffer>((parent, part) => hmac(parent, part), Buffer.from(`AWS4${secretAccessKey}`))
  // Dates come from requests: whoever makes them up must not fill the memory.
  if (signingKeys.size >= MAX_SIGNING_KEYS) signingKeys.clear()
  signingKeys.set(id, key)
  return key
}

/** `20260102T030405Z` as milliseconds since 1970; undefined where it is no such time. */
export function parseAmzDate(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second] = match
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(time) ? undefined : time
}

export function hmac(key: Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest()
}

export function sha256Hex(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

/** Takes as long for a near miss as for a match. */
export function sameSignature(expected: Buffer, given: string): boolean {
  return /^[0-9a-f]{64}$/.test(given) && timingSafeEqual(expected, Buffer.from(given, 'hex'))
}
