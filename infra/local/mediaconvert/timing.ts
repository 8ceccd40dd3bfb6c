import { type FileHandle, open } from 'node:fs/promises'
import { readFragments } from './fragments.ts'

/**
 * Moves all of a file of one track to a later time. Encoders let pictures wait for as many as they reorder; sound that
 * doesn't wait with them is heard too early by every player that reads no edit list, as most don't.
 */
export async function delayFragments(path: string, seconds: number): Promise<void> {
  const { index, fragments, timescale } = await readFragments(path)
  const ticks = Math.round(seconds * timescale)
  if (ticks === 0) return
  const file = await open(path, 'r+')
  try {
    for (const { offset } of fragments) await change(file, offset, (moof) => addToTimes(moof, ticks))
    await change(file, index.offset, (sidx) => addToTime(sidx, 8, 20, ticks))
  } finally {
    await file.close()
  }
}

/**
 * Writes into a film's index when its first picture is shown, which ffmpeg gives as 0, and answers it in seconds.
 * @throws Error where the file isn't as the encoder here writes it.
 */
export async function markStart(path: string): Promise<number> {
  const { index, fragments, timescale } = await readFragments(path)
  let ticks = 0
  const file = await open(path, 'r+')
  try {
    await change(file, fragments[0]?.offset ?? 0, (moof) => {
      ticks = firstOffset(moof)
    })
    await change(file, index.offset, (sidx) => addToTime(sidx, 8, 20, ticks))
    return ticks / timescale
  } finally {
    await file.close()
  }
}

/** ISO/IEC 14496-12, 8.8.8: of `trun`, how much later than decoded the first sample is shown. */
function firstOffset(moof: Buffer): number {
  const trun = moof.indexOf('trun', 8, 'latin1')
  const flags = trun < 0 ? 0 : moof.readUInt32BE(trun + 4) & 0xffffff
  // Without this flag samples are shown as they are decoded.
  if (!(flags & 0x800)) return 0
  const before = [0x1, 0x4, 0x100, 0x200, 0x400].filter((flag) => flags & flag).length * 4
  return moof.readInt32BE(trun + 12 + before)
}

/** ISO/IEC 14496-12, 8.8.12: `tfdt`, when a fragment begins. */
function addToTimes(moof: Buffer, ticks: number): void {
  for (let at = moof.indexOf('tfdt', 8, 'latin1'); at >= 0; at = moof.indexOf('tfdt', at + 4, 'latin1')) {
    addToTime(moof, at + 4, at + 8, ticks)
  }
}

/** A time is of eight bytes where its box is of version 1. */
function addToTime(box: Buffer, versionAt: number, at: number, ticks: number): void {
  if (box.readUInt8(versionAt) === 1) box.writeBigUInt64BE(box.readBigUInt64BE(at) + BigInt(ticks), at)
  else box.writeUInt32BE(box.readUInt32BE(at) + ticks, at)
}

async function change(file: FileHandle, position: number, work: (box: Buffer) => void): Promise<void> {
  const head = Buffer.alloc(4)
  await file.read(head, 0, 4, position)
  const box = Buffer.alloc(head.readUInt32BE(0))
  const { bytesRead } = await file.read(box, 0, box.length, position)
  if (bytesRead !== box.length) throw new Error('the file ends too early')
  work(box)
  await file.write(box, 0, box.length, position)
}
