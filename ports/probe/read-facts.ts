import { amrFacts } from './amr.ts'
import { aviFacts } from './avi.ts'
import { boundedSource, type ReadBounds, ReadTooMuch } from './bounded-source.ts'
import { containerOf, type Family, HEAD_BYTES } from './container.ts'
import { mediabunnyFacts } from './mediabunny-facts.ts'
import type { ByteSource } from './probe.ts'
import { final, type Reading } from './reading.ts'
import { damaged, refusalOf, tooMuchToRead } from './refusal.ts'

/** The index of two hours in 4K has some 10 MB. */
const BOUNDS: ReadBounds = { maxBytes: 24 * 1024 * 1024, maxReads: 400 }

/**
 * Reads a file's facts, by what its first bytes say that it is.
 * @throws what `source.read` throws, and nothing else
 */
export async function readFacts(source: ByteSource): Promise<Reading> {
  const failure: { error?: unknown } = {}
  const bounded = boundedSource(noting(source, failure), BOUNDS)
  try {
    const head = await bounded.read(0, Math.min(HEAD_BYTES, source.size))
    const container = containerOf(head)
    if (container.kind !== 'accepted') return final(refusalOf(container))
    const reading = await readFamily(bounded, container.family, head)
    // A parser may have made do without the bytes that didn't come.
    if ('error' in failure) throw failure.error
    return reading
  } catch (error) {
    if ('error' in failure) throw failure.error
    return { probed: error instanceof ReadTooMuch ? tooMuchToRead() : damaged(), complete: false }
  }
}

async function readFamily(source: ByteSource, family: Family, head: Uint8Array): Promise<Reading> {
  if (family === 'amr') return final(await amrFacts(source))
  if (family !== 'avi') return mediabunnyFacts({ source, family, head })
  const probed = await aviFacts(source)
  return { probed, complete: probed.ok }
}

/** The same source; what it throws is told apart from what a parser makes of it. */
function noting(source: ByteSource, failure: { error?: unknown }): ByteSource {
  return {
    size: source.size,
    async read(offset, length) {
      try {
        return await source.read(offset, length)
      } catch (error) {
        failure.error = error
        throw error
      }
    },
  }
}
