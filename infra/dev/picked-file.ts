import { open, stat } from 'node:fs/promises'
import { extname } from 'node:path'
import type { Kind } from '../../contracts/limits.ts'
import type { ByteSource, Probe } from '../../ports/probe/probe.ts'

/** What an app knows of a file that its user picked. */
export interface PickedFile {
  readonly kind: Kind
  readonly contentType: string
  readonly bytes: number
}

/** By a name's ending; where two kinds share it, the file decides. */
const ENDINGS: Readonly<Record<string, readonly [kind: Kind | 'video or voice', contentType: string]>> = {
  '.jpg': ['image', 'image/jpeg'],
  '.jpeg': ['image', 'image/jpeg'],
  '.png': ['image', 'image/png'],
  '.webp': ['image', 'image/webp'],
  '.gif': ['image', 'image/gif'],
  '.avif': ['image', 'image/avif'],
  '.heic': ['image', 'image/heic'],
  '.heif': ['image', 'image/heif'],
  '.mp4': ['video', 'video/mp4'],
  '.m4v': ['video', 'video/mp4'],
  '.mov': ['video', 'video/quicktime'],
  '.mkv': ['video', 'video/x-matroska'],
  '.avi': ['video', 'video/x-msvideo'],
  '.webm': ['video or voice', 'video/webm'],
  '.3gp': ['video or voice', 'video/3gpp'],
  '.m4a': ['voice', 'audio/mp4'],
  '.aac': ['voice', 'audio/aac'],
  '.ogg': ['voice', 'audio/ogg'],
  '.opus': ['voice', 'audio/ogg'],
  '.amr': ['voice', 'audio/amr'],
  '.wav': ['voice', 'audio/wav'],
  '.mp3': ['voice', 'audio/mpeg'],
  '.pdf': ['file', 'application/pdf'],
  '.txt': ['file', 'text/plain'],
  '.zip': ['file', 'application/zip'],
}

/**
 * What an app would say of a file, by its name; the backend reads the bytes. Some endings stand for films and for
 * recordings: an app knows by where the file came from, here it is looked at.
 * @param as the kind that the user chose; left out, the name decides.
 */
export async function pickedFile(
  file: string,
  { probe, as }: { probe: Probe; as?: Kind | undefined },
): Promise<PickedFile> {
  const { size: bytes } = await stat(file)
  const [kind, contentType] = ENDINGS[extname(file).toLowerCase()] ?? ['file', 'application/octet-stream']
  if (as !== undefined) return { kind: as, contentType, bytes }
  if (kind !== 'video or voice') return { kind, contentType, bytes }
  return { kind: (await hasPicture(file, bytes, probe)) ? 'video' : 'voice', contentType, bytes }
}

async function hasPicture(file: string, size: number, probe: Probe): Promise<boolean> {
  const handle = await open(file)
  try {
    const source: ByteSource = {
      size,
      async read(offset, length) {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset)
        return buffer.subarray(0, bytesRead)
      },
    }
    const probed = await probe.probe(source)
    // What can't be read is refused by the backend, which says why.
    return !probed.ok || probed.facts.video !== undefined
  } finally {
    await handle.close()
  }
}
