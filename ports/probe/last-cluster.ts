import { bytesSource } from './bytes.ts'
import type { ByteSource } from './probe.ts'
import { inTail } from './tail.ts'

/** Elements by their ids (RFC 9559, 5.1); all but the first two lie in a segment. */
const EBML = 0x1a45dfa3
const SEGMENT = 0x18538067
const INFO = 0x1549a966
const TRACKS = 0x1654ae6b
const CLUSTER = 0x1f43b675
const BESIDE_CLUSTERS = [CLUSTER, INFO, TRACKS, 0x114d9b74, 0x1c53bb6b, 0x1941a469, 0x1043a770, 0x1254c367]

/** What lies in a cluster (RFC 9559, 5.1.3), and what may lie anywhere. */
const TIMESTAMP = 0xe7
const BLOCKS = [0xa3, 0xa0]
const IN_CLUSTERS = [TIMESTAMP, 0xab, 0xa7, 0x5854, 0xaf, 0xec, 0xbf]

const MAX_HEADER_BYTES = 12

/** Nobody's info and tracks are longer; a cover lies elsewhere. */
const MAX_HEAD_BYTES = 2 * 1024 * 1024
/** Elements before the first cluster. */
const MAX_ELEMENTS = 64

/** `SEGMENT` of a size that nobody knows. */
const ENDLESS_SEGMENT = Buffer.from('18538067ff', 'hex')

/**
 * A Matroska with the tracks of this one and the end of its last cluster alone: how long the whole plays stands there, also where
 * neither a header nor an index tells, as in what browsers record.
 * @param source keeps what was read of it; @param whole the same, and doesn't
 * @returns undefined where its tracks don't come first, or no cluster is found near its end
 */
export async function lastCluster(source: ByteSource, whole = source): Promise<ByteSource | undefined> {
  const head = await headOf(source)
  const last = head && (await inTail(whole, (tail) => together(head, clusterIn(tail))))
  return last && bytesSource(last)
}

function together(head: readonly Buffer[], cluster: readonly Buffer[] | undefined): Buffer | undefined {
  return cluster && Buffer.concat([...head, ...cluster])
}

/** The elements that tell of the tracks, as they stand there. */
async function headOf(source: ByteSource): Promise<Buffer[] | undefined> {
  const kept = new Map<number, Buffer>()
  let at = 0
  for (let count = 0; count < MAX_ELEMENTS; count += 1) {
    const found = headerAt(Buffer.from(await source.read(at, MAX_HEADER_BYTES)), 0)
    if (found === undefined || found.id === CLUSTER) break
    const { id, content, size } = found
    if (id === SEGMENT) {
      at += content
      continue
    }
    if (size === undefined) return undefined
    const length = content + size
    if (id === EBML || id === INFO || id === TRACKS) {
      if (length > MAX_HEAD_BYTES) return undefined
      kept.set(id, Buffer.from(await source.read(at, length)))
    }
    at += length
  }
  const [ebml, info, tracks] = [EBML, INFO, TRACKS].map((id) => kept.get(id))
  return ebml && info && tracks && [ebml, ENDLESS_SEGMENT, info, tracks]
}

const CLUSTER_ID = Buffer.from('1f43b675', 'hex')

/** The last cluster of a file that ends like this. Its id may stand in a picture, too: what follows must fit. */
function clusterIn(tail: Buffer): readonly Buffer[] | undefined {
  for (let at = tail.lastIndexOf(CLUSTER_ID); at >= 0; at = at === 0 ? -1 : tail.lastIndexOf(CLUSTER_ID, at - 1)) {
    const content = contentOfCluster(tail, at)
    if (content !== undefined) return [CLUSTER_ID, sizeOf(content), ...content]
  }
  return undefined
}

/** Some two seconds: of each track there is one among them. */
const LAST_BLOCKS = 128

/** Its time and its last blocks that are whole; undefined where no cluster begins here that has them. */
function contentOfCluster(bytes: Buffer, start: number): readonly Buffer[] | undefined {
  const header = headerAt(bytes, start)
  if (header === undefined) return undefined
  const limit = header.size === undefined ? bytes.length : Math.min(header.content + header.size, bytes.length)
  const blocks: number[] = []
  let time: Buffer | undefined
  let at = header.content
  while (at < limit) {
    const child = headerAt(bytes, at)
    if (child === undefined) {
      if (bytes.length - at < MAX_HEADER_BYTES) break
      return undefined
    }
    if (header.size === undefined && BESIDE_CLUSTERS.includes(child.id)) break
    const isBlock = BLOCKS.includes(child.id)
    const belongs = isBlock ? time : IN_CLUSTERS.includes(child.id)
    if (!belongs || child.size === undefined) return undefined
    const next = child.content + child.size
    if (next > limit && limit < bytes.length) return undefined
    if (next > limit) break
    if (child.id === TIMESTAMP) time = bytes.subarray(at, next)
    if (isBlock) blocks.push(at)
    at = next
  }
  const [first] = blocks.slice(-LAST_BLOCKS)
  return time && first !== undefined ? [time, bytes.subarray(first, at)] : undefined
}

function sizeOf(content: readonly Buffer[]): Buffer {
  const size = Buffer.alloc(8)
  size.writeUIntBE(
    content.reduce((bytes, part) => bytes + part.length, 0),
    2,
    6,
  )
  size[0] = 0x01
  return size
}

interface Header {
  readonly id: number
  /** Where the content begins. */
  readonly content: number
  /** Of the content; missing where nobody knew it when it was written. */
  readonly size?: number
}

/** RFC 8794, 4 and 5: as many bytes as the first has leading zeros and one more; of ids they stay, of sizes they go. */
function headerAt(bytes: Buffer, at: number): Header | undefined {
  const idBytes = Math.clz32(bytes[at] ?? 0) - 23
  const sizeBytes = Math.clz32(bytes[at + idBytes] ?? 0) - 23
  const content = at + idBytes + sizeBytes
  if (idBytes > 4 || sizeBytes > 8 || content > bytes.length) return undefined
  const id = bytes.readUIntBE(at, idBytes)
  let size = (bytes[at + idBytes] ?? 0) & (0xff >> sizeBytes)
  let allOnes = size === 0xff >> sizeBytes
  for (let index = at + idBytes + 1; index < content; index += 1) {
    const byte = bytes[index] ?? 0
    size = size * 256 + byte
    allOnes &&= byte === 0xff
  }
  return { id, content, ...(!allOnes && { size }) }
}
