import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Result } from '../infra/dev/journey.ts'
import { ORIENTATIONS, withExif, withSegment } from './fixtures/exif.ts'
import { assertNoMetadata } from './fixtures/metadata.ts'
import { turnedScene } from './fixtures/orientations.ts'
import { assertUpright, scene } from './fixtures/scene.ts'
import { type Ending, MAIN, run } from './program.ts'
import { type Recorded, readRecorded } from './recorded.ts'

const SIZE = { width: 480, height: 320 }

/** Numbers that nothing else in a data folder has: no second of a time is above 59. */
const PLACE = { latitude: -77.846323, longitude: 166.668235 }
const RATIONALS = '77/1 50/1 4676/100'
/** How the place may be written: as text, in EXIF's rationals of either byte order. */
const TRACES: readonly Buffer[] = [
  ...['77.846', '166.668', '77,50.7', '166,40.0', RATIONALS].map((text) => Buffer.from(text)),
  ...[true, false].map((little) => rationals([77, 1, 50, 1, 4676], little)),
]

function rationals(numbers: readonly number[], little: boolean): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4)
  numbers.forEach((number, index) => {
    if (little) bytes.writeUInt32LE(number, index * 4)
    else bytes.writeUInt32BE(number, index * 4)
  })
  return bytes
}

const tellsPlace = (bytes: Buffer) => TRACES.some((trace) => bytes.includes(trace))

async function located(): Promise<Readonly<Record<string, Buffer>>> {
  const jpeg = await turnedScene(6, SIZE)
  const xmp = `http://ns.adobe.com/xap/1.0/\0<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="77,50.7794S" exif:GPSLongitude="166,40.0941E"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`
  const exif = {
    IFD2: { DateTimeOriginal: '2026:02:28 16:20:11' },
    IFD3: { GPSLatitudeRef: 'S', GPSLatitude: RATIONALS },
  }
  return {
    'located.jpg': withExif(jpeg, { orientation: 6, gps: PLACE, dateTimeOriginal: '2026:02:28 16:20:11' }),
    'located-xmp.jpg': withSegment(await scene(SIZE).jpeg().toBuffer(), 0xe1, Buffer.from(xmp, 'latin1')),
    'located.png': await scene(SIZE).withExif(exif).png().toBuffer(),
    'located.webp': await scene(SIZE).withExif(exif).webp().toBuffer(),
  }
}

let folder: string
let dataDir: string
let ending: Ending
let results: ReadonlyMap<string, Result>
let originals: ReadonlyMap<string, Buffer>
let recorded: Recorded

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'photos-'))
  dataDir = join(folder, 'state')
  originals = new Map(Object.entries(await located()))
  const turned = await Promise.all(
    ORIENTATIONS.map(async (orientation) => {
      const bytes = withExif(await turnedScene(orientation, SIZE), { orientation })
      return [`turned-${orientation}.jpg`, bytes] as const
    }),
  )
  const files = [...originals, ...turned].map(([name, bytes]) => {
    writeFileSync(join(folder, name), bytes)
    return join(folder, name)
  })
  // Verbose, so that what the functions log is on stderr.
  ending = await run([...MAIN, '--once', ...files, '--json', '--verbose', '--data', dataDir, '--port', '0']).ended
  results = new Map(
    ending.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Result)
      .map((result) => [basename(result.file), result]),
  )
  recorded = readRecorded(dataDir)
}, 120_000)

afterAll(() => {
  rmSync(folder, { recursive: true })
})

it('ends with 0 where every file is ready', () => {
  expect([...results.values()].filter(({ status }) => status !== 'ready')).toEqual([])
  expect(results.size).toBe(12)
  expect(ending.code).toBe(0)
})

describe.each(ORIENTATIONS)('a photo with EXIF orientation %i', (orientation) => {
  it('comes out upright in every form, and is described upright', async () => {
    const { variants = [], mediaId } = results.get(`turned-${orientation}.jpg`) ?? {}
    expect(variants).toHaveLength(5)
    for (const { name, path, width = 0, height = 0 } of variants) {
      expect({ name, ratio: width / height }).toEqual({ name, ratio: expect.closeTo(1.5, 1) })
      await assertUpright(readFileSync(path), 16)
    }
    const media = recorded.media.find((candidate) => candidate.mediaId === mediaId)
    expect(media?.steps['extract-metadata']?.['0.0']?.metadata).toMatchObject(SIZE)
  })
})

describe('a photo that says where it was taken', () => {
  it.each(['located.jpg', 'located-xmp.jpg', 'located.png', 'located.webp'])(
    'says so before it is sent, and in no form after: %s',
    async (name) => {
      expect(tellsPlace(originals.get(name) ?? Buffer.alloc(0))).toBe(true)
      const { variants = [] } = results.get(name) ?? {}
      expect(variants).toHaveLength(5)
      for (const { path } of variants) {
        const bytes = readFileSync(path)
        assertNoMetadata(bytes)
        await assertUpright(bytes, 16)
      }
    },
  )

  it('has its EXIF read all the same: when it was taken is kept', () => {
    const media = recorded.media.find(({ mediaId }) => mediaId === results.get('located.jpg')?.mediaId)
    expect(media?.steps['extract-metadata']?.['0.0']?.metadata?.capturedAt).toContain('2026-02-28T16:20:11')
  })

  it('leaves the place nowhere in what the stack keeps, but in the original itself', () => {
    const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const telling = files.map((entry) => readFileSync(join(entry.parentPath, entry.name))).filter(tellsPlace)
    expect(telling.map(nameOf).sort()).toEqual([...originals.keys()].sort())

    function nameOf(bytes: Buffer): string {
      return [...originals].find(([, original]) => original.equals(bytes))?.[0] ?? 'another file'
    }
  })

  it('leaves no field for a place in documents and events, and the place in no line of the functions’ logs', () => {
    expect(recorded.archived.length).toBeGreaterThanOrEqual(12 * 6)
    expect(recorded.documents.size).toBeGreaterThan(12 * 4)
    const names = [...new Set([...recorded.documents.values(), ...recorded.archived].flatMap(fieldNames))]
    expect(names).toContain('capturedAt')
    expect(names.filter((name) => /gps|^lat|^lon|lng|geo|position|place(?!holder)/i.test(name))).toEqual([])
    expect(ending.stderr).toContain('lambda:')
    expect(tellsPlace(Buffer.from(ending.stderr))).toBe(false)
    expect(tellsPlace(Buffer.from(ending.stdout))).toBe(false)
  })
})

function fieldNames(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return [...(Array.isArray(value) ? [] : Object.keys(value)), ...Object.values(value).flatMap(fieldNames)]
}
