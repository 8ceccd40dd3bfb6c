import { Readable } from 'node:stream'
import { BodyRefused, ChunkDecoder, verifySignature } from './index.ts'
import type { ChunkedPayload } from './verify.ts'

// The worked examples of
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and …/sigv4-streaming-trailers.html
const VERIFIER = {
  credentials: {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  },
  region: 'us-east-1',
  service: 's3',
  now: Date.parse('2013-05-24T00:00:00Z'),
}
const SIGNATURES = [
  'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
  '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
  'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
]
const TRAILER_SIGNATURES = [
  'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
  '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
  '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
]
const TRAILER =
  'x-amz-checksum-crc32c:sOO8/Q==\r\n' +
  'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n'

function seed(trailer: boolean): ChunkedPayload {
  const signature = trailer
    ? '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e'
    : '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9'
  const signedHeaders = trailer
    ? 'content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer'
    : 'content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class'
  const answer = verifySignature(
    {
      method: 'PUT',
      url: '/examplebucket/chunkObject.txt',
      headers: {
        host: 's3.amazonaws.com',
        'x-amz-date': '20130524T000000Z',
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
        'x-amz-content-sha256': `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailer ? '-TRAILER' : ''}`,
        'content-encoding': 'aws-chunked',
        'x-amz-decoded-content-length': '66560',
        ...(trailer ? { 'x-amz-trailer': 'x-amz-checksum-crc32c' } : { 'content-length': '66824' }),
        authorization: `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=${signedHeaders},Signature=${signature}`,
      },
    },
    VERIFIER,
  )
  if (!answer.ok || answer.payload.kind !== 'chunked') throw new Error(JSON.stringify(answer))
  return answer.payload.chunks
}

const frame = ([first, second, last]: readonly string[], end: string): string =>
  [
    `10000;chunk-signature=${first}\r\n${'a'.repeat(65_536)}\r\n`,
    `400;chunk-signature=${second}\r\n${'a'.repeat(1024)}\r\n`,
    `0;chunk-signature=${last}\r\n${end}\r\n`,
  ].join('')

async function decode(payload: ChunkedPayload, framed: string, pieceSize = 1000) {
  const decoder = new ChunkDecoder(payload)
  const pieces: Buffer[] = []
  for (let at = 0; at < framed.length; at += pieceSize)
    pieces.push(Buffer.from(framed.slice(at, at + pieceSize), 'latin1'))
  const out: Buffer[] = []
  for await (const piece of Readable.from(pieces).compose(decoder)) out.push(piece as Buffer)
  return { body: Buffer.concat(out).toString('latin1'), trailers: decoder.trailers }
}

const refusalOf = async (decoding: Promise<unknown>) => {
  const error = await decoding.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof BodyRefused ? error.refusal.code : error
}

describe('a body in signed chunks', () => {
  it.each([1, 7, 1000, 100_000])('gives its bytes when it comes in pieces of %i', async (pieceSize) => {
    const { body } = await decode(seed(false), frame(SIGNATURES, ''), pieceSize)
    expect(body === 'a'.repeat(66_560)).toBe(true)
  })

  it('gives its trailing headers', async () => {
    const { trailers } = await decode(seed(true), frame(TRAILER_SIGNATURES, TRAILER))
    expect([...trailers]).toEqual([['x-amz-checksum-crc32c', 'sOO8/Q==']])
  })

  it.each<[string, string, boolean, string]>([
    ['a changed byte', 'SignatureDoesNotMatch', false, frame(SIGNATURES, '').replace('aaaa', 'aaba')],
    ['a changed last chunk', 'SignatureDoesNotMatch', false, frame(SIGNATURES.with(2, '0'.repeat(64)), '')],
    ['a chunk without signature', 'SignatureDoesNotMatch', false, frame(SIGNATURES, '').replace(/;chunk-[^\r]*/, '')],
    ['its end cut off', 'IncompleteBody', false, frame(SIGNATURES, '').slice(0, -100)],
    ['bytes behind its end', 'IncompleteBody', false, `${frame(SIGNATURES, '')}x`],
    ['a chunk longer than it says', 'IncompleteBody', false, frame(SIGNATURES, '').replace('\r\n400', 'a\r\n400')],
    ['a size that is none', 'InvalidRequest', false, frame(SIGNATURES, '').replace('10000', '1000g')],
    ['an endless line', 'InvalidRequest', false, 'a'.repeat(10_000)],
    ['a trailer that was not announced', 'MalformedTrailerError', false, frame(SIGNATURES, TRAILER)],
    ['a changed trailer', 'SignatureDoesNotMatch', true, frame(TRAILER_SIGNATURES, TRAILER.replace('sOO8', 'sOO9'))],
    [
      'a trailer without signature',
      'SignatureDoesNotMatch',
      true,
      frame(TRAILER_SIGNATURES, `${TRAILER.split('\n')[0]}\n`),
    ],
  ])('is refused with %s', async (_what, code, trailer, framed) => {
    expect(await refusalOf(decode(seed(trailer), framed))).toBe(code)
  })
})

it('an unsigned body in chunks gives its bytes and trailing headers', async () => {
  const framed = '3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Amz-Checksum-Crc32: hYeKBA==\r\n\r\n'
  const { body, trailers } = await decode({ trailer: true }, framed, 1)
  expect(body).toBe('abcde')
  expect(trailers.get('x-amz-checksum-crc32')).toBe('hYeKBA==')
})
