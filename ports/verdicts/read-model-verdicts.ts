import { createHash } from 'node:crypto'
import type { Clock } from '../clock/clock.ts'
import type { Data, ReadModel } from '../read-model/read-model.ts'
import type { LookedAt, SeenContent, Verdicts } from './verdicts.ts'

/** Where what was seen is kept, by the digest of content and recipe. No media and no person is named in it. */
export const MODERATIONS = 'moderations'

/** Verdicts in the read model, in documents that clients can't read. */
export function readModelVerdicts({
  readModel,
  clock,
}: {
  readonly readModel: Pick<ReadModel, 'get' | 'commit'>
  readonly clock: Pick<Clock, 'now'>
}): Verdicts {
  return {
    async find(content) {
      const [found] = await readModel.get([pathOf(content)])
      return found && (found.data['seen'] as unknown as SeenContent)
    },
    async keep(content, { labels, model }) {
      await readModel.commit([
        {
          kind: 'create',
          path: pathOf(content),
          data: {
            ...content,
            seen: { labels, model } as unknown as Data,
            time: new Date(clock.now()).toISOString(),
          },
        },
      ])
    },
  }
}

function pathOf({ sha256, recipe }: LookedAt): string {
  return `${MODERATIONS}/${createHash('sha256').update(`${sha256} ${recipe}`).digest('hex')}`
}
