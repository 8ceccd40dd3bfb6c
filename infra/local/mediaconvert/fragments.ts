import { type FileHandle, open } from 'node:fs/promises'

/** A fragmented MP4 file by its own index. */
export interface FragmentedFile {
  readonly bytes: number
  /** What a player reads first: everything before the index. */
  readonly initBytes: number
  readonly index: ByteSpan
  readonly fragments: readonly Fragment[]
  /** Ticks a second. */
  readonly timescale: number
  /** When the first fragment is shown or heard, in ticks. */
  readonly start: number
  /** RFC 6381. */
  readonly codecs: string
}

export interface ByteSpan {
  readonly offset: number
  readonly bytes: number
}

export interface Fragment extends ByteSpan {
  readonly seconds: number
}

/**
 * Reads the index (`sidx`) of a file that has one in front of its fragments.
 * @throws Error where it has none, or one that doesn't fit the file.
 */
export async function readFragments(path: string): Promise<FragmentedFile> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    let offset = 0
    let moov: Buffer | undefined
    while (offset + 8 <= size) {
      const head = await readAt(file, offset, 8)
      const bytes = head.readUInt32BE(0)
      const type = head.toString('latin1', 4, 8)
      if (bytes < 8 || offset + bytes > size) break
      if (type === 'moov') moov = await readAt(file, offset, bytes)
      if (type === 'sidx') {
        const index = { offset, bytes }
        const told = readIndex(await readAt(file, offset, bytes), offset + bytes)
        const end = told.fragments.at(-1)
        if (!moov || !end || end.offset + end.bytes > size) break
        return { bytes: size, initBytes: offset, index, ...told, codecs: codecsOf(moov) }
      }
      offset += bytes
    }
    throw new Error('the encoder wrote a file without a whole index')
  } finally {
    await file.close()
  }
}

/** Of one level: each reference is one fragment. */
function readIndex(box: Buffer, first: number): Pick<FragmentedFile, 'fragments' | 'timescale' | 'start'> {
  const long = box.readUInt8(8) === 1
  const timescale = box.readUInt32BE(16)
  const start = long ? Number(box.readBigUInt64BE(20)) : box.readUInt32BE(20)
  let at = (long ? 36 : 28) + 2
  let offset = first + (long ? Number(box.readBigUInt64BE(28)) : box.readUInt32BE(24))
  const fragments: Fragment[] = []
  for (let left = box.readUInt16BE(at); left > 0; left -= 1) {
    at += fragments.length === 0 ? 2 : 12
    const bytes = box.readUInt32BE(at) & 0x7fffffff
    fragments.push({ offset, bytes, seconds: box.readUInt32BE(at + 4) / timescale })
    offset += bytes
  }
  return { fragments, timescale, start }
}

function codecsOf(moov: Buffer): string {
  const avcC = moov.indexOf('avcC', 0, 'latin1')
  // Profile, constraints and level, after a byte of version.
  return avcC < 0 ? 'mp4a.40.2' : `avc1.${moov.toString('hex', avcC + 5, avcC + 8)}`
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, position)
  if (bytesRead !== length) throw new Error('the file ends too early')
  return buffer
}
