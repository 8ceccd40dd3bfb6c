// Reflected polynomials; https://reveng.sourceforge.io/crc-catalogue names them CRC-32/ISCSI and CRC-64/NVME.
const CRC32C_POLYNOMIAL = 0x82f63b78
const CRC64NVME_POLYNOMIAL = 0x9a6c9329ac4bc9b5n

const crc32cTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ CRC32C_POLYNOMIAL : value >>> 1
  return value
})

/** The CRC-32C of `data`, going on from the CRC of what came before. */
export function crc32c(data: Uint8Array, previous = 0): number {
  let crc = ~previous
  for (let i = 0; i < data.length; i++) crc = (crc >>> 8) ^ at(crc32cTable, (crc ^ at(data, i)) & 0xff)
  return ~crc >>> 0
}

const crc64Table = Array.from({ length: 256 }, (_, index) => {
  let value = BigInt(index)
  for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ CRC64NVME_POLYNOMIAL : value >> 1n
  return value
})
// Two halves of 32 bits: arithmetic on BigInt would cost some fifty times as much a byte.
const crc64High = Uint32Array.from(crc64Table, (value) => Number(value >> 32n))
const crc64Low = Uint32Array.from(crc64Table, (value) => Number(value & 0xffffffffn))

/** A running CRC-64/NVME; its digest has 8 bytes, big-endian. */
export function crc64nvme(): { update(data: Uint8Array): void; digest(): Buffer } {
  let high = -1
  let low = -1
  return {
    update(data) {
      for (let i = 0; i < data.length; i++) {
        const index = (low ^ at(data, i)) & 0xff
        low = ((low >>> 8) | (high << 24)) ^ at(crc64Low, index)
        high = (high >>> 8) ^ at(crc64High, index)
      }
    },
    digest() {
      const bytes = Buffer.alloc(8)
      bytes.writeUInt32BE(~high >>> 0, 0)
      bytes.writeUInt32BE(~low >>> 0, 4)
      return bytes
    },
  }
}

function at(bytes: Uint8Array | Uint32Array, index: number): number {
  return bytes[index] as number
}
