import type { ByteSource } from '../probe/probe.ts'
import type { FileType } from './file-type.ts'

// APPNOTE.TXT 6.3.10, 4.3.7, 4.3.12 and 4.3.16. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
const END_SIGNATURE = 0x06054b50
const END_BYTES = 22
const MAX_COMMENT_BYTES = 0xffff
const ENTRY_SIGNATURE = 0x02014b50
const ENTRY_BYTES = 46
const LOCAL_HEADER_BYTES = 30
/** Some thousand names: what tells an office document from an archive stands among the first. */
const MAX_DIRECTORY_BYTES = 256 * 1024

const OFFICE = 'application/vnd.openxmlformats-officedocument'
const office = (type: string, contentType: string): FileType => ({ format: 'office', type, contentType })
const executable = (type: string, contentType: string): FileType => ({ format: 'executable', type, contentType })
const ZIP: FileType = { format: 'zip', type: 'zip', contentType: 'application/zip' }

/** By the names in it, the first that is met. */
const BY_NAME: readonly (readonly [RegExp, FileType])[] = [
  [/^AndroidManifest\.xml$/, executable('apk', 'application/vnd.android.package-archive')],
  [/^META-INF\/MANIFEST\.MF$/, executable('jar', 'application/java-archive')],
  [/^Payload\/[^/]+\.app\//, executable('ipa', 'application/x-ios-app')],
  [/^word\//, office('docx', `${OFFICE}.wordprocessingml.document`)],
  [/^xl\//, office('xlsx', `${OFFICE}.spreadsheetml.sheet`)],
  [/^ppt\//, office('pptx', `${OFFICE}.presentationml.presentation`)],
]

/** What the first entry of some formats says: their own content type, stored as it is. */
const BY_MIMETYPE: ReadonlyMap<string, FileType> = new Map(
  [
    office('epub', 'application/epub+zip'),
    office('odt', 'application/vnd.oasis.opendocument.text'),
    office('ods', 'application/vnd.oasis.opendocument.spreadsheet'),
    office('odp', 'application/vnd.oasis.opendocument.presentation'),
  ].map((type) => [type.contentType, type]),
)

/** What kind of zip it is, by the names in its directory. Nothing is unpacked, and damage makes it a plain zip. */
export async function zipType(head: Buffer, source: ByteSource): Promise<FileType> {
  const declared = BY_MIMETYPE.get(mimetypeEntry(head) ?? '')
  if (declared) return declared
  const names = await namesIn(source)
  return BY_NAME.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1] ?? ZIP
}

function mimetypeEntry(head: Buffer): string | undefined {
  if (head.length < LOCAL_HEADER_BYTES || head.readUInt16LE(8) !== 0) return undefined
  const nameEnd = LOCAL_HEADER_BYTES + head.readUInt16LE(26)
  if (head.toString('latin1', LOCAL_HEADER_BYTES, nameEnd) !== 'mimetype') return undefined
  const start = nameEnd + head.readUInt16LE(28)
  return head.toString('latin1', start, start + head.readUInt32LE(18))
}

async function namesIn(source: ByteSource): Promise<readonly string[]> {
  const directory = await readDirectory(source)
  const names: string[] = []
  for (let at = 0; at + ENTRY_BYTES <= directory.length && directory.readUInt32LE(at) === ENTRY_SIGNATURE; ) {
    const nameEnd = at + ENTRY_BYTES + directory.readUInt16LE(at + 28)
    names.push(directory.toString('utf8', at + ENTRY_BYTES, nameEnd))
    at = nameEnd + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
  return names
}

/** The beginning of the list that stands at a zip's end; empty where there is none. */
async function readDirectory({ size, read }: ByteSource): Promise<Buffer> {
  const from = Math.max(0, size - END_BYTES - MAX_COMMENT_BYTES)
  const tail = Buffer.from(await read(from, size - from))
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END_SIGNATURE) continue
    const start = Math.min(tail.readUInt32LE(at + 16), size)
    const bytes = Math.min(tail.readUInt32LE(at + 12), size - start, MAX_DIRECTORY_BYTES)
    return bytes === 0 ? Buffer.alloc(0) : Buffer.from(await read(start, bytes))
  }
  return Buffer.alloc(0)
}
