import { BodyRefused, ChunkDecoder, type Payload } from '../signature/index.ts'
import { ALGORITHMS, type Algorithm, type Checksum, DEFAULT_ALGORITHM, isAlgorithm, isDigest } from './checksums.ts'
import { invalidRequest, notImplemented, S3Error } from './errors.ts'
import type { Digests, ReceiveOptions } from './receive.ts'

/** How a body is to be received, and the judge of what was. */
export interface ExpectedBody {
  readonly options: ReceiveOptions
  /** The algorithm of the checksum that its sender gives. */
  readonly given: Algorithm | undefined
  /**
   * Holds a received body to all that its sender said of it, and returns the checksum to keep: of the algorithm that was
   * asked for, or that of the sender, or S3's own.
   * @throws S3Error BadDigest, XAmzContentSHA256Mismatch, IncompleteBody
   */
  verify(digests: Digests): Checksum
}

interface Expectation {
  readonly algorithm: Algorithm
  /** Undefined where a trailing header brings it. */
  readonly value: string | undefined
}

/** S3's own limit for what one request brings or copies. */
export const MAX_BYTES = 5 * 1024 ** 3

/**
 * Reads off the headers how the body of a PUT arrives and what it must be.
 * @throws S3Error where they contradict each other, or name what can't be verified here.
 */
export function expectBody(
  headers: ReadonlyMap<string, string>,
  payload: Payload,
  { maxBytes = MAX_BYTES, algorithm }: { readonly maxBytes?: number; readonly algorithm?: Algorithm } = {},
): ExpectedBody {
  const length = declaredLength(headers, payload)
  const judgeSize = (size: number) => {
    if (size <= maxBytes) return
    const details = { ProposedSize: String(size), MaxSizeAllowed: String(maxBytes) }
    throw new S3Error(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', { details })
  }
  judgeSize(length)
  const expectation = expectedChecksum(headers, payload)
  const kept = algorithm ?? expectation?.algorithm ?? DEFAULT_ALGORITHM
  const md5 = expectedMd5(headers.get('content-md5'))
  const decoder = payload.kind === 'chunked' ? new ChunkDecoder(payload.chunks) : undefined

  return {
    options: {
      judgeSize,
      sha256: payload.kind === 'sha256',
      algorithms: expectation && expectation.algorithm !== kept ? [kept, expectation.algorithm] : [kept],
      ...(decoder && { decoder }),
    },
    given: expectation?.algorithm,
    verify(digests) {
      if (digests.size !== length) {
        const message = 'You did not provide the number of bytes specified by the Content-Length HTTP header'
        throw new S3Error(400, 'IncompleteBody', message)
      }
      if (payload.kind === 'sha256' && digests.sha256 !== payload.sha256) {
        const message = "The provided 'x-amz-content-sha256' header does not match what was computed."
        throw new S3Error(400, 'XAmzContentSHA256Mismatch', message)
      }
      if (md5 !== undefined && digests.md5 !== md5) {
        throw new S3Error(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.')
      }
      if (expectation) {
        const value = expectation.value ?? trailingValue(expectation.algorithm, decoder)
        verifyChecksum(digests, { algorithm: expectation.algorithm, value })
      }
      return computedChecksum(digests, kept)
    },
  }
}

/** @throws S3Error BadDigest where the bytes that came have another checksum. */
export function verifyChecksum(digests: Digests, expected: Checksum): Checksum {
  if (computedChecksum(digests, expected.algorithm).value === expected.value) return expected
  throw badChecksum(expected.algorithm)
}

/** The checksum that was taken of the bytes as they came. */
export function computedChecksum({ checksums }: Digests, wanted: Algorithm): Checksum {
  const checksum = checksums.find(({ algorithm }) => algorithm === wanted)
  if (!checksum) throw new Error(`no ${wanted} was taken of the body`)
  return checksum
}

export const badChecksum = (algorithm: Algorithm): S3Error =>
  new S3Error(400, 'BadDigest', `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`)

/**
 * The one checksum that headers (or form fields) give by value.
 * @throws S3Error InvalidRequest where there are several, or one that is no digest of its kind.
 */
export function givenChecksum(headers: ReadonlyMap<string, string>): Checksum | undefined {
  const given = ALGORITHMS.flatMap((algorithm) => {
    const value = headers.get(`x-amz-checksum-${algorithm}`)
    return value === undefined ? [] : [{ algorithm, value }]
  })
  if (given.length > 1) {
    throw invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.')
  }
  const [checksum] = given
  if (checksum && !isDigest(checksum.algorithm, checksum.value)) {
    throw invalidRequest(`Value for x-amz-checksum-${checksum.algorithm} header is invalid.`)
  }
  return checksum
}

/** What a stream that carried a body failed with, as S3 answers it. */
export function bodyError(error: unknown): unknown {
  if (!(error instanceof BodyRefused)) return error
  return new S3Error(error.refusal.statusCode, error.refusal.code, error.refusal.message)
}

function declaredLength(headers: ReadonlyMap<string, string>, payload: Payload): number {
  const name = payload.kind === 'chunked' ? 'x-amz-decoded-content-length' : 'content-length'
  const value = headers.get(name)
  if (value === undefined || !/^\d{1,15}$/.test(value)) {
    throw new S3Error(411, 'MissingContentLength', `You must provide the ${name} HTTP header.`)
  }
  return Number(value)
}

function expectedChecksum(headers: ReadonlyMap<string, string>, payload: Payload): Expectation | undefined {
  const given = givenChecksum(headers)
  const trailer = headers.get('x-amz-trailer')?.trim().toLowerCase()
  if (trailer === undefined) {
    const announced = headers.get('x-amz-sdk-checksum-algorithm')
    if (announced !== undefined && announced.toUpperCase() !== 'MD5' && !given) {
      throw invalidRequest(
        'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
      )
    }
    return given
  }
  if (payload.kind !== 'chunked' || !payload.chunks.trailer) {
    throw invalidRequest('x-amz-trailer needs a body that is sent with trailing headers')
  }
  if (given) throw invalidRequest('Expecting a single x-amz-checksum- header or trailer.')
  const algorithm = trailer.replace(/^x-amz-checksum-/, '')
  if (!trailer.startsWith('x-amz-checksum-') || !isAlgorithm(algorithm)) throw notImplemented(`the trailer ${trailer}`)
  return { algorithm, value: undefined }
}

function trailingValue(algorithm: Algorithm, decoder: ChunkDecoder | undefined): string {
  const value = decoder?.trailers.get(`x-amz-checksum-${algorithm}`)
  if (value !== undefined) return value
  const message =
    'The request contained trailing data that was not well-formed or did not conform to our published schema.'
  throw new S3Error(400, 'MalformedTrailerError', message)
}

function expectedMd5(contentMd5: string | undefined): string | undefined {
  if (contentMd5 === undefined) return undefined
  const bytes = Buffer.from(contentMd5, 'base64')
  if (bytes.length === 16) return bytes.toString('hex')
  throw new S3Error(400, 'InvalidDigest', 'The Content-MD5 you specified was invalid.')
}
