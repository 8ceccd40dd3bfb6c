import { tone, wav } from '../../tests/fixtures/wav.ts'
import { bytesSource } from './bytes.ts'
import { wavFacts } from './wav.ts'

const SECONDS = 2
const made = (claims: Parameters<typeof wav>[0] = {}) => wav({ seconds: SECONDS, wave: tone(440, 0.3), ...claims })
const probed = async (bytes: Uint8Array) => (await wavFacts(bytesSource(bytes))).probed

const facts = (audio: object, durationMs = SECONDS * 1_000) => ({
  ok: true,
  facts: { format: 'wav', contentType: 'audio/wav', durationMs, tracks: 1, audio },
})
const SOUND = { codec: 'pcm-s16', channels: 1, sampleRate: 8_000, bitsPerSecond: 128_000 }

function chunk(name: string, content: Uint8Array): Buffer {
  const head = Buffer.alloc(8)
  head.write(name, 'latin1')
  head.writeUInt32LE(content.length, 4)
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)])
}

/** Of more than 4 GB, where the sizes are in a chunk of their own. */
function rf64(bytes: bigint): Buffer {
  const sizes = Buffer.alloc(28)
  sizes.writeBigUInt64LE(bytes, 8)
  const file = made({ before: chunk('ds64', sizes), claimedBytes: 0xffff_ffff })
  file.write('RF64', 'latin1')
  return file
}

/** The same sound with another format: its tag, and its bits a sample. */
function coded(tag: number, bits: number): Buffer {
  const file = made()
  file.writeUInt16LE(tag, 20)
  file.writeUInt16LE(bits, 34)
  return file
}

it('tells codec, channels, rate and duration', async () => {
  expect(await probed(made())).toEqual(facts(SOUND))
  expect(await probed(made({ channels: 2, sampleRate: 48_000 }))).toEqual(
    facts({ codec: 'pcm-s16', channels: 2, sampleRate: 48_000, bitsPerSecond: 1_536_000 }),
  )
})

it.each([0, 8, 0xffff_ffff])(
  'tells the length of the sound, whatever stands for the file’s: %i',
  async (claimedSize) => {
    expect(await probed(made({ claimedSize }))).toEqual(facts(SOUND))
  },
)

it.each([
  [0, 0],
  [0, 36],
  [0, 0xffff_ffff],
  [0xffff_ffff, 0],
  [0xffff_ffff, 0xffff_ffff],
  [0x7fff_ffff, 0x7fff_ffff],
])(
  'takes the sound to the end of the file where a recorder left %i bytes of it, and %i of all',
  async (claimedBytes, claimedSize) => {
    expect(await probed(made({ claimedBytes, claimedSize }))).toEqual(facts(SOUND))
  },
)

it('believes a length that the file has room for', async () => {
  expect(await probed(made({ claimedBytes: 8_000 }))).toEqual(facts(SOUND, 500))
})

it('finds the sound behind other chunks, and goes no further', async () => {
  const named = chunk('LIST', Buffer.from('INFOISFT\x05\0\0\0Lavf\0', 'latin1'))
  expect(await probed(made({ before: named, claimedBytes: 0 }))).toEqual(facts(SOUND))
  expect(await probed(Buffer.concat([made(), named]))).toEqual(facts(SOUND))
})

it('takes the length of more than 4 GB from where it stands, and from nowhere else', async () => {
  expect(await probed(rf64(16_000n))).toEqual(facts(SOUND, 1_000))
  expect(await probed(rf64(1n << 40n))).toEqual(facts(SOUND))
  expect(await probed(rf64(0n))).toMatchObject({ ok: false, code: 'undecodable' })
  expect(await probed(rf64(1n << 63n))).toMatchObject({ ok: false, code: 'undecodable' })
})

it.each([
  [1, 8, 'pcm-u8'],
  [1, 24, 'pcm-s24'],
  [1, 32, 'pcm-s32'],
  [3, 32, 'pcm-f32'],
  [3, 64, 'pcm-f64'],
  [6, 8, 'alaw'],
  [7, 8, 'ulaw'],
])('knows format %i with %i bits a sample as %s', async (tag, bits, codec) => {
  expect(await probed(coded(tag, bits))).toMatchObject({ facts: { audio: { codec, bitsPerSecond: 8_000 * bits } } })
})

it('leaves what it does not know to whoever does', async () => {
  const [adpcm, mp3] = [coded(2, 4), coded(0x55, 0)]
  for (const file of [adpcm, mp3, made().subarray(0, 40)]) {
    expect(await wavFacts(bytesSource(file))).toMatchObject({
      probed: { ok: false, code: 'undecodable' },
      complete: false,
    })
  }
})

it.each([
  ['no sound', made().subarray(0, 44), 'cut off'],
  ['no sound, of an unknown length', made({ claimedBytes: 0xffff_ffff }).subarray(0, 44), 'cut off'],
  ['a million chunks', made({ before: Buffer.alloc(8_000_000) }), 'greater length'],
  ['no channels', made({ channels: 0 }), 'damaged'],
])('refuses %s', async (_, bytes, says) => {
  expect(await probed(bytes)).toMatchObject({ ok: false, code: 'undecodable', message: expect.stringContaining(says) })
})
