import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { drawFixture } from './draw-fixture.ts'
import { FIXTURES } from './fixtures.ts'
import { look } from './look.ts'
import { codeOf, markerOf } from './marker.ts'

const NAMES = Object.keys(FIXTURES)
const sawOf = async (bytes: Buffer) => {
  const { labels, faces } = await look(bytes)
  return { labels, faces }
}
const contentOf = (name: string) => ({ labels: FIXTURES[name]?.labels, faces: FIXTURES[name]?.faces })

test('a marker says its code, and any other row of colours says none', () => {
  for (let code = 0; code < 512; code++) expect(codeOf(markerOf(code))).toBe(code)
  const marker = markerOf(65)
  expect(codeOf(marker.slice(1))).toBeUndefined()
  expect(codeOf(marker.toReversed())).toBeUndefined()
  expect(codeOf(marker.map((colour, at) => (at === 5 ? [255, 255, 0] : colour)))).toBeUndefined()
  expect(codeOf(marker.map(() => [128, 128, 128]))).toBeUndefined()
})

test('docs/local.md lists every fixture', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/local.md'), 'utf8')
  const [, section = ''] = page.split('## What the stand-in for Rekognition says\n')
  const listed = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| `([a-z-]+)`/gm)].map(([, name]) => name)
  expect(listed).toEqual(NAMES)
})

test('every fixture has a code of its own', () => {
  expect(new Set(Object.values(FIXTURES).map(({ code }) => code)).size).toBe(NAMES.length)
})

test.each(NAMES)('the marker of %s is read off the picture that was drawn for it', async (name) => {
  expect(await sawOf(drawFixture(name, { width: 320, height: 240 }))).toEqual(contentOf(name))
})

describe('a marker lives through', () => {
  const picture = drawFixture('two-faces', { width: 1280, height: 960 })
  test.each([
    ['a JPEG of quality 80 at 2048', () => sharp(picture).resize(2048).jpeg({ quality: 80 })],
    ['a JPEG of quality 50 at 320', () => sharp(picture).resize(320).jpeg({ quality: 50 })],
    ['a JPEG of quality 40 at 160', () => sharp(picture).resize(160).jpeg({ quality: 40 })],
    ['a progressive JPEG with its colours at a quarter', () => sharp(picture).jpeg({ progressive: true, quality: 60 })],
    ['an EXIF orientation', () => sharp(picture).rotate(90).withMetadata({ orientation: 8 }).jpeg()],
    ['a panorama’s shape', () => sharp(drawFixture('two-faces', { width: 1600, height: 120 })).jpeg()],
    ['a tall shape', () => sharp(drawFixture('two-faces', { width: 240, height: 1400 })).jpeg()],
    ['a WebP on the way', async () => sharp(await sharp(picture).resize(640).webp({ quality: 60 }).toBuffer()).png()],
  ])('%s', async (_, make) => {
    expect(await sawOf(await (await make()).toBuffer())).toEqual(contentOf('two-faces'))
  })
})

test('a picture without a marker shows nothing to object to, and one good face', async () => {
  const seen = await sawOf(drawFixture(undefined, { width: 320, height: 240 }))
  expect(seen.labels).toEqual([])
  expect(seen.faces).toHaveLength(1)
  expect(seen.faces[0]?.sharpness).toBeGreaterThan(80)
})
