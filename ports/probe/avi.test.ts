import { aviFacts } from './avi.ts'
import { bytesSource } from './bytes.ts'

function chunk(name: string, content: Uint8Array): Buffer {
  const head = Buffer.alloc(8)
  head.write(name, 'latin1')
  head.writeUInt32LE(content.length, 4)
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)])
}

const list = (name: string, ...content: Uint8Array[]) => chunk('LIST', Buffer.concat([Buffer.from(name), ...content]))

const longs = (...values: readonly number[]) => {
  const buffer = Buffer.alloc(4 * values.length)
  values.forEach((value, index) => {
    buffer.writeInt32LE(value | 0, 4 * index)
  })
  return buffer
}

interface Picture {
  readonly width?: number
  readonly height?: number
  readonly codec?: string
  readonly rate?: number
  readonly scale?: number
  readonly frames?: number
}

function picture({
  width = 640,
  height = 480,
  codec = 'MJPG',
  rate = 25,
  scale = 1,
  frames = 50,
}: Picture = {}): Buffer {
  const header = Buffer.concat([Buffer.from(`vids${codec}`), longs(0, 0, 0, scale, rate, 0, frames, 0, 0, 0, 0)])
  const format = Buffer.concat([longs(40, width, height, 0x180001), Buffer.from(codec), longs(0, 0, 0, 0, 0)])
  return list('strl', chunk('strh', header), chunk('strf', format))
}

function sound(tag: number, channels: number, sampleRate: number, seconds = 1): Buffer {
  const samples = sampleRate * seconds
  const header = Buffer.concat([Buffer.from('auds\0\0\0\0'), longs(0, 0, 0, 1, sampleRate, 0, samples, 0, 0, 0, 0)])
  const format = Buffer.alloc(18)
  format.writeUInt16LE(tag, 0)
  format.writeUInt16LE(channels, 2)
  format.writeUInt32LE(sampleRate, 4)
  format.writeUInt32LE(sampleRate * channels * 2, 8)
  return list('strl', chunk('strh', header), chunk('strf', format))
}

function avi(...streams: readonly Buffer[]): Buffer {
  const body = Buffer.concat([
    Buffer.from('AVI '),
    list('hdrl', chunk('avih', Buffer.alloc(56)), ...streams),
    list('movi'),
  ])
  return chunk('RIFF', body)
}

const probed = (bytes: Uint8Array) => aviFacts(bytesSource(bytes))

it('tells size, rate, codecs, when the pictures end, and the duration of the longest stream', async () => {
  expect(await probed(avi(picture(), sound(1, 2, 44_100, 7)))).toEqual({
    ok: true,
    facts: {
      format: 'avi',
      contentType: 'video/x-msvideo',
      durationMs: 7_000,
      tracks: 2,
      video: { codec: 'mjpeg', width: 640, height: 480, rotation: 0, durationMs: 2_000, frameRate: 25, hdr: 'sdr' },
      audio: { codec: 'pcm-s16', channels: 2, sampleRate: 44_100, bitsPerSecond: 1_411_200 },
    },
  })
})

it('tells no rate and no duration by a scale or a rate of zero', async () => {
  const facts = await probed(avi(picture({ rate: 0, scale: 0 })))
  expect(facts).toMatchObject({ ok: true, facts: { video: { width: 640 } } })
  expect(JSON.stringify(facts)).not.toMatch(/frameRate|durationMs|null/)
})

it('reads rows from the bottom up, too, and takes no stranger’s words for a codec', async () => {
  expect(await probed(avi(picture({ height: -480, codec: '<b>\n' })))).toMatchObject({
    facts: { video: { height: 480, codec: 'unknown' } },
  })
})

it.each([
  ['a picture of no width', avi(picture({ width: 0 })), 'undecodable'],
  ['sound without channels', avi(sound(1, 0, 8_000)), 'undecodable'],
  ['no streams', avi(), 'undecodable'],
  ['more streams than any camera writes', avi(...Array.from({ length: 33 }, () => picture())), 'too-many-tracks'],
  ['less of it than it says', avi(picture()).subarray(0, -8), 'undecodable'],
  ['its first bytes alone', Buffer.from('RIFF\0\0\0\0AVI '), 'undecodable'],
])('refuses %s', async (_, bytes, code) => {
  expect(await probed(bytes)).toMatchObject({ ok: false, code, message: expect.stringMatching(/^[A-Z].*\.$/) })
})
