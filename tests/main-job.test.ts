import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { decodeJwt } from 'jose'
import sharp from 'sharp'
import type { Result } from '../infra/dev/journey.ts'
import { withExif } from './fixtures/exif.ts'
import { assertNoMetadata } from './fixtures/metadata.ts'
import { assertUpright, scene } from './fixtures/scene.ts'
import { type Ending, MAIN, run } from './program.ts'
import { until } from './served-stack.ts'

const LANDSCAPE = { width: 2400, height: 1600 }
const PORTRAIT = { width: 900, height: 1350 }

/** Whoever sees first that all is done says so: the last step's own event may come after it. Steps may be added. */
const EVENTS_OF_A_PHOTO = [
  'MediaUploaded.v1',
  'MalwareScanCompleted.v1',
  'MalwareScanPassed.v1',
  'MetadataExtracted.v2',
  'ThumbnailReady.v2',
  'ImageOptimized.v1',
  'ContentModerated.v1',
  'MediaReady.v1',
]

/** The scanner hears of bytes by itself, and may be done with them before anybody else says a word of them. */
const withoutTheScan = (events: readonly string[]) => events.filter((event) => event !== 'MalwareScanCompleted.v1')

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'main-job-'))
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

function main(...args: readonly string[]): Promise<Ending> {
  return run([...MAIN, ...args], { env: { INIT_CWD: folder } }).ended
}

/** Every line of stdout is one JSON object, by the name of its file. */
function resultsOf({ stdout }: Ending): ReadonlyMap<string, Result> {
  const results = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Result)
  return new Map(results.map((result) => [basename(result.file), result]))
}

describe('npm start -- --once FILE… --json', () => {
  let ending: Ending
  let results: ReadonlyMap<string, Result>

  beforeAll(async () => {
    const jpeg = await scene(LANDSCAPE).withIccProfile('p3').jpeg({ quality: 90 }).toBuffer()
    const files = {
      'a.jpg': withExif(jpeg, { orientation: 1, dateTimeOriginal: '2026:02:28 16:20:11' }),
      'b.png': await scene(PORTRAIT).png().toBuffer(),
      'c.webp': await scene({ width: 120, height: 80 }).webp({ quality: 90 }).toBuffer(),
      'broken.jpg': jpeg.subarray(0, jpeg.length / 2),
    }
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
    ending = await main('--once', ...Object.keys(files), '--json', '--data', 'state', '--port', '0')
    results = resultsOf(ending)
  }, 120_000)

  const variantsOf = (name: string) => results.get(name)?.variants ?? []

  it('ends with 1 where a file is not ready, and prints one line a file and nothing else', () => {
    expect(ending.code).toBe(1)
    expect([...results.keys()].sort()).toEqual(['a.jpg', 'b.png', 'broken.jpg', 'c.webp'])
    expect(ending.stderr).toContain('broken.jpg')
  })

  it.each([
    // name, then width × height of thumb, medium, large and of both optimised forms
    ['a.jpg', '160×107', '640×427', '1280×853', '2048×1365'],
    ['b.png', '107×160', '427×640', '853×1280', '900×1350'],
    ['c.webp', '120×80', '120×80', '120×80', '120×80'],
  ])('makes three thumbnails and two optimised forms of %s', (name, thumb, medium, large, full) => {
    const forms = variantsOf(name).map(({ name: form, contentType, width, height }) => [
      form,
      contentType,
      `${width}×${height}`,
    ])
    expect(forms).toEqual([
      ['thumb', 'image/webp', thumb],
      ['medium', 'image/webp', medium],
      ['large', 'image/webp', large],
      ['webp', 'image/webp', full],
      ['jpeg', 'image/jpeg', full],
    ])
  })

  it.each(['a.jpg', 'b.png', 'c.webp'])(
    'gives copies of %s that are what it says: upright, clean pictures',
    async (name) => {
      expect(variantsOf(name)).toHaveLength(5)
      for (const { path, bytes, width, height, contentType } of variantsOf(name)) {
        const copy = readFileSync(path)
        expect(copy.length).toBe(bytes)
        expect(await sharp(copy).metadata()).toMatchObject({ width, height, format: contentType.split('/')[1] })
        assertNoMetadata(copy)
        await assertUpright(copy)
      }
    },
  )

  it.each(['a.jpg', 'b.png', 'c.webp'])('tells when %s came through, and what happened on the way', (name) => {
    const { status, kind, mediaId, events = [], msToThumbnail, msToReady, document, ...rest } = results.get(name) ?? {}
    expect({ status, kind }).toEqual({ status: 'ready', kind: 'image' })
    expect(mediaId).toMatch(/^[0-9a-f-]{36}$/)
    expect(Object.keys(rest).sort()).toEqual(['file', 'variants'])
    expect(msToThumbnail).toBeGreaterThan(0)
    expect(msToReady).toBeGreaterThanOrEqual(msToThumbnail ?? Number.POSITIVE_INFINITY)
    expect(withoutTheScan(events)[0]).toBe('MediaUploaded.v1')
    expect([...new Set(events)]).toEqual(events)
    expect(events).toEqual(expect.arrayContaining(EVENTS_OF_A_PHOTO))
    expect(document).toMatchObject({
      mediaId,
      kind,
      steps: { 'extract-metadata': { '0.0': { outcome: 'succeeded' } } },
    })
  })

  it('rejects the broken file with a reason that its sender can act on', () => {
    const { events, ...broken } = results.get('broken.jpg') ?? { events: [] }
    expect(broken).toMatchObject({
      status: 'rejected',
      kind: 'image',
      variants: [],
      msToThumbnail: null,
      msToReady: null,
    })
    expect(broken).toHaveProperty('reason', expect.stringContaining('cut off'))
    expect(withoutTheScan(events)[0]).toBe('MediaUploaded.v1')
    expect(events.filter((event) => event === 'MediaRejected.v1')).toHaveLength(1)
    expect(events).not.toContain('MediaReady.v1')
    expect(events).not.toContain('ImageOptimized.v1')
  })
})

describe('npm start -- --once that is ended by a signal', () => {
  beforeAll(async () => {
    writeFileSync(join(folder, 'long.png'), await scene({ width: 4_000, height: 3_000 }).png().toBuffer())
  })

  it('ends by SIGTERM with 143, and names the files that it is not done with, and how far they are', async () => {
    writeFileSync(join(folder, 'short.png'), await scene({ width: 120, height: 80 }).png().toBuffer())
    const args = ['--once', 'short.png', 'long.png', '--json', '--data', 'ended', '--port', '0']
    const program = run([...MAIN, ...args], { env: { INIT_CWD: folder } })
    const isUploaded = async () => program.stderr().includes('long.png: MediaUploaded.v1') || undefined
    await until('long.png is uploaded', isUploaded)
    program.signal('SIGTERM')
    const ending = await program.ended
    expect(ending).toMatchObject({ code: 143, signal: null })
    expect(ending.stderr).toMatch(/ended by SIGTERM, and not done with (short.png .*)?long.png \(\w+\)/)
    expect(ending.stdout).not.toContain('long.png')
  })

  it('does so by SIGINT with 130, where nothing was sent yet, too', async () => {
    const args = ['--once', 'long.png', '--data', 'early', '--port', '0']
    const program = run([...MAIN, ...args], { env: { INIT_CWD: folder } })
    await until('a word', async () => program.stdout() !== '' || undefined)
    program.signal('SIGINT')
    const { code, stdout } = await program.ended
    expect(code).toBe(130)
    expect(stdout).toContain('ended by SIGINT, and not done with long.png')
  })
})

describe('the command line', () => {
  it('ends with 2 and the usage where a file is not there', async () => {
    const { code, stdout, stderr } = await main('--once', 'nowhere.jpg', '--json', '--data', 'never')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(`${join(folder, 'nowhere.jpg')} is not a file`)
    expect(stderr).toContain('npm start -- --once FILE…')
  })

  it('ends with 2 and the usage where it is not understood', async () => {
    const [unknown, bare, port] = await Promise.all([main('--frobnicate'), main('--once'), main('--port', '70000')])
    for (const { code, stdout, stderr } of [unknown, bare, port]) {
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toContain('npm start -- --once FILE…')
    }
    expect(unknown.stderr).toContain('--frobnicate')
    expect(port.stderr).toContain('70000')
  })

  it('prints a token of an hour for the local project, of the local user or another', async () => {
    const now = Date.now() / 1000
    const [own, other] = await Promise.all([main('--token'), main('--token', 'alice')])
    expect(own.code).toBe(0)
    const claims = decodeJwt(own.stdout.trim())
    expect(claims).toMatchObject({ aud: 'demo-messageai', sub: 'local-user' })
    expect((claims.exp ?? 0) - now).toBeGreaterThan(3500)
    expect((claims.exp ?? 0) - now).toBeLessThan(3700)
    expect(decodeJwt(other.stdout.trim()).sub).toBe('alice')
  })

  it('explains itself', async () => {
    const { code, stdout, stderr } = await main('--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const flag of ['--once', '--json', '--token', '--data', '--fresh', '--port', '--no-samples', '--verbose'])
      expect(stdout).toContain(flag)
  })
})
