/** Bars of a bubble. */
const BUCKETS = 64

const FULL_SCALE = 32_768

/**
 * How a recording looks: of each of 64 equal parts the loudest sample, as √(part of full scale) × 255. The root, as ears
 * and eyes find a tenth of full scale far more than a tenth as loud.
 * @param samples signed 16 bits, one channel
 * @param gain what the recording is multiplied by when it is heard
 * @returns base64, 88 characters
 */
export function peaksOf(samples: Int16Array, gain = 1): string {
  const peaks = Buffer.alloc(BUCKETS)
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    const from = Math.floor((bucket * samples.length) / BUCKETS)
    const to = Math.max(from + 1, Math.floor(((bucket + 1) * samples.length) / BUCKETS))
    const part = Math.min(1, (loudest(samples, from, Math.min(to, samples.length)) / FULL_SCALE) * gain)
    peaks[bucket] = Math.round(Math.sqrt(part) * 255)
  }
  return peaks.toString('base64')
}

function loudest(samples: Int16Array, from: number, to: number): number {
  let most = 0
  for (let at = from; at < to; at += 1) {
    const value = Math.abs(samples[at] ?? 0)
    if (value > most) most = value
  }
  return most
}
