import type { Size } from './ladder.ts'

/** The size that a JPEG's frame header tells, from the file's first bytes; undefined where there is none among them. */
export function jpegSize(head: Uint8Array): Size | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  if (head.length < 4 || view.getUint16(0) !== 0xffd8) return undefined
  for (let at = 2; at + 9 <= head.length && head[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at)
    // Start of frame: C0 to CF, but for tables (C4), JPG (C8) and arithmetic conditioning (CC).
    const isFrame = marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)
    if (isFrame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) }
  }
  return undefined
}
