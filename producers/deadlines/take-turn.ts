import type { ReadModel, Snapshot } from '../../ports/read-model/read-model.ts'

/** Longer than a sweep lives, so that no other takes up what one is at. */
const PUT_BACK_MS = 60_000

/**
 * Puts a media behind all that is due before anything is done for it, and gives it as it is then. So whatever becomes of
 * its turn, even the end of the process, it comes again only after those that wait.
 * @returns undefined where it is not due any more, or somebody else writes to it just now.
 */
export async function takeTurn(readModel: ReadModel, path: string, now: number): Promise<Snapshot | undefined> {
  const [found] = await readModel.get([path])
  const due = found?.data['deadlineAt']
  if (!found || typeof due !== 'string' || Date.parse(due) > now) return undefined
  const again = new Date(now + PUT_BACK_MS).toISOString()
  const putBack = { kind: 'update', path, fields: [{ path: ['deadlineAt'], value: again }] } as const
  if ((await readModel.commit([{ ...putBack, ifRevision: found.revision }])) !== 'committed') return undefined
  const [taken] = await readModel.get([path])
  return taken?.data['deadlineAt'] === again ? taken : undefined
}
