import type { AudioFacts, ByteSource, Probed } from './probe.ts'
import { final, type Reading } from './reading.ts'
import { damaged, noTracks, tooMuchToRead } from './refusal.ts'

/** A recorder writes some ten; nobody needs to be walked through millions of empty ones. */
const MAX_CHUNKS = 1_000

/** What recorders leave in the header that never learn how much came: streams, and what was interrupted. */
const UNKNOWN_LENGTHS: readonly number[] = [0, 0xffff_ffff]

/** Where a chunk's content lies; its length as it is claimed. */
interface Chunk {
  readonly at: number
  readonly length: number
}

/**
 * What a WAV says of its sound (Microsoft, "Multimedia Programming Interface and Data Specifications 1.0"; EBU Tech 3306
 * for RF64). How much there is the file's own size decides, where its header doesn't know: as ffmpeg does, which takes
 * the sound to the end of the file then, and never believes the length that stands in the first eight bytes.
 */
export async function wavFacts(source: ByteSource): Promise<Reading> {
  const chunks = await chunksUpToSound(source)
  if (chunks === 'too-many') return final(tooMuchToRead())
  const [format, data] = [chunks.get('fmt '), chunks.get('data')]
  if (format === undefined || data === undefined) return { probed: damaged(), complete: false }
  const audio = audioFacts(Buffer.from(await readWithin(source, format.at, Math.min(format.length, 40))))
  if (audio === undefined) return { probed: damaged(), complete: false }
  const claimed = await claimedBytes(source, data, chunks.get('ds64'))
  if (claimed === undefined) return final(damaged())
  return final(factsOf(audio, Math.min(claimed, source.size - data.at)))
}

/** The first of each name, up to the sound and its format. */
async function chunksUpToSound(source: ByteSource): Promise<ReadonlyMap<string, Chunk> | 'too-many'> {
  const chunks = new Map<string, Chunk>()
  let at = 12
  for (let count = 0; at + 8 <= source.size; count += 1) {
    if (count === MAX_CHUNKS) return 'too-many'
    const head = Buffer.from(await source.read(at, 8))
    const [name, length] = [head.toString('latin1', 0, 4), head.readUInt32LE(4)]
    if (!chunks.has(name)) chunks.set(name, { at: at + 8, length })
    if (chunks.has('data') && chunks.has('fmt ')) break
    // Chunks begin at even places.
    at += 8 + length + (length % 2)
  }
  return chunks
}

/** Bytes of sound as the header has it, or all there are; undefined where it says what can't be. */
async function claimedBytes(source: ByteSource, data: Chunk, ds64: Chunk | undefined): Promise<number | undefined> {
  const magic = Buffer.from(await readWithin(source, 0, 4)).toString('latin1')
  if (magic !== 'RF64') return UNKNOWN_LENGTHS.includes(data.length) ? Number.POSITIVE_INFINITY : data.length
  // Of more than 4 GB: the file's own size, then that of the sound.
  const sizes = Buffer.from(ds64 ? await readWithin(source, ds64.at, 16) : [])
  const bytes = sizes.length === 16 ? Number(sizes.readBigInt64LE(8)) : -1
  return bytes < 0 ? undefined : bytes
}

const PCM = 1
const FLOAT = 3
const A_LAW = 6
const MU_LAW = 7
/** The real one is the beginning of a GUID. */
const EXTENSIBLE = 0xfffe

const CODECS: Readonly<Record<string, string>> = {
  [`${PCM} 8`]: 'pcm-u8',
  [`${PCM} 16`]: 'pcm-s16',
  [`${PCM} 24`]: 'pcm-s24',
  [`${PCM} 32`]: 'pcm-s32',
  [`${FLOAT} 32`]: 'pcm-f32',
  [`${FLOAT} 64`]: 'pcm-f64',
  [`${A_LAW} 8`]: 'alaw',
  [`${MU_LAW} 8`]: 'ulaw',
}

type Sound = AudioFacts & { readonly bitsPerSecond: number }

/** `format` is a WAVEFORMATEX; undefined where it is none, or of a codec whose length its bytes don't tell. */
function audioFacts(format: Buffer): Sound | undefined {
  if (format.length < 16) return undefined
  const [named, channels, sampleRate] = [format.readUInt16LE(0), format.readUInt16LE(2), format.readUInt32LE(4)]
  const tag = named === EXTENSIBLE && format.length >= 26 ? format.readUInt16LE(24) : named
  const bits = tag === A_LAW || tag === MU_LAW ? 8 : format.readUInt16LE(14)
  const codec = CODECS[`${tag} ${bits}`]
  if (codec === undefined || channels < 1 || channels > 255 || sampleRate < 1 || sampleRate > 768_000) return undefined
  return { codec, channels, sampleRate, bitsPerSecond: channels * sampleRate * bits }
}

function factsOf(audio: Sound, bytes: number): Probed {
  const seconds = (bytes * 8) / audio.bitsPerSecond
  if (seconds * audio.sampleRate < 1) return noTracks()
  const durationMs = Math.round(seconds * 1_000)
  const facts = { format: 'wav', contentType: 'audio/wav', tracks: 1, audio } as const
  return { ok: true, facts: { ...facts, ...(durationMs >= 1 && { durationMs }) } }
}

function readWithin(source: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  return source.read(offset, Math.max(0, Math.min(length, source.size - offset)))
}
