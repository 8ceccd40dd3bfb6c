import type { AudioFacts } from '../probe/probe.ts'

/** AAC-LC, which every phone plays in hardware; HE-AAC and the rest are made anew. */
const AAC_LC = 'mp4a.40.2'
const RATES = [16_000, 22_050, 24_000, 32_000, 44_100, 48_000]
const MOST_BITS_PER_SECOND = 160_000

/** Whether a recording's AAC can be handed out as it is, in another file. */
export function isFitToCopy({ codec, codecParameters, channels, sampleRate, bitsPerSecond }: AudioFacts): boolean {
  return (
    codec === 'aac' &&
    codecParameters === AAC_LC &&
    channels <= 2 &&
    RATES.includes(sampleRate) &&
    (bitsPerSecond ?? 0) <= MOST_BITS_PER_SECOND
  )
}
