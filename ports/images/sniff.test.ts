import fc from 'fast-check'
import { scene } from '../../tests/fixtures/scene.ts'
import { sniff } from './sniff.ts'

describe('the first bytes tell', () => {
  test.each(['jpeg', 'png', 'webp', 'gif', 'avif'] as const)('a %s', async (format) => {
    expect(sniff(await scene().toFormat(format).toBuffer())).toEqual({ kind: 'accepted', format })
  })

  test.each([
    ['heic', ['mif1', 'heic']],
    ['mif1', ['heic', 'mif1']],
    ['mif1', []],
    ['hevc', []],
  ])('a HEIC of brand %s with %j', (major, compatible) => {
    expect(sniff(ftyp(major, compatible))).toEqual({ kind: 'accepted', format: 'heic' })
  })

  test('an AVIF whose major brand names only the container', () => {
    expect(sniff(ftyp('mif1', ['miaf', 'avif']))).toEqual({ kind: 'accepted', format: 'avif' })
  })

  test.each([
    ['mp42', 'a video'],
    ['qt  ', 'a QuickTime video'],
    ['M4A ', 'a sound recording'],
    ['crx ', 'a Canon raw photo'],
  ])('that brand %j is %s', (brand, name) => {
    expect(sniff(ftyp(brand, []))).toEqual({ kind: 'refused', name })
  })

  test('an SVG in UTF-16', () => {
    const svg = Buffer.from('\uFEFF<svg xmlns="http://www.w3.org/2000/svg"/>', 'utf16le')
    expect(sniff(svg)).toEqual({ kind: 'refused', name: 'an SVG drawing' })
  })

  test('something of any bytes, without failing', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => expect(sniff(bytes).kind).toBeTruthy()))
  })
})

function ftyp(major: string, compatible: readonly string[]): Buffer {
  const body = Buffer.from(`ftyp${major}\0\0\0\0${compatible.join('')}`, 'latin1')
  const size = Buffer.alloc(4)
  size.writeUInt32BE(body.length + 4)
  return Buffer.concat([size, body, Buffer.from('\0\0\0\x08meta', 'latin1')])
}
