import { execFile, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type ServedS3, serveS3, VERSIONED } from '../../infra/local/s3/serve-for-test.ts'

// Where a version manager stands before it, HOME decides which one runs: ask for the program itself.
const AWS = spawnSync('sh', ['-c', 'pyenv which aws 2>/dev/null || command -v aws'], { encoding: 'utf8' }).stdout.trim()

if (AWS === '') process.stderr.write('skipped: 4 uses of S3 by the aws CLI, which is not on PATH\n')

;(AWS === '' ? describe.skip : describe)('the aws CLI', () => {
  let served: ServedS3
  let folder: string
  beforeAll(async () => {
    served = await serveS3()
    served.bucket('media', VERSIONED)
    folder = mkdtempSync(join(tmpdir(), 'aws-cli-'))
    // Version 1 would sign URLs by its oldest method, which buckets made since June 2020 don't take.
    mkdirSync(join(folder, '.aws'))
    writeFileSync(join(folder, '.aws', 'config'), '[default]\ns3 =\n  signature_version = s3v4\n')
  })
  afterAll(async () => {
    await served?.close()
    rmSync(folder, { recursive: true })
  })

  async function aws(...args: readonly string[]): Promise<string> {
    const { accessKeyId, secretAccessKey } = served.cloud.credentials
    const { stdout } = await promisify(execFile)(AWS, [...args, '--endpoint-url', served.endpoint], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: folder,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_DEFAULT_REGION: served.cloud.region,
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_MAX_ATTEMPTS: '1',
      },
    })
    return stdout
  }
  const local = (name: string) => join(folder, name)

  it('copies a file of 20 MB to a bucket in parts, and back, and within it', async () => {
    const bytes = randomBytes(20 * 1024 ** 2)
    writeFileSync(local('large'), bytes)
    await aws('s3', 'cp', 'large', 's3://media/large', '--no-progress')
    await aws('s3', 'cp', 's3://media/large', 's3://media/copy', '--no-progress')
    await aws('s3', 'cp', 's3://media/copy', 'back', '--no-progress')
    expect(readFileSync(local('back')).equals(bytes)).toBe(true)
    const described = ['--object-attributes', 'ObjectParts', 'ObjectSize', '--output', 'json']
    const attributes = JSON.parse(
      await aws('s3api', 'get-object-attributes', '--bucket', 'media', '--key', 'copy', ...described),
    )
    expect(attributes).toMatchObject({ ObjectSize: bytes.length, ObjectParts: { TotalPartsCount: 3 } })
  })

  it('keeps a folder and a prefix the same, and sends only what changed', async () => {
    mkdirSync(join(folder, 'tree', 'ü & b'), { recursive: true })
    writeFileSync(local('tree/a.txt'), 'a')
    writeFileSync(local('tree/ü & b/c (1).txt'), 'c')
    const up = () => aws('s3', 'sync', 'tree', 's3://media/tree', '--no-progress', '--delete')
    expect((await up()).trim().split('\n')).toHaveLength(2)
    expect(await up()).toBe('')
    writeFileSync(local('tree/a.txt'), 'changed')
    rmSync(local('tree/ü & b'), { recursive: true })
    expect((await up()).trim().split('\n').sort()).toEqual([
      'delete: s3://media/tree/ü & b/c (1).txt',
      'upload: tree/a.txt to s3://media/tree/a.txt',
    ])
    await aws('s3', 'sync', 's3://media/tree', 'tree-back', '--no-progress')
    expect(readFileSync(local('tree-back/a.txt'), 'utf8')).toBe('changed')
  })

  it('signs a URL that anybody can read by, until it expires', async () => {
    await aws('s3api', 'put-object', '--bucket', 'media', '--key', 'ü.txt', '--content-type', 'text/plain')
    const url = (await aws('s3', 'presign', 's3://media/ü.txt', '--expires-in', '60')).trim()
    expect((await fetch(url)).status).toBe(200)
    expect((await fetch(url.replace('.txt', '.png'))).status).toBe(403)
    served.skewMs = 61_000
    expect((await fetch(url)).status).toBe(403)
    served.skewMs = 0
  })

  it('lists, moves and removes', async () => {
    await aws('s3', 'mv', 's3://media/large', 's3://media/moved/large', '--no-progress')
    expect(await aws('s3', 'ls', 's3://media/moved/')).toMatch(/ 20971520 large\n$/)
    await aws('s3', 'rm', 's3://media/moved', '--recursive')
    expect(await aws('s3', 'ls', 's3://media/')).not.toContain('moved')
  })
})
