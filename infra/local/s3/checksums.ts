import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { crc32c, crc64nvme } from './crc.ts'

/** The additional checksums that are verified here, by the end of their header's name. */
export const ALGORITHMS = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'] as const
export type Algorithm = (typeof ALGORITHMS)[number]

export interface Checksum {
  readonly algorithm: Algorithm
  /** Base64, as the header has it. */
  readonly value: string
}

/** What S3 computes by itself for objects whose sender named no algorithm. */
export const DEFAULT_ALGORITHM: Algorithm = 'crc64nvme'

/** Of all bytes, or of the checksums of the parts in which they came. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE'

export interface ObjectChecksum extends Checksum {
  readonly type: ChecksumType
}

const DIGEST_BYTES: Readonly<Record<Algorithm, number>> = { crc32: 4, crc32c: 4, crc64nvme: 8, sha1: 20, sha256: 32 }

export interface RunningChecksum {
  update(data: Uint8Array): void
  /** Base64. */
  digest(): string
}

export function startChecksum(algorithm: Algorithm): RunningChecksum {
  if (algorithm === 'sha1' || algorithm === 'sha256') {
    const hash = createHash(algorithm)
    return { update: (data) => void hash.update(data), digest: () => hash.digest('base64') }
  }
  if (algorithm === 'crc64nvme') {
    const crc = crc64nvme()
    return { update: crc.update, digest: () => crc.digest().toString('base64') }
  }
  const next = algorithm === 'crc32' ? crc32 : crc32c
  let value = 0
  return {
    update: (data) => {
      value = next(data, value)
    },
    digest: () => {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32BE(value)
      return bytes.toString('base64')
    },
  }
}

export function isAlgorithm(name: string): name is Algorithm {
  return (ALGORITHMS as readonly string[]).includes(name)
}

/** The checksum of checksums that an object made of parts has; its value ends with the number of parts. */
export function compositeChecksum(algorithm: Algorithm, parts: readonly string[]): ObjectChecksum {
  const running = startChecksum(algorithm)
  for (const part of parts) running.update(Buffer.from(part, 'base64'))
  return { algorithm, value: `${running.digest()}-${parts.length}`, type: 'COMPOSITE' }
}

/** Whether `value` is Base64 of as many bytes as the algorithm's digests have. */
export function isDigest(algorithm: Algorithm, value: string): boolean {
  const bytes = Buffer.from(value, 'base64')
  return bytes.length === DIGEST_BYTES[algorithm] && bytes.toString('base64') === value
}
