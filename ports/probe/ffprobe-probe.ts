import { join } from 'node:path'
import { input } from '../ffmpeg/arguments.ts'
import type { Failure } from '../ffmpeg/failure.ts'
import type { Ffmpeg, Missing } from '../ffmpeg/find.ts'
import { runFfprobe } from '../ffmpeg/run.ts'
import { inScratch } from '../ffmpeg/scratch.ts'
import { containerOf, HEAD_BYTES } from './container.ts'
import { writeEdges } from './edges.ts'
import { ENTRIES, factsOf } from './ffprobe-facts.ts'
import { formatOf } from './format.ts'
import type { Probe, ProbeRefusal } from './probe.ts'
import { damaged, refusalOf } from './refusal.ts'

const LIMITS = { timeoutMs: 8_000, maxFileBytes: 1024 * 1024, maxMemoryMb: 512, stdoutLimit: 256 * 1024 }

/** Facts by ffprobe, in a process of its own: 20 to 100 ms of CPU, so for what no parser in process can read. Where there is none, nothing is readable. */
export function ffprobeProbe(find: () => Promise<Ffmpeg | Missing>): Probe {
  return {
    async probe(source) {
      const head = await source.read(0, Math.min(HEAD_BYTES, source.size))
      const container = containerOf(head)
      if (container.kind !== 'accepted') return refusalOf(container)
      return inScratch(async (scratch) => {
        const file = join(scratch, 'source')
        await writeEdges(source, file)
        const ran = await runFfprobe(await find(), input(file), ['-show_entries', ENTRIES, '-of', 'json'], {
          scratch,
          ...LIMITS,
        })
        if (!ran.ok) return answerTo(ran)
        return factsOf(Buffer.from(ran.stdout).toString('utf8'), (hasVideo) =>
          formatOf(container.family, head, hasVideo),
        )
      })
    },
  }
}

/** @throws Error where ffprobe is there and doesn't work; that it was ended is the file's doing. */
function answerTo({ fault, code, message, detail }: Failure): ProbeRefusal {
  if (fault === 'file' || code === 'timed-out' || code === 'killed' || code === 'no-ffmpeg') return damaged()
  throw new Error(`ffprobe: ${message} ${detail}`)
}
