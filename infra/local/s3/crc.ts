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

// Sliced by eight: one step takes eight bytes, each through a table of its own (Kounavis and Berry, 2005). Each entry is
// two halves of 32 bits, as arithmetic on BigInt would cost some fifty times as much.
const SLICES = 8
const crc64High = new Uint32Array(SLICES * 256)
const crc64Low = new Uint32Array(SLICES * 256)
for (let index = 0; index < 256; index++) {
  let value = BigInt(index)
  for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ CRC64NVME_POLYNOMIAL : value >> 1n
  crc64High[index] = Number(value >> 32n)
  crc64Low[index] = Number(value & 0xffffffffn)
}
for (let entry = 256; entry < SLICES * 256; entry++) {
  const [high, low] = [at(crc64High, entry - 256), at(crc64Low, entry - 256)]
  crc64Low[entry] = ((low >>> 8) | (high << 24)) ^ at(crc64Low, low & 0xff)
  crc64High[entry] = (high >>> 8) ^ at(crc64High, low & 0xff)
}

/** A running CRC-64/NVME; its digest has 8 bytes, big-endian. A gigabyte a second. */
export function crc64nvme(): { update(data: Uint8Array): void; digest(): Buffer } {
  let high = -1
  let low = -1
  return {
    update(data) {
      let i = 0
      for (; i + SLICES <= data.length; i += SLICES) {
        const first = low ^ word(data, i)
        const second = high ^ word(data, i + 4)
        const seven = 0x700 + (first & 0xff)
        const six = 0x600 + ((first >>> 8) & 0xff)
        const five = 0x500 + ((first >>> 16) & 0xff)
        const four = 0x400 + (first >>> 24)
        const three = 0x300 + (second & 0xff)
        const two = 0x200 + ((second >>> 8) & 0xff)
        const one = 0x100 + ((second >>> 16) & 0xff)
        const zero = second >>> 24
        low =
          at(crc64Low, seven) ^
          at(crc64Low, six) ^
          at(crc64Low, five) ^
          at(crc64Low, four) ^
          at(crc64Low, three) ^
          at(crc64Low, two) ^
          at(crc64Low, one) ^
          at(crc64Low, zero)
        high =
          at(crc64High, seven) ^
          at(crc64High, six) ^
          at(crc64High, five) ^
          at(crc64High, four) ^
          at(crc64High, three) ^
          at(crc64High, two) ^
          at(crc64High, one) ^
          at(crc64High, zero)
      }
      for (; i < data.length; i++) {
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

/** Four bytes, the first the lowest. */
function word(data: Uint8Array, i: number): number {
  return at(data, i) | (at(data, i + 1) << 8) | (at(data, i + 2) << 16) | (at(data, i + 3) << 24)
}

function at(bytes: Uint8Array | Uint32Array, index: number): number {
  return bytes[index] as number
}
