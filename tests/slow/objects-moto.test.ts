import { S3Client } from '@aws-sdk/client-s3'
import { describeObjects } from '../../ports/objects/objects.suite.ts'
import { CLIENT_OPTIONS, objectsOverHttp } from '../objects-over-http.ts'
import { findMoto, serveMoto } from './judges/moto.ts'
import { type Peer, REGION, VERSIONED_BUCKET } from './judges/peer.ts'

const POLICY = 'https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html'

interface Difference {
  /** As the suite has it. */
  readonly test: string
  readonly why: string
  readonly source: string
}

/** What a moto server 5.2 doesn't do, and why AWS is on the suite's side. */
const DIFFERENCES: readonly Difference[] = [
  ...['one byte more', 'one byte less', 'nothing'].map((size) => ({
    test: `takes no other size: ${size}`,
    why: 'a policy with content-length-range bounds the file; moto reads no policy',
    source: `${POLICY}#sigv4-PolicyConditions`,
  })),
  ...['another key', 'a key that climbs', 'another type', 'a field that nobody signed'].map((change) => ({
    test: `refuses ${change}`,
    why: 'every field of the form must meet a condition of the policy; moto reads no policy',
    source: `${POLICY}#sigv4-PolicyConditions`,
  })),
  {
    test: 'refuses a made-up signature',
    why: 'the signature is of the policy, by the key of who grants it; moto computes none',
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html',
  },
  {
    test: 'that names a checksum takes only those bytes',
    why: 'bytes with another checksum than was said are not stored; moto takes the word for it',
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html',
  },
]

const program = findMoto(process.env)

if (program === undefined) {
  process.stderr.write('skipped: 1 suite of objects in a moto server, which is neither on PATH nor MOTO_SERVER\n')
  describe.skip('a moto server', () => {
    it('is not on this machine', () => {})
  })
} else {
  let peer: Peer | undefined
  let client: S3Client | undefined
  afterAll(async () => {
    client?.destroy()
    await peer?.close()
  })

  describeObjects(
    'S3 in a moto server',
    async () => {
      peer = await serveMoto(program)
      const { endpoint } = peer
      const credentials = { accessKeyId: 'moto', secretAccessKey: 'moto' }
      client = new S3Client({ ...CLIENT_OPTIONS, endpoint, region: REGION, credentials, forcePathStyle: true })
      return objectsOverHttp(client, VERSIONED_BUCKET)
    },
    DIFFERENCES.map(({ test: behaviour }) => behaviour),
  )
}
