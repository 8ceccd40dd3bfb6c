import fc from 'fast-check'
import { exifBlock } from '../../tests/fixtures/exif.ts'
import { capturedAt } from './captured-at.ts'

describe('when a picture was taken', () => {
  test('is read from EXIF, with or without its prefix', () => {
    const exif = exifBlock({
      orientation: 6,
      dateTimeOriginal: '2024:02:29 23:59:59',
      gps: { latitude: 1, longitude: 2 },
    })
    expect(capturedAt(exif)).toBe('2024-02-29T23:59:59')
    expect(capturedAt(Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exif]))).toBe('2024-02-29T23:59:59')
  })

  test.each([
    '0000:00:00 00:00:00',
    '2023:02:29 10:00:00',
    '2024:13:01 10:00:00',
    '2024:04:31 10:00:00',
    '2024:04:30 24:00:00',
    '2024:04:30 10:60:00',
    '2024-04-30 10:00:00',
    '2024:04:30T10:00:00',
    '    :  :     :  :  ',
    '2024:04:30',
  ])('is unknown where the camera wrote "%s"', (dateTimeOriginal) => {
    expect(capturedAt(exifBlock({ dateTimeOriginal }))).toBeUndefined()
  })

  test('is unknown where EXIF says nothing of it', () => {
    expect(capturedAt(exifBlock({ orientation: 3 }))).toBeUndefined()
    expect(capturedAt(Buffer.alloc(0))).toBeUndefined()
  })

  test('is a date or unknown, whatever bytes stand there', () => {
    const sound = exifBlock({ dateTimeOriginal: '2026:02:28 16:20:11' })
    const change = fc.tuple(fc.nat(sound.length - 1), fc.integer({ min: 0, max: 255 }))
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), fc.nat(sound.length), (changes, length) => {
        const bytes = Buffer.from(sound)
        for (const [at, value] of changes) bytes[at] = value
        expect(capturedAt(bytes.subarray(0, length)) ?? '2026-02-28T16:20:11').toMatch(
          /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/,
        )
      }),
    )
  })
})
