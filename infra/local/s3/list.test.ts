import {
  DeleteObjectCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3'
import fc from 'fast-check'
import { type ServedS3, serveS3, VERSIONED } from './serve-for-test.ts'

const KEYS = ['a', 'a/', 'a/1', 'a/2/x', 'a/2/y', 'b/1', 'b/2', 'c', '\u{FF61}', '\u{1F600}', 'ü & <x>', 'z\u0001']
let served: ServedS3
beforeAll(async () => {
  served = await serveS3()
  served.bucket('tree')
  served.bucket('history', VERSIONED)
  for (const Key of KEYS) await served.client.send(new PutObjectCommand({ Bucket: 'tree', Key, Body: Key }))
})
afterAll(() => served.close())

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
const list = async (input: Partial<ConstructorParameters<typeof ListObjectsV2Command>[0]> = {}) => {
  const answer = await served.client.send(new ListObjectsV2Command({ Bucket: 'tree', EncodingType: 'url', ...input }))
  const decode = (name = '') => decodeURIComponent(name.replaceAll('+', ' '))
  return {
    ...answer,
    keys: (answer.Contents ?? []).map(({ Key }) => decode(Key)),
    prefixes: (answer.CommonPrefixes ?? []).map(({ Prefix }) => decode(Prefix)),
  }
}

describe('listing objects', () => {
  it('gives keys in the order of their UTF-8 bytes, with what is known of each', async () => {
    const answer = await list()
    expect(answer.keys).toEqual([...KEYS].sort(byBytes))
    expect(answer).toMatchObject({ IsTruncated: false, KeyCount: KEYS.length })
    expect(answer.Contents?.[0]).toMatchObject({ Key: 'a', Size: 1, StorageClass: 'STANDARD' })
    expect(answer.Contents?.[0]?.ETag).toBe('"0cc175b9c0f1b6a831c399e269772661"')
  })

  it('rolls keys up to a delimiter', async () => {
    expect(await list({ Delimiter: '/' })).toMatchObject({ prefixes: ['a/', 'b/'] })
    expect(await list({ Delimiter: '/', Prefix: 'a/' })).toMatchObject({ keys: ['a/', 'a/1'], prefixes: ['a/2/'] })
    expect(await list({ Prefix: 'nothing' })).toMatchObject({ keys: [], KeyCount: 0 })
  })

  it('begins after a key', async () => {
    expect((await list({ StartAfter: 'a/2/x', MaxKeys: 2 })).keys).toEqual(['a/2/y', 'b/1'])
    expect((await list({ StartAfter: 'a/15', Prefix: 'b/' })).keys).toEqual(['b/1', 'b/2'])
    expect((await list({ StartAfter: 'zzz', Prefix: 'b/' })).keys).toEqual([])
  })

  it.each([
    [1, undefined],
    [2, '/'],
    [3, undefined],
    [1, '/'],
    [5, '/'],
  ])('in pages of %i with the delimiter %s gives everything once', async (pageSize, delimiter) => {
    const whole = await list(delimiter === undefined ? {} : { Delimiter: delimiter })
    const seen: string[] = []
    const input = {
      Bucket: 'tree',
      ...(delimiter !== undefined && { Delimiter: delimiter }),
      EncodingType: 'url' as const,
    }
    for await (const page of paginateListObjectsV2({ client: served.client, pageSize }, input)) {
      const names = [
        ...(page.Contents ?? []).map(({ Key }) => Key),
        ...(page.CommonPrefixes ?? []).map((p) => p.Prefix),
      ]
      expect(names.length).toBeLessThanOrEqual(pageSize)
      seen.push(...names.map((name = '') => decodeURIComponent(name.replaceAll('+', ' '))))
    }
    expect(seen.sort()).toEqual([...whole.keys, ...whole.prefixes].sort())
  })

  it('in the older form pages by marker', async () => {
    const first = await served.client.send(new ListObjectsCommand({ Bucket: 'tree', Delimiter: '/', MaxKeys: 2 }))
    expect(first).toMatchObject({ IsTruncated: true, NextMarker: 'a/', CommonPrefixes: [{ Prefix: 'a/' }] })
    const second = await served.client.send(
      new ListObjectsCommand({ Bucket: 'tree', Delimiter: '/', MaxKeys: 2, Marker: 'a/' }),
    )
    expect(second).toMatchObject({ Contents: [{ Key: 'c' }], CommonPrefixes: [{ Prefix: 'b/' }] })
  })

  it('encodes keys as S3 does where that is asked', async () => {
    served.bucket('encoded')
    const Key = "test_file(3) ü~!'*/+.png"
    await served.client.send(new PutObjectCommand({ Bucket: 'encoded', Key, Body: 'x' }))
    const answer = await served.client.send(new ListObjectsV2Command({ Bucket: 'encoded', EncodingType: 'url' }))
    expect(answer.Contents?.[0]?.Key).toBe('test_file%283%29+%C3%BC%7E%21%27*/%2B.png')
  })

  it('gives keys of any characters, but those that XML cannot write, without encoding', async () => {
    const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })
    const writable = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]+$/u
    const keys = fc.sample(key, { numRuns: 30, seed: 7 }).filter((text) => writable.test(text))
    served.bucket('any')
    for (const Key of keys) await served.client.send(new PutObjectCommand({ Bucket: 'any', Key, Body: 'x' }))
    const answer = await served.client.send(new ListObjectsV2Command({ Bucket: 'any' }))
    expect(answer.Contents?.map(({ Key }) => Key)).toEqual([...new Set(keys)].sort(byBytes))
  })

  it('refuses what it was not given', async () => {
    await expect(list({ ContinuationToken: 'x' })).rejects.toMatchObject({ name: 'InvalidArgument' })
    await expect(list({ MaxKeys: -1 })).rejects.toMatchObject({ name: 'InvalidArgument' })
    await expect(list({ Bucket: 'nowhere' })).rejects.toMatchObject({ name: 'NoSuchBucket' })
  })
})

it('listing versions gives the youngest of each key first, page by page', async () => {
  const { client } = served
  const expected: string[] = []
  for (const Key of ['k1', 'k2']) {
    const ids: string[] = []
    for (const Body of ['1', '22']) {
      ids.unshift((await client.send(new PutObjectCommand({ Bucket: 'history', Key, Body }))).VersionId ?? '')
    }
    const marker = await client.send(new DeleteObjectCommand({ Bucket: 'history', Key }))
    expected.push(...[marker.VersionId ?? '', ...ids].map((id) => `${Key} ${id}`))
  }
  const whole = await client.send(new ListObjectVersionsCommand({ Bucket: 'history' }))
  expect(whole.Versions?.map(({ Size, IsLatest }) => [Size, IsLatest])).toEqual([
    [2, false],
    [1, false],
    [2, false],
    [1, false],
  ])
  expect(whole.DeleteMarkers?.map(({ Key, IsLatest }) => [Key, IsLatest])).toEqual([
    ['k1', true],
    ['k2', true],
  ])

  const seen: string[] = []
  let markers: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {}
  while (markers) {
    const page: Awaited<ReturnType<typeof versionsPage>> = await versionsPage(markers)
    const [found] = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]
    seen.push(`${found?.Key} ${found?.VersionId}`)
    markers = page.IsTruncated
      ? { KeyMarker: page.NextKeyMarker ?? '', VersionIdMarker: page.NextVersionIdMarker ?? '' }
      : undefined
  }
  expect(seen).toEqual(expected)
})

const versionsPage = (markers: { KeyMarker?: string; VersionIdMarker?: string }) =>
  served.client.send(new ListObjectVersionsCommand({ Bucket: 'history', MaxKeys: 1, ...markers }))

describe('buckets', () => {
  it('are listed, found, and describe themselves', async () => {
    const { client } = served
    const { Buckets } = await client.send(new ListBucketsCommand({ Prefix: 'h' }))
    expect(Buckets?.map(({ Name }) => Name)).toEqual(['history'])
    const first = await client.send(new ListBucketsCommand({ MaxBuckets: 1 }))
    const second = await client.send(
      new ListBucketsCommand({ MaxBuckets: 1, ContinuationToken: first.ContinuationToken ?? '' }),
    )
    expect(second.Buckets?.[0]?.Name).not.toBe(first.Buckets?.[0]?.Name)
    expect((await client.send(new HeadBucketCommand({ Bucket: 'tree' }))).BucketRegion).toBe('eu-central-1')
    await expect(client.send(new HeadBucketCommand({ Bucket: 'nowhere' }))).rejects.toMatchObject({ name: 'NotFound' })
    const location = await client.send(new GetBucketLocationCommand({ Bucket: 'tree' }))
    expect(location.LocationConstraint).toBe('eu-central-1')
    const versioning = (Bucket: string) => client.send(new GetBucketVersioningCommand({ Bucket }))
    expect((await versioning('history')).Status).toBe('Enabled')
    expect((await versioning('tree')).Status).toBeUndefined()
  })

  it('are reached by the name of the host, too', async () => {
    const { port } = new URL(served.endpoint)
    const client = served.newClient({ endpoint: `http://s3.localhost:${port}`, forcePathStyle: false })
    client.middlewareStack.add(
      (next) => async (args) => {
        // Names below localhost resolve in browsers, but not everywhere.
        if (args.request instanceof Object) Object.assign(args.request, { hostname: '127.0.0.1' })
        return await next(args)
      },
      { step: 'finalizeRequest', priority: 'low' },
    )
    const answer = await client.send(new ListObjectsV2Command({ Bucket: 'tree', Prefix: 'c' }))
    expect(answer.Contents).toMatchObject([{ Key: 'c' }])
  })
})
