import { join } from 'node:path'
import { within } from '../deadline/within.ts'
import { input } from '../ffmpeg/arguments.ts'
import type { Failure } from '../ffmpeg/failure.ts'
import type { Ffmpeg, Missing } from '../ffmpeg/find.ts'
import { runFfprobe } from '../ffmpeg/run.ts'
import { inScratch } from '../ffmpeg/scratch.ts'
import { containerOf, HEAD_BYTES } from './container.ts'
import { writeEdges } from './edges.ts'
import { ENTRIES, factsOf } from './ffprobe-facts.ts'
import { formatOf } from './format.ts'
import type { ByteSource, Probed, ProbeRefusal } from './probe.ts'
import { damaged, refusalOf } from './refusal.ts'

const LIMITS = { timeoutMs: 8_000, maxFileBytes: 1024 * 1024, maxMemoryMb: 512, stdoutLimit: 256 * 1024 }

/**
 * Facts by ffprobe, in a process of its own: 20 to 100 ms of CPU, so for what no parser in process can read. Where there
 * is none, nothing is readable, and nothing is fetched.
 */
export function ffprobeProbe(find: () => Promise<Ffmpeg | Missing>) {
  return {
    async probe(source: ByteSource, deadline = AbortSignal.timeout(LIMITS.timeoutMs)): Promise<Probed> {
      const ffmpeg = await within(deadline, find())
      if (!ffmpeg.found || ffmpeg.ffprobe === undefined) return damaged()
      const head = await within(deadline, source.read(0, Math.min(HEAD_BYTES, source.size)))
      const container = containerOf(head)
      if (container.kind !== 'accepted') return refusalOf(container)
      return inScratch(async (scratch) => {
        const file = join(scratch, 'source')
        await writeEdges(source, file, deadline)
        const limits = { scratch, deadline, ...LIMITS }
        const ran = await runFfprobe(ffmpeg, input(file), ['-show_entries', ENTRIES, '-of', 'json'], limits)
        if (!ran.ok) return answerTo(ran)
        return factsOf(Buffer.from(ran.stdout).toString('utf8'), (hasVideo) =>
          formatOf(container.family, head, hasVideo),
        )
      })
    },
  }
}

/** What Matroska's reader says of a file that ends too early: its bytes were written a moment ago, no disk has lost them. */
const ENDS_EARLY = /source: Input\/output error/

/** @throws Error where ffprobe is there and doesn't work; that it was ended is the file's doing. */
function answerTo({ fault, code, message, detail }: Failure): ProbeRefusal {
  if (fault === 'file' || code === 'timed-out' || code === 'killed') return damaged()
  if (ENDS_EARLY.test(detail)) return damaged()
  throw new Error(`ffprobe: ${message} ${detail}`)
}
