import { existsSync } from 'node:fs'
import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import { zipOf } from '../../../tests/fixtures/zip.ts'
import { PUBLISHING } from '../s3/serve-for-test.ts'
import { EICAR } from './eicar-for-test.ts'
import type { Scanner, Verdict } from './scanner.ts'
import { BUCKET, PLAN, type ServedGuardDuty, serveGuardDuty } from './serve-for-test.ts'
import { testFileScanner } from './test-file-scanner.ts'

let guarded: ServedGuardDuty | undefined
afterEach(async () => {
  await guarded?.close()
  guarded = undefined
})
const serve = async (scanner: Scanner = testFileScanner, plan?: object) => {
  guarded = await serveGuardDuty(scanner, plan)
  return guarded
}
const answering = (...verdicts: readonly Verdict[]): Scanner => ({
  name: 'a fake',
  scan: async (paths) => paths.map((_, index) => verdicts[index] ?? { status: 'NO_THREATS_FOUND' }),
})
const INFECTED: Verdict = { status: 'THREATS_FOUND', threats: ['a test'] }
const statusesOf = (said: readonly { readonly detail: object }[]) =>
  said.map(({ detail }) => (detail as { scanResultDetails: { scanResultStatus: string } }).scanResultDetails)

describe('an object below a prefix of the plan', () => {
  it('is scanned, tagged beside its own tags, and told of as GuardDuty does', async () => {
    const { put, results, tagsOf, declare } = await serve()
    const versionId = await put('files/letter', 'hello', 'of=the sender')
    const said = await results(1)
    expect(said).toEqual([
      {
        source: 'aws.guardduty',
        'detail-type': 'GuardDuty Malware Protection Object Scan Result',
        account: '123456789012',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        region: 'eu-central-1',
        resources: [declare(PLAN).attributes['Arn']],
        detail: {
          schemaVersion: '1.0',
          scanStatus: 'COMPLETED',
          resourceType: 'S3_OBJECT',
          s3ObjectDetails: {
            bucketName: BUCKET,
            objectKey: 'files/letter',
            eTag: '5d41402abc4b2a76b9719d911017c592',
            versionId,
            s3Throttled: false,
          },
          scanResultDetails: { scanResultStatus: 'NO_THREATS_FOUND', threats: null, statusReasons: null },
        },
      },
    ])
    expect(await tagsOf('files/letter')).toEqual({ of: 'the sender', GuardDutyMalwareScanStatus: 'NO_THREATS_FOUND' })
  })

  it('that holds malware is named with it, each version by itself', async () => {
    const { put, results, tagsOf } = await serve()
    const bad = await put('files/k', EICAR)
    const good = await put('files/k', 'hello')
    expect(statusesOf(await results(2))).toContainEqual({
      scanResultStatus: 'THREATS_FOUND',
      threats: [{ name: 'EICAR-Test-File' }],
      statusReasons: null,
    })
    expect(await tagsOf('files/k', bad)).toEqual({ GuardDutyMalwareScanStatus: 'THREATS_FOUND' })
    expect(await tagsOf('files/k', good)).toEqual({ GuardDutyMalwareScanStatus: 'NO_THREATS_FOUND' })
  })

  it('is not scanned behind a password', async () => {
    const { put, results } = await serve()
    const entries = [
      { name: 'folder/', body: '' },
      { name: 'folder/secret', body: 'x', encrypted: true },
    ]
    await put('files/secret.zip', zipOf(entries))
    await put('files/open.zip', zipOf(entries.map(({ name, body }) => ({ name, body }))))
    const said = await results(2)
    expect(said.map(({ detail }) => detail)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          scanStatus: 'SKIPPED',
          scanResultDetails: {
            scanResultStatus: 'UNSUPPORTED',
            threats: null,
            statusReasons: ['PASSWORD_PROTECTED'],
          },
        }),
        expect.objectContaining({ scanStatus: 'COMPLETED' }),
      ]),
    )
  })

  it('is not scanned above the service’s limit', async () => {
    const { put, results, served } = await serve()
    const { objects } = served.s3
    const { find } = objects
    const large: typeof find = (...of) => {
      const file = find(...of)
      return file && { ...file, size: 100 * 1024 ** 3 + 1 }
    }
    Object.assign(objects, { find: large })
    await put('files/film', 'all of it')
    expect(statusesOf(await results(1))).toMatchObject([{ scanResultStatus: 'UNSUPPORTED' }])
  })

  it('is denied or failed as the scanner says', async () => {
    const { put, results, tagsOf } = await serve({
      name: 'a fake',
      scan: async ([path = '']) => [
        (await import('node:fs')).readFileSync(path, 'utf8') === 'denied'
          ? { status: 'ACCESS_DENIED', reason: 'UNAUTHORIZED_TO_GET_OBJECT' }
          : { status: 'FAILED' },
      ],
    })
    await put('files/denied', 'denied')
    await results(1)
    await put('files/failed', 'failed')
    expect((await results(2)).map(({ detail }) => (detail as { scanStatus: string }).scanStatus)).toEqual([
      'SKIPPED',
      'FAILED',
    ])
    expect(await tagsOf('files/failed')).toEqual({ GuardDutyMalwareScanStatus: 'FAILED' })
  })

  it('is told of even where ten tags leave no room', async () => {
    const { put, results, tagsOf, served } = await serve()
    await put('files/full', 'x', Array.from({ length: 10 }, (_, i) => `t${i}=v`).join('&'))
    await results(1)
    expect(Object.keys(await tagsOf('files/full'))).toHaveLength(10)
    expect(served.logged).toContainEqual(expect.objectContaining({ level: 'warn', from: 'guardduty' }))
  })
})

it('what lies elsewhere is left alone', async () => {
  const { put, results, said, tagsOf } = await serve()
  await put('pictures/k', EICAR)
  await put('files/k', 'x')
  await results(1)
  expect(said).toHaveLength(1)
  expect(await tagsOf('pictures/k')).toEqual({})
})

it('a plan without prefixes covers the bucket, and one without tagging leaves no tag', async () => {
  const { put, results, tagsOf } = await serve(testFileScanner, {
    ProtectedResource: { S3Bucket: { BucketName: BUCKET } },
  })
  await put('anywhere', 'x')
  await results(1)
  expect(await tagsOf('anywhere')).toEqual({})
})

describe('a version that went while it was scanned', () => {
  /** Before each run of the scanner, it is told the paths of that run, and has it wait. */
  const scanningAfter = (before: (paths: readonly string[]) => Promise<unknown>, scanner: Scanner): Scanner => ({
    name: scanner.name,
    async scan(paths, signal) {
      await before(paths)
      return scanner.scan(paths, signal)
    },
  })
  const goneFrom = async (path: string) => {
    while (existsSync(path)) await new Promise((resolve) => setImmediate(resolve))
  }

  it.each<[string, Scanner]>([
    ['fails on it', testFileScanner],
    ['says something of it', answering()],
  ])('is passed over in silence, and is no wait for those beside it, where the scanner %s', async (_, scanner) => {
    const stored = Promise.withResolvers<void>()
    let remove: (paths: readonly string[]) => Promise<void> = async () => {}
    const before = async (paths: readonly string[]) => {
      await stored.promise
      await remove(paths)
    }
    const { put, results, said, served } = await serve(scanningAfter(before, scanner))
    await put('files/first', 'x')
    const VersionId = await put('files/gone', 'x')
    await put('files/beside', 'x')
    const { path = '' } = served.s3.objects.find(BUCKET, 'files/gone', VersionId) ?? {}
    const runs: number[] = []
    remove = async (paths) => {
      runs.push(paths.length)
      if (!paths.includes(path)) return
      await served.client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'files/gone', VersionId }))
      await goneFrom(path)
    }
    stored.resolve()
    // No timer rings here: what waited to be tried again would never be told of.
    await results(2)
    expect(runs.slice(0, 2)).toEqual([1, 2])
    expect(said.map(({ detail }) => detail)).toMatchObject([
      { s3ObjectDetails: { objectKey: 'files/first' } },
      { s3ObjectDetails: { objectKey: 'files/beside' }, scanResultDetails: { scanResultStatus: 'NO_THREATS_FOUND' } },
    ])
    expect(served.logged.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
    expect(served.cloud.db.prepare('select count(*) as owed from guardduty_owed').get()).toEqual({ owed: 0 })
  })

  it('lends its verdict to no other bytes under its key, in a bucket without versions', async () => {
    const written = Promise.withResolvers<void>()
    const { put, results, said, served } = await serve(scanningAfter(() => written.promise, answering(INFECTED)))
    served.bucket(BUCKET, { ...PUBLISHING, VersioningConfiguration: { Status: 'Suspended' } })
    await put('files/k', 'x')
    await put('files/k', 'hello')
    written.resolve()
    await results(1)
    expect(said.map(({ detail }) => detail)).toMatchObject([
      { s3ObjectDetails: { eTag: '5d41402abc4b2a76b9719d911017c592' } },
    ])
  })
})

describe('a scanner that can’t run', () => {
  it('is tried again, and the scan stays owed meanwhile', async () => {
    let tries = 0
    const { put, results, said, ringTimers, served } = await serve({
      name: 'flaky',
      scan: async (paths) => {
        if (tries++ === 0) throw new Error('the daemon is away')
        return paths.map(() => ({ status: 'NO_THREATS_FOUND' }))
      },
    })
    await put('files/k', 'x')
    while (tries === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(said).toEqual([])
    await new Promise((resolve) => setImmediate(resolve))
    served.skewMs += 2000
    ringTimers()
    expect(statusesOf(await results(1))).toMatchObject([{ scanResultStatus: 'NO_THREATS_FOUND' }])
  })

  it('ends in FAILED, never in silence', async () => {
    const { put, said, ringTimers, served } = await serve({
      name: 'broken',
      scan: async () => {
        throw new Error('no signatures')
      },
    })
    await put('files/k', 'x')
    for (let i = 0; said.length === 0 && i < 100; i++) {
      served.skewMs += 20_000
      ringTimers()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(statusesOf(said)).toEqual([{ scanResultStatus: 'FAILED', threats: null, statusReasons: null }])
  })
})

it('several objects share one run of the scanner', async () => {
  const runs: number[] = []
  const { put, results } = await serve({
    name: 'counting',
    scan: async (paths) => {
      runs.push(paths.length)
      await new Promise((resolve) => setTimeout(resolve, 50))
      return paths.map(() => ({ status: 'NO_THREATS_FOUND' }))
    },
  })
  await Promise.all(Array.from({ length: 10 }, (_, i) => put(`files/${i}`, 'x')))
  await results(10)
  expect(runs.length).toBeLessThan(10)
})

describe('a plan is refused where it', () => {
  const bucketOf = (S3Bucket: object) => ({ ...PLAN, ProtectedResource: { S3Bucket } })
  it.each<[string, object, string]>([
    ['has more than five prefixes', bucketOf({ BucketName: 'b', ObjectPrefixes: [...'abcdef'] }), 'at most 5'],
    ['names no bucket', bucketOf({}), 'BucketName is required'],
    ['asks for what is not run', { ...PLAN, Extra: 1 }, 'Extra is not run here'],
    ['tags half', { ...PLAN, Actions: { Tagging: { Status: 'ON' } } }, 'ENABLED or DISABLED'],
    ['is the second of a bucket', { ...PLAN, Actions: {} }, 'has the plan'],
  ])('%s', async (_, properties, message) => {
    const { declare } = await serve(answering())
    expect(() => declare({ ...properties })).toThrow(message)
  })
})
