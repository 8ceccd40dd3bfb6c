import { DOCUMENT_VERSIONS, type StepDocument } from '../../../contracts/generated/documents.ts'
import { FIRST_RUN } from '../../../contracts/run.ts'
import type { Data, ReadModel, Write } from '../../../ports/read-model/read-model.ts'
import type { Decision } from './body.ts'

/** Where a decision is told in the media's timeline; there it also tells a repeated request from a new one. */
function recordPath(mediaId: string, source: string): string {
  return `media/${mediaId}/steps/override-moderation~${source}~${FIRST_RUN}`
}

/** The verdict that a request of this source came with before; undefined where there was none. */
export async function readDecision(
  readModel: Pick<ReadModel, 'get'>,
  mediaId: string,
  source: string,
): Promise<string | undefined> {
  const [found] = await readModel.get([recordPath(mediaId, source)])
  return (found?.data as unknown as StepDocument | undefined)?.code
}

/** The write that tells of a decision; refused with `exists` where a request of this source was first. */
export function record(mediaId: string, source: string, { verdict }: Decision, now: number): Write {
  const document: StepDocument = {
    version: DOCUMENT_VERSIONS.StepDocument,
    consumer: 'override-moderation',
    source,
    run: FIRST_RUN,
    outcome: 'succeeded',
    code: verdict,
    message: `A moderator has decided: ${verdict}.`,
    // The outbox holds what is to be said.
    events: [],
    published: true,
    time: new Date(now).toISOString(),
    tries: 1,
  }
  return { kind: 'create', path: recordPath(mediaId, source), data: document as unknown as Data }
}
