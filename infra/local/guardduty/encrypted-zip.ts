import { type FileHandle, open } from 'node:fs/promises'

// APPNOTE.TXT 6.3.10, 4.3.16 and 4.3.12. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
const END_SIGNATURE = 0x06054b50
const END_BYTES = 22
const MAX_COMMENT_BYTES = 0xffff
const ENTRY_SIGNATURE = 0x02014b50
const ENTRY_BYTES = 46
const ENCRYPTED = 1
/** A directory is some 100 bytes an entry; what is larger is not read to its end. */
const MAX_DIRECTORY_BYTES = 4 * 1024 * 1024

/** Whether the file is a zip with an entry behind a password. Its directory is read, no entry is unpacked. */
export async function isEncryptedZip(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const directory = await readDirectory(file)
    for (let at = 0; directory && at + ENTRY_BYTES <= directory.length; ) {
      if (directory.readUInt32LE(at) !== ENTRY_SIGNATURE) return false
      if (directory.readUInt16LE(at + 8) & ENCRYPTED) return true
      const names = directory.readUInt16LE(at + 28) + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
      at += ENTRY_BYTES + names
    }
    return false
  } finally {
    await file.close()
  }
}

async function readDirectory(file: FileHandle): Promise<Buffer | undefined> {
  const { size } = await file.stat()
  const tail = await read(file, Math.max(0, size - END_BYTES - MAX_COMMENT_BYTES), size)
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END_SIGNATURE) continue
    const bytes = Math.min(tail.readUInt32LE(at + 12), MAX_DIRECTORY_BYTES)
    const start = tail.readUInt32LE(at + 16)
    return read(file, Math.min(start, size), Math.min(start + bytes, size))
  }
  return undefined
}

async function read(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const buffer = Buffer.alloc(to - from)
  const { bytesRead } = await file.read(buffer, 0, buffer.length, from)
  return buffer.subarray(0, bytesRead)
}
