import type { ByteSource } from '../probe/probe.ts'
import type { FileType } from './file-type.ts'

/** Office before 2007, Outlook, installers, and newer office documents behind a password. [MS-CFB] 2.2 and 2.6. */
export const OLE_MAGIC = '\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1'

const SECTOR_SHIFT = 30
const FIRST_DIRECTORY_SECTOR = 48
const ENTRY_BYTES = 128
const ENTRY_NAME_BYTES = 64
const ENTRY_CLASS = 80
const DIRECTORY_BYTES = 4096

/** {000C1084-0000-0000-C000-000000000046} and its patches: Windows Installer. */
const INSTALLER = /^8[46]100c0000000000c000000000000046$/

const office = (type: string, contentType: string): FileType => ({ format: 'office', type, contentType })
const BY_STREAM: ReadonlyMap<string, FileType> = new Map([
  ['WordDocument', office('doc', 'application/msword')],
  ['Workbook', office('xls', 'application/vnd.ms-excel')],
  ['Book', office('xls', 'application/vnd.ms-excel')],
  ['PowerPoint Document', office('ppt', 'application/vnd.ms-powerpoint')],
  ['EncryptedPackage', office('encrypted-office', 'application/x-ole-storage')],
  ['__properties_version1.0', office('msg', 'application/vnd.ms-outlook')],
])

/** What kind of OLE file it is, by the streams that it names first. */
export async function oleType(head: Buffer, { size, read }: ByteSource): Promise<FileType> {
  const unknown: FileType = { format: 'other', type: 'ole', contentType: 'application/x-ole-storage' }
  if (head.length < 512) return unknown
  const shift = head.readUInt16LE(SECTOR_SHIFT)
  if (shift !== 9 && shift !== 12) return unknown
  const start = (head.readUInt32LE(FIRST_DIRECTORY_SECTOR) + 1) * 2 ** shift
  if (start >= size) return unknown
  const directory = Buffer.from(await read(start, Math.min(DIRECTORY_BYTES, size - start)))
  if (INSTALLER.test(directory.toString('hex', ENTRY_CLASS, ENTRY_CLASS + 16))) {
    return { format: 'executable', type: 'msi', contentType: 'application/x-msi' }
  }
  for (let at = 0; at + ENTRY_BYTES <= directory.length; at += ENTRY_BYTES) {
    const bytes = Math.min(directory.readUInt16LE(at + ENTRY_NAME_BYTES), ENTRY_NAME_BYTES)
    const name = directory.toString('utf16le', at, at + bytes).replaceAll('\0', '')
    const type = BY_STREAM.get(name)
    if (type) return type
  }
  return unknown
}
