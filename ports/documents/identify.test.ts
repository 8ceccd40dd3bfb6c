import { pdfOf } from '../../tests/fixtures/pdf.ts'
import { type ZipEntry, zipOf } from '../../tests/fixtures/zip.ts'
import { sourceOf } from './documents.suite.ts'
import { handlingOf } from './file-type.ts'
import { identify } from './identify.ts'

const latin1 = (text: string) => Buffer.from(text, 'latin1')
const box = (brand: string) => latin1(`\0\0\0\x18ftyp${brand}\0\0\0\0`)
const zip = (...names: readonly (string | ZipEntry)[]) =>
  zipOf(names.map((name) => (typeof name === 'string' ? { name, body: 'x' } : name)))
const utf16 = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])

/** An OLE file whose directory, in its second sector, names these streams. */
function ole(streams: readonly string[], rootClass = ''): Buffer {
  const file = Buffer.alloc(512 + 512 * 2)
  file.set(latin1('\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1'))
  file.writeUInt16LE(9, 30)
  file.writeUInt32LE(1, 48)
  for (const [index, name] of ['Root Entry', ...streams].entries()) {
    const at = 1024 + 128 * index
    if (at + 128 > file.length) break
    file.write(name, at, 'utf16le')
    file.writeUInt16LE(2 * name.length + 2, at + 64)
  }
  file.write(rootClass, 1024 + 80, 'hex')
  return file
}

describe('what a file is, by its bytes alone', () => {
  it.each<[string, Buffer, string]>([
    ['pdf', pdfOf(), 'pdf application/pdf inline'],
    ['jpeg', latin1('\xFF\xD8\xFF\xE0..'), 'image image/jpeg attachment'],
    ['png', latin1('\x89PNG\r\n\x1A\n'), 'image image/png attachment'],
    ['gif', latin1('GIF89a...'), 'image image/gif attachment'],
    ['webp', latin1('RIFF\x10\0\0\0WEBPVP8 '), 'image image/webp attachment'],
    ['avif', box('avif'), 'image image/avif attachment'],
    ['heic', box('heic'), 'image image/heic attachment'],
    ['tiff', latin1('II*\0....'), 'image image/tiff attachment'],
    ['bmp', latin1('BM\x10\0\0\0\0\0\0\0'), 'image image/bmp attachment'],
    ['psd', latin1('8BPS\0\x01'), 'image image/vnd.adobe.photoshop attachment'],
    ['mp4', box('isom'), 'video video/mp4 attachment'],
    ['mov', box('qt  '), 'video video/quicktime attachment'],
    ['mov', latin1('\0\0\0\x08wide\0\0\0\0mdat'), 'video video/quicktime attachment'],
    ['3gp', box('3gp5'), 'video video/3gpp attachment'],
    ['webm', latin1('\x1A\x45\xDF\xA3\x9F\x42\x82\x84webm'), 'video video/webm attachment'],
    ['matroska', latin1('\x1A\x45\xDF\xA3\x9F\x42\x82\x88matroska'), 'video video/x-matroska attachment'],
    ['avi', latin1('RIFF\x10\0\0\0AVI LIST'), 'video video/x-msvideo attachment'],
    ['m4a', box('M4A '), 'audio audio/mp4 attachment'],
    ['mp3', latin1('ID3\x04\0'), 'audio audio/mpeg attachment'],
    ['mp3', latin1('\xFF\xFB\x90\x44'), 'audio audio/mpeg attachment'],
    ['ogg', latin1('OggS\0\x02........OpusHead'), 'audio audio/ogg attachment'],
    ['wav', latin1('RIFF\x10\0\0\0WAVEfmt '), 'audio audio/wav attachment'],
    ['amr', latin1('#!AMR\n'), 'audio audio/amr attachment'],
    ['zip', zip('a.txt', 'b/c.txt'), 'zip application/zip attachment'],
    ['zip', zip(), 'zip application/zip attachment'],
    [
      'docx',
      zip('[Content_Types].xml', 'word/document.xml'),
      'office application/vnd.openxmlformats-officedocument.wordprocessingml.document attachment',
    ],
    [
      'xlsx',
      zip('[Content_Types].xml', 'xl/workbook.xml'),
      'office application/vnd.openxmlformats-officedocument.spreadsheetml.sheet attachment',
    ],
    [
      'pptx',
      zip('[Content_Types].xml', 'ppt/presentation.xml'),
      'office application/vnd.openxmlformats-officedocument.presentationml.presentation attachment',
    ],
    [
      'odt',
      zip({ name: 'mimetype', body: 'application/vnd.oasis.opendocument.text' }, 'content.xml'),
      'office application/vnd.oasis.opendocument.text attachment',
    ],
    ['epub', zip({ name: 'mimetype', body: 'application/epub+zip' }), 'office application/epub+zip attachment'],
    ['apk', zip('classes.dex', 'AndroidManifest.xml'), 'executable application/octet-stream attachment'],
    ['jar', zip('META-INF/MANIFEST.MF', 'A.class'), 'executable application/octet-stream attachment'],
    ['7z', latin1('7z\xBC\xAF\x27\x1C'), 'zip application/x-7z-compressed attachment'],
    ['gzip', latin1('\x1F\x8B\x08\0'), 'zip application/gzip attachment'],
    ['tar', Buffer.concat([Buffer.alloc(257), latin1('ustar\x0000')]), 'zip application/x-tar attachment'],
    ['doc', ole(['WordDocument']), 'office application/msword attachment'],
    ['xls', ole(['x', 'Workbook']), 'office application/vnd.ms-excel attachment'],
    ['encrypted-office', ole(['EncryptedPackage']), 'office application/x-ole-storage attachment'],
    ['msi', ole([], '84100c0000000000c000000000000046'), 'executable application/octet-stream attachment'],
    ['ole', ole(['something']), 'other application/octet-stream attachment'],
    ['rtf', latin1('{\\rtf1 hello}'), 'office application/rtf attachment'],
    ['exe', latin1('MZ\x90\0\x03\0\0\0'), 'executable application/octet-stream attachment'],
    ['elf', latin1('\x7FELF\x02\x01'), 'executable application/octet-stream attachment'],
    ['mach-o', latin1('\xCF\xFA\xED\xFE\x07\0'), 'executable application/octet-stream attachment'],
    ['wasm', latin1('\0asm\x01\0\0\0'), 'executable application/octet-stream attachment'],
    ['script', latin1('#!/bin/sh\nrm -rf /'), 'executable application/octet-stream attachment'],
    ['txt', Buffer.from('Grüße aus Köln'), 'text text/plain attachment'],
    ['txt', latin1('Gr\xFC\xDFe aus K\xF6ln'), 'text text/plain attachment'],
    ['txt', utf16('Grüße'), 'text text/plain attachment'],
    ['txt', Buffer.from('MZ is where we met; PK is her sister, %PDF or not'), 'text text/plain attachment'],
    ['csv', Buffer.from('name,age\n"Doe, J.",42\nA,7\n'), 'text text/csv attachment'],
    ['csv', Buffer.from('a;b;c\r\n1;2;3\r\n'), 'text text/csv attachment'],
    ['json', Buffer.from(' {"a": [1]}'), 'text application/json attachment'],
    ['vcard', Buffer.from('BEGIN:VCARD\nVERSION:4.0'), 'text text/vcard attachment'],
    ['sqlite', latin1('SQLite format 3\0'), 'other application/octet-stream attachment'],
    ['other', Buffer.from([0, 1, 2, 3, 4, 250]), 'other application/octet-stream attachment'],
    ['other', Buffer.alloc(0), 'other application/octet-stream attachment'],
  ])('%s (%#)', async (type, bytes, expected) => {
    const found = await identify(sourceOf(bytes))
    const { contentType, disposition } = handlingOf(found)
    expect([found.type, `${found.format} ${contentType} ${disposition}`]).toEqual([type, expected])
  })
})

describe('what a browser would run is a page, however it hides, and goes out as plain bytes to be saved', () => {
  it.each<[string, Buffer]>([
    ['a page', Buffer.from('<!DOCTYPE html><html>')],
    ['a page without a head', Buffer.from('<script>alert(1)</script>')],
    ['white space and comments', Buffer.from(`\n\t <!-- ${'x'.repeat(500)} -->\n<HTML>`)],
    ['a comment that never ends', Buffer.from('<!-- <html>')],
    ['a byte order mark', Buffer.from('\uFEFF<html>')],
    ['UTF-16', utf16('<html><script>')],
    ['a drawing', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">')],
    ['a drawing behind its declarations', Buffer.from('<?xml version="1.0"?><!DOCTYPE svg PUBLIC "a" "b"><svg>')],
    ['XML that a stylesheet makes a page', Buffer.from('<?xml version="1.0"?><?xml-stylesheet href="a"?><a/>')],
    ['an element that asks for a picture', Buffer.from('<img src=x onerror=alert(1)>')],
  ])('%s', async (_, bytes) => {
    const type = await identify(sourceOf(bytes))
    if (type.type !== 'txt') expect(type.format).toBe('html')
    expect(handlingOf(type)).toMatchObject({ disposition: 'attachment' })
    expect(handlingOf(type).contentType).not.toMatch(/html|svg|xml/)
  })
})

it('reads a few kilobytes of what is large', async () => {
  let read = 0
  const size = 5 * 1024 ** 3
  const head = Buffer.concat([latin1('PK\x03\x04'), Buffer.alloc(5000)])
  const found = await identify({
    size,
    read: async (offset, length) => {
      read += length
      return offset === 0 ? head.subarray(0, length) : Buffer.alloc(length)
    },
  })
  expect(found.type).toBe('zip')
  expect(read).toBeLessThan(100 * 1024)
})

describe('a zip that lies about itself is a zip', () => {
  const good = zip('word/document.xml')
  const lying = (at: number, value: number) => {
    const bytes = Buffer.from(good)
    bytes.writeUInt32LE(value, good.length - 22 + at)
    return bytes
  }
  it.each<[string, Buffer]>([
    ['its directory lies beyond its end', lying(16, 0xffffffff)],
    ['its directory is endless', lying(12, 0xffffffff)],
    ['its directory is its own end', lying(16, good.length - 22)],
    ['it is cut off', good.subarray(0, good.length - 30)],
    ['its first name is endless', Buffer.concat([latin1('PK\x03\x04'), Buffer.alloc(40, 0xff)])],
  ])('where %s', async (_, bytes) => {
    expect((await identify(sourceOf(bytes))).contentType).toMatch(/zip|word/)
  })
})

it('any bytes have some type, at once', async () => {
  let seed = 7
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return seed
  }
  const magics = [
    'PK\x03\x04',
    'PK\x05\x06',
    '\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1',
    'OggS',
    '<',
    '{',
    '',
    '\0\0\0\x18ftyp',
  ]
  for (let round = 0; round < 500; round++) {
    const noise = Buffer.from(Array.from({ length: random() % 2000 }, () => random() % 256))
    const bytes = Buffer.concat([latin1(magics[round % magics.length] ?? ''), noise])
    expect(await identify(sourceOf(bytes))).toMatchObject({
      contentType: expect.stringMatching(/^[a-z]+\/[a-z0-9.+-]+$/),
    })
  }
})
