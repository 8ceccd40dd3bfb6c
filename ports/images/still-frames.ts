/**
 * Which frames to show of an animation besides its first: at most `count`, evenly spread, the last one among them, each
 * once. Frames count from 0.
 */
export function stillFrames(frames: number, count: number): readonly number[] {
  const later = Math.min(count, frames - 1)
  return Array.from({ length: Math.max(0, later) }, (_, at) => Math.round(((at + 1) * (frames - 1)) / later))
}
