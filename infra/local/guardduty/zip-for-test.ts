import { crc32 } from 'node:zlib'

export interface ZipEntry {
  readonly name: string
  readonly body: string
  /** Marks it as being behind a password; its bytes stay as they are. */
  readonly encrypted?: boolean
}

/** A zip of stored entries. */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, body, encrypted = false } of entries) {
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(encrypted ? 1 : 0, 2)
    common.writeUInt32LE(crc32(body), 10)
    common.writeUInt32LE(Buffer.byteLength(body), 14)
    common.writeUInt32LE(Buffer.byteLength(body), 18)
    common.writeUInt16LE(Buffer.byteLength(name), 22)
    const file = Buffer.concat([signature(0x04034b50), common, Buffer.from(name + body)])
    const at = Buffer.alloc(14)
    at.writeUInt32LE(offset, 10)
    directory.push(Buffer.concat([signature(0x02014b50), Buffer.from([20, 0]), common, at, Buffer.from(name)]))
    files.push(file)
    offset += file.length
  }
  const end = Buffer.alloc(18)
  end.writeUInt16LE(entries.length, 4)
  end.writeUInt16LE(entries.length, 6)
  end.writeUInt32LE(Buffer.concat(directory).length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...files, ...directory, signature(0x06054b50), end])
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
