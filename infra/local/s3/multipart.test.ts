import { createHash, randomBytes } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  type ChecksumAlgorithm,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { failure } from './refusal-for-test.ts'
import { PUBLISHING, type ServedS3, serveS3, until, VERSIONED } from './serve-for-test.ts'

const MB = 1024 ** 2
const FIRST = randomBytes(5 * MB)
const SECOND = randomBytes(100)
const WHOLE = Buffer.concat([FIRST, SECOND])

let served: ServedS3
beforeAll(async () => {
  served = await serveS3()
  served.bucket('media', { ...VERSIONED, ...PUBLISHING })
  served.bucket('lists')
})
afterAll(() => served.close())

const at = (Key: string, Bucket = 'media') => ({ Bucket, Key })

async function create(Key: string, more: Partial<CreateMultipartUploadCommandInput> = {}): Promise<string> {
  const { UploadId } = await served.client.send(new CreateMultipartUploadCommand({ ...at(Key), ...more }))
  return UploadId ?? ''
}

async function sendPart(
  Key: string,
  UploadId: string,
  PartNumber: number,
  Body: Uint8Array,
  ChecksumAlgorithm?: ChecksumAlgorithm,
): Promise<CompletedPart> {
  const input = { ...at(Key), UploadId, PartNumber, Body, ...(ChecksumAlgorithm && { ChecksumAlgorithm }) }
  const { $metadata, ChecksumCRC32, ...part } = await served.client.send(new UploadPartCommand(input))
  // The SDK's own checksum of a part is no part of an upload that was begun without it.
  expect(ChecksumCRC32 === undefined).toBe(ChecksumAlgorithm !== undefined && ChecksumAlgorithm !== 'CRC32')
  return { PartNumber, ...part }
}

const complete = (
  Key: string,
  UploadId: string,
  Parts: readonly CompletedPart[],
  more: Partial<CompleteMultipartUploadCommandInput> = {},
) =>
  served.client.send(
    new CompleteMultipartUploadCommand({ ...at(Key), UploadId, MultipartUpload: { Parts: [...Parts] }, ...more }),
  )

const bytesOf = async (Key: string) => {
  const { Body } = await served.client.send(new GetObjectCommand(at(Key)))
  return Buffer.from((await Body?.transformToByteArray()) ?? [])
}

const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest()

describe('an upload in parts', () => {
  it('becomes one object, its parts in the order of their numbers, and is told of once', async () => {
    const UploadId = await create('video', {
      ContentType: 'video/mp4',
      Metadata: { from: 'parts' },
      Tagging: 'a=b',
      StorageClass: 'STANDARD_IA',
    })
    const second = await sendPart('video', UploadId, 7, SECOND)
    await sendPart('video', UploadId, 2, SECOND)
    const first = await sendPart('video', UploadId, 2, FIRST)
    expect(served.events).toEqual([])

    const { ETag, VersionId } = await complete('video', UploadId, [first, second])
    expect(ETag).toBe(`"${md5(Buffer.concat([md5(FIRST), md5(SECOND)])).toString('hex')}-2"`)
    expect((await bytesOf('video')).equals(WHOLE)).toBe(true)
    const head = await served.client.send(new HeadObjectCommand(at('video')))
    expect(head).toMatchObject({
      ETag,
      VersionId,
      ContentType: 'video/mp4',
      Metadata: { from: 'parts' },
      StorageClass: 'STANDARD_IA',
    })
    expect(served.events).toMatchObject([
      {
        'detail-type': 'Object Created',
        detail: {
          reason: 'CompleteMultipartUpload',
          object: { key: 'video', size: WHOLE.length, etag: ETag?.replaceAll('"', ''), 'version-id': VersionId },
        },
      },
    ])
    await until(() => served.files().length === 1)
    expect(await failure(complete('video', UploadId, [first, second]))).toEqual({ code: 'NoSuchUpload', status: 404 })
  })

  it('can be read part by part', async () => {
    const read = (PartNumber: number) =>
      served.client.send(new GetObjectCommand({ ...at('video'), PartNumber, ChecksumMode: 'ENABLED' }))
    const part = await read(7)
    expect(part).toMatchObject({
      PartsCount: 2,
      ContentRange: `bytes ${FIRST.length}-${WHOLE.length - 1}/${WHOLE.length}`,
    })
    expect(Buffer.from((await part.Body?.transformToByteArray()) ?? []).equals(SECOND)).toBe(true)
    expect(await failure(read(3))).toEqual({ code: 'InvalidPartNumber', status: 416 })
    expect(await failure(read(10_001))).toEqual({ code: 'InvalidArgument', status: 400 })
  })

  it('takes parts from objects that lie there already', async () => {
    await served.client.send(new PutObjectCommand({ ...at('source'), Body: WHOLE }))
    const UploadId = await create('copied')
    const copy = (PartNumber: number, CopySourceRange?: string) =>
      served.client.send(
        new UploadPartCopyCommand({
          ...at('copied'),
          UploadId,
          PartNumber,
          CopySource: 'media/source',
          ...(CopySourceRange && { CopySourceRange }),
        }),
      )
    const first = await copy(1)
    const second = await copy(2, 'bytes=10-19')
    const parts = [first, second].map(({ CopyPartResult }, index) => ({ ...CopyPartResult, PartNumber: index + 1 }))
    await complete('copied', UploadId, parts)
    expect((await bytesOf('copied')).equals(Buffer.concat([WHOLE, WHOLE.subarray(10, 20)]))).toBe(true)
    const again = await create('copied')
    const beyond = new UploadPartCopyCommand({
      ...at('copied'),
      UploadId: again,
      PartNumber: 1,
      CopySource: 'media/source',
      CopySourceRange: `bytes=0-${WHOLE.length}`,
    })
    expect(await failure(served.client.send(beyond))).toEqual({ code: 'InvalidArgument', status: 400 })
  })

  it('leaves nothing behind where it is aborted, and takes nothing more', async () => {
    const files = served.files().length
    const UploadId = await create('aborted')
    await sendPart('aborted', UploadId, 1, SECOND)
    expect(served.files()).toHaveLength(files + 1)
    const abort = () => served.client.send(new AbortMultipartUploadCommand({ ...at('aborted'), UploadId }))
    await abort()
    await until(() => served.files().length === files)
    expect(await failure(sendPart('aborted', UploadId, 2, SECOND))).toEqual({ code: 'NoSuchUpload', status: 404 })
    expect(await failure(abort())).toEqual({ code: 'NoSuchUpload', status: 404 })
  })

  it('is written only where nothing is, when that is asked', async () => {
    const upload = async () => {
      const UploadId = await create('once')
      return { UploadId, parts: [await sendPart('once', UploadId, 1, SECOND)] }
    }
    const [winner, loser] = [await upload(), await upload()]
    const { ETag } = await complete('once', winner.UploadId, winner.parts, { IfNoneMatch: '*' })
    const refused = complete('once', loser.UploadId, loser.parts, { IfNoneMatch: '*' })
    expect(await failure(refused)).toEqual({ code: 'PreconditionFailed', status: 412 })
    await complete('once', loser.UploadId, loser.parts, { IfMatch: ETag })
  })

  it('that races another one for a key is written where nothing is once', async () => {
    const uploads = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const UploadId = await create('contested')
        return { UploadId, parts: [await sendPart('contested', UploadId, 1, FIRST)] }
      }),
    )
    const answers = await Promise.allSettled(
      uploads.map(({ UploadId, parts }) => complete('contested', UploadId, parts, { IfNoneMatch: '*' })),
    )
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('of many who complete it at once is completed by one', async () => {
    const UploadId = await create('raced')
    const parts = [await sendPart('raced', UploadId, 1, FIRST)]
    const answers = await Promise.allSettled(Array.from({ length: 5 }, () => complete('raced', UploadId, parts)))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })
})

describe('a completion is refused', () => {
  let UploadId: string
  let parts: CompletedPart[]
  beforeAll(async () => {
    UploadId = await create('refused')
    parts = await Promise.all([1, 2].map((number) => sendPart('refused', UploadId, number, SECOND)))
  })
  const attempt = (Parts: readonly CompletedPart[], more?: Partial<CompleteMultipartUploadCommandInput>) =>
    failure(complete('refused', UploadId, Parts, more))

  it('with parts that are too small, the last one aside', async () => {
    expect(await attempt(parts)).toEqual({ code: 'EntityTooSmall', status: 400 })
  })

  it('with parts in another order', async () => {
    expect(await attempt([...parts].reverse())).toEqual({ code: 'InvalidPartOrder', status: 400 })
    expect(await attempt([...parts, ...parts])).toEqual({ code: 'InvalidPartOrder', status: 400 })
  })

  it('with parts that were not uploaded, or are others', async () => {
    expect(await attempt([{ PartNumber: 3, ETag: '"x"' }])).toEqual({ code: 'InvalidPart', status: 400 })
    expect(await attempt([{ ...parts[0], ETag: `"${'0'.repeat(32)}"` }])).toEqual({ code: 'InvalidPart', status: 400 })
    expect(await attempt([{ ...parts[0], ChecksumCRC32: 'AAAAAA==' }])).toEqual({ code: 'InvalidPart', status: 400 })
  })

  it('without parts, with a wrong size, and for another key', async () => {
    expect(await attempt([])).toEqual({ code: 'MalformedXML', status: 400 })
    expect(await attempt(parts.slice(0, 1), { MpuObjectSize: 5 })).toEqual({ code: 'InvalidRequest', status: 400 })
    expect(await failure(complete('other', UploadId, parts))).toEqual({ code: 'NoSuchUpload', status: 404 })
  })
})

describe('the checksum of an upload in parts', () => {
  const SHA = { algorithm: 'SHA256', field: 'ChecksumSHA256' } as const
  const sha256 = (...pieces: readonly Uint8Array[]) => createHash('sha256').update(Buffer.concat(pieces)).digest()

  it('is that of its parts’ checksums', async () => {
    const UploadId = await create('sha', { ChecksumAlgorithm: SHA.algorithm })
    const parts = [
      await sendPart('sha', UploadId, 1, FIRST, SHA.algorithm),
      await sendPart('sha', UploadId, 2, SECOND, SHA.algorithm),
    ]
    expect(parts[1]?.ChecksumSHA256).toBe(sha256(SECOND).toString('base64'))
    const wrong = { [SHA.field]: `${sha256(WHOLE).toString('base64')}-2` }
    expect(await failure(complete('sha', UploadId, parts, wrong))).toEqual({ code: 'BadDigest', status: 400 })
    const composite = sha256(sha256(FIRST), sha256(SECOND)).toString('base64')
    expect(await complete('sha', UploadId, parts)).toMatchObject({
      ChecksumSHA256: `${composite}-2`,
      ChecksumType: 'COMPOSITE',
    })

    const ObjectAttributes = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'] as const
    const attributes = await served.client.send(
      new GetObjectAttributesCommand({ ...at('sha'), ObjectAttributes: [...ObjectAttributes], MaxParts: 1 }),
    )
    expect(attributes).toMatchObject({
      ETag: expect.stringMatching(/^[0-9a-f]{32}-2$/),
      Checksum: { ChecksumSHA256: composite, ChecksumType: 'COMPOSITE' },
      ObjectSize: WHOLE.length,
      StorageClass: 'STANDARD',
      ObjectParts: {
        TotalPartsCount: 2,
        IsTruncated: true,
        NextPartNumberMarker: '1',
        Parts: [{ PartNumber: 1, Size: FIRST.length, ChecksumSHA256: sha256(FIRST).toString('base64') }],
      },
    })
    const part = await served.client.send(
      new GetObjectCommand({ ...at('sha'), PartNumber: 2, ChecksumMode: 'ENABLED' }),
    )
    expect(part.ChecksumSHA256).toBe(sha256(SECOND).toString('base64'))
    await part.Body?.transformToByteArray()
  })

  it('needs those of all parts', async () => {
    const UploadId = await create('sha', { ChecksumAlgorithm: SHA.algorithm })
    const other = sendPart('sha', UploadId, 1, SECOND, 'CRC32')
    expect(await failure(other)).toEqual({ code: 'InvalidRequest', status: 400 })
    const { PartNumber, ETag } = await sendPart('sha', UploadId, 1, SECOND, SHA.algorithm)
    const bare = complete('sha', UploadId, [{ PartNumber, ETag }])
    expect(await failure(bare)).toEqual({ code: 'InvalidRequest', status: 400 })
  })

  it.each(['CRC32', 'CRC64NVME'] as const)('may be the %s of the whole', async (algorithm) => {
    const Key = `whole ${algorithm}`
    const { client } = served
    await client.send(new PutObjectCommand({ ...at('reference'), Body: WHOLE }))
    const reference = await client.send(new HeadObjectCommand({ ...at('reference'), ChecksumMode: 'ENABLED' }))
    const bare = served.newClient({ requestChecksumCalculation: 'WHEN_REQUIRED' })
    const unsummed = await bare.send(new PutObjectCommand({ ...at('reference'), Body: WHOLE }))
    const expected = algorithm === 'CRC32' ? reference.ChecksumCRC32 : unsummed.ChecksumCRC64NVME

    const UploadId = await create(Key, { ChecksumAlgorithm: algorithm, ChecksumType: 'FULL_OBJECT' })
    const parts = await Promise.all(
      [FIRST, SECOND].map(async (Body, index) => {
        const PartNumber = index + 1
        const { ETag } = await bare.send(new UploadPartCommand({ ...at(Key), UploadId, PartNumber, Body }))
        return { PartNumber, ETag }
      }),
    )
    expect(await complete(Key, UploadId, parts)).toMatchObject({
      [`Checksum${algorithm}`]: expected,
      ChecksumType: 'FULL_OBJECT',
    })
  })

  it('is S3’s own CRC64NVME where nobody asks for another', async () => {
    const bare = served.newClient({ requestChecksumCalculation: 'WHEN_REQUIRED' })
    const { UploadId } = await bare.send(new CreateMultipartUploadCommand(at('unsummed')))
    const part = await bare.send(new UploadPartCommand({ ...at('unsummed'), UploadId, PartNumber: 1, Body: 'abc' }))
    const Parts = [{ PartNumber: 1, ETag: part.ETag }]
    const answer = await bare.send(
      new CompleteMultipartUploadCommand({ ...at('unsummed'), UploadId, MultipartUpload: { Parts } }),
    )
    expect(answer).toMatchObject({ ChecksumCRC64NVME: 'BeXKuz/B+us=', ChecksumType: 'FULL_OBJECT' })
  })

  it.each([
    [{ ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' }],
    [{ ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'COMPOSITE' }],
  ] as const)('cannot be %j', async (input) => {
    expect(await failure(create('never', input))).toEqual({ code: 'InvalidRequest', status: 400 })
  })
})

describe('listing', () => {
  it('gives the uploads that are under way, page by page, and then what they have', async () => {
    const { client } = served
    const ids: string[] = []
    for (const Key of ['a/1', 'a/2', 'b', 'b', 'c']) {
      ids.push((await client.send(new CreateMultipartUploadCommand(at(Key, 'lists')))).UploadId ?? '')
    }
    const list = (more: object = {}) => client.send(new ListMultipartUploadsCommand({ Bucket: 'lists', ...more }))
    const whole = await list()
    expect(whole.Uploads?.map(({ Key }) => Key)).toEqual(['a/1', 'a/2', 'b', 'b', 'c'])
    expect(new Set(whole.Uploads?.map(({ UploadId }) => UploadId))).toEqual(new Set(ids))
    expect(await list({ Delimiter: '/' })).toMatchObject({ CommonPrefixes: [{ Prefix: 'a/' }] })

    const seen: (string | undefined)[] = []
    let markers: object | undefined = {}
    while (markers) {
      const page: Awaited<ReturnType<typeof list>> = await list({ MaxUploads: 1, ...markers })
      seen.push(...(page.Uploads ?? []).map(({ UploadId }) => UploadId))
      markers = page.IsTruncated
        ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
        : undefined
    }
    expect(seen).toEqual(whole.Uploads?.map(({ UploadId }) => UploadId))

    const upload = { ...at('a/1', 'lists'), UploadId: ids[0] }
    for (const PartNumber of [3, 1, 2]) {
      await client.send(new UploadPartCommand({ ...upload, PartNumber, Body: `part ${PartNumber}` }))
    }
    const first = await client.send(new ListPartsCommand({ ...upload, MaxParts: 2 }))
    expect(first).toMatchObject({
      IsTruncated: true,
      NextPartNumberMarker: '2',
      Parts: [
        { PartNumber: 1, Size: 6 },
        { PartNumber: 2, Size: 6 },
      ],
    })
    const second = await client.send(new ListPartsCommand({ ...upload, PartNumberMarker: first.NextPartNumberMarker }))
    expect(second).toMatchObject({ IsTruncated: false, Parts: [{ PartNumber: 3 }] })
  })
})

it('an upload goes on after a restart', async () => {
  let own = await serveS3()
  try {
    own.bucket('media')
    const { UploadId } = await own.client.send(new CreateMultipartUploadCommand(at('long')))
    const part = await own.client.send(new UploadPartCommand({ ...at('long'), UploadId, PartNumber: 1, Body: FIRST }))
    own = await own.reopen()
    own.bucket('media')
    const last = await own.client.send(new UploadPartCommand({ ...at('long'), UploadId, PartNumber: 2, Body: SECOND }))
    const Parts = [
      { ETag: part.ETag, PartNumber: 1 },
      { ETag: last.ETag, PartNumber: 2 },
    ]
    await own.client.send(new CompleteMultipartUploadCommand({ ...at('long'), UploadId, MultipartUpload: { Parts } }))
    const { ContentLength } = await own.client.send(new HeadObjectCommand(at('long')))
    expect(ContentLength).toBe(WHOLE.length)
  } finally {
    await own.close()
  }
})
