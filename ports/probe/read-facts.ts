import { amrFacts } from './amr.ts'
import { aviFacts } from './avi.ts'
import { boundedSource, type ReadBounds, ReadTooMuch } from './bounded-source.ts'
import { containerOf, type Family, HEAD_BYTES } from './container.ts'
import { mediabunnyFacts } from './mediabunny-facts.ts'
import type { ByteSource } from './probe.ts'
import { final, type Reading } from './reading.ts'
import { damaged, refusalOf, tooMuchToRead } from './refusal.ts'
import { wavFacts } from './wav.ts'

/** Of what is kept. The index of two hours in 4K has some 10 MB; a second of S3 is enough for what any container needs. */
const BOUNDS: ReadBounds = { maxBytes: 20 * 1024 * 1024, maxReads: 48 }

/** Reads a file's facts, by what its first bytes say that it is. What a parser throws is the file's doing. */
export async function readFacts(source: ByteSource): Promise<Reading> {
  const bounded = boundedSource(source, BOUNDS)
  try {
    const head = await bounded.read(0, Math.min(HEAD_BYTES, source.size))
    const container = containerOf(head)
    if (container.kind !== 'accepted') return final(refusalOf(container))
    return await readFamily(bounded, source, container.family, head)
  } catch (error) {
    return { probed: error instanceof ReadTooMuch ? tooMuchToRead() : damaged(), complete: false }
  }
}

async function readFamily(source: ByteSource, whole: ByteSource, family: Family, head: Uint8Array): Promise<Reading> {
  if (family === 'amr') return final(await amrFacts(source))
  if (family === 'wav') return wavFacts(source)
  if (family !== 'avi') return mediabunnyFacts({ source, whole, family, head })
  const probed = await aviFacts(source)
  return { probed, complete: probed.ok }
}
