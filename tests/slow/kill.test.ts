import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fold } from '../../contracts/fold.ts'
import type { MediaEvent } from '../../events/envelope.ts'
import { MAIN, type RunningStack, run, startProgram } from '../program.ts'
import { type Recorded, readRecorded } from '../recorded.ts'
import { seeded } from '../simulation/random.ts'
import { Clients, look, type Seen } from './kill/client.ts'
import { heard } from './kill/listener.ts'
import { isAbandoned, isBroken, isOf } from './kill/photos.ts'
import { describePoint, type KillPoint, killPoints, PHOTOS_A_KILL } from './kill/points.ts'
import { drained, originals, type ShownForm, shownForms } from './kill/storage.ts'

/** Another one makes another schedule: `KILL_SEED=3 npm test -- --slow kill`. */
const SEED = Number(process.env['KILL_SEED'] ?? 1)
const KILLS = 50
/** The last ones are sent after the last kill. */
const PHOTOS = (KILLS + 1) * PHOTOS_A_KILL
const ABANDONED = Array.from({ length: PHOTOS }, (_, index) => index).filter(isAbandoned).length
/** What each ready photo is shown in. */
const FORMS = 5

describe(`kill -9 at ${KILLS} points of one life, with seed ${SEED}`, () => {
  const points = killPoints(SEED, KILLS)
  const clients = new Clients(() => stack)
  const { reserved, accepted } = clients
  const seen = new Map<string, Seen>()
  /** What wasn't after a restart as it had been answered before. */
  const lost: string[] = []
  let dataDir: string
  let stack: Promise<RunningStack>
  let recorded: Recorded
  let versionsByKey: ReadonlyMap<string, readonly string[]>
  let forms: readonly ShownForm[]
  let recoverySeconds = 0

  beforeAll(async () => {
    process.stderr.write(`kill points of seed ${SEED}: ${points.map(describePoint).join(', ')}\n`)
    dataDir = mkdtempSync(join(tmpdir(), 'kill-'))
    stack = startProgram(dataDir)
    const sent: Promise<void>[] = []
    for (const [turn, point] of points.entries()) {
      await stack
      sent.push(...photosOf(turn).map((index) => clients.send(index)))
      await reach(turn, point)
      const victim = await stack
      victim.signal('SIGKILL')
      stack = victim.ended.then(() => startAgain(point))
      await judge(await stack, turn)
    }
    sent.push(...photosOf(KILLS).map((index) => clients.send(index)))
    await Promise.all(sent)

    const begun = performance.now()
    const running = await stack
    await final(running)
    recoverySeconds = (performance.now() - begun) / 1000
    await drained(running)
    versionsByKey = await originals(running)
    forms = await shownForms(running, seen.values())
    recorded = await ended(running)
  })

  afterAll(async () => {
    const running = await stack
    running.signal('SIGKILL')
    await running.ended
    rmSync(dataDir, { recursive: true })
  })

  const photosOf = (turn: number) => Array.from({ length: PHOTOS_A_KILL }, (_, at) => turn * PHOTOS_A_KILL + at)

  /** Waits until the process is where it is to be killed. */
  async function reach(turn: number, point: KillPoint): Promise<void> {
    const before = clients.answers
    const all = [...photosOf(turn)].filter((index) => !isAbandoned(index))
    const isThere = () => {
      if (point.phase === 'sending') return clients.answers >= before + point.answers
      const answered = new Set(accepted.values())
      return all.every((index) => answered.has(index))
    }
    while (!isThere()) await wait(2)
    if (point.phase !== 'starting') await wait(point.afterMs)
  }

  /** Where the point is one of starting, the first start doesn't live long. */
  async function startAgain(point: KillPoint): Promise<RunningStack> {
    if (point.phase === 'starting') {
      const short = run([...MAIN, '--data', dataDir, '--port', '0', '--no-samples'], {
        env: { PATH: dirname(process.execPath) },
      })
      await wait(point.afterMs)
      short.signal('SIGKILL')
      await short.ended
    }
    return startProgram(dataDir)
  }

  /** Whatever was answered is there, and nothing that was final is so no more. Of the older ones, some stand for all. */
  async function judge(running: RunningStack, turn: number): Promise<void> {
    const random = seeded(turn)
    // Clients go on meanwhile.
    const answered = [...reserved.keys()].map((mediaId) => ({ mediaId, hasFile: accepted.has(mediaId) }))
    const keys = [...(await originals(running)).keys()].join('\n')
    for (const { mediaId, hasFile } of answered) {
      const index = reserved.get(mediaId) ?? -1
      if (hasFile && !keys.includes(mediaId)) lost.push(`kill ${turn}: the file of photo ${index}`)
      if (index < (turn - 1) * PHOTOS_A_KILL && !random.chance(0.05)) continue
      const before = seen.get(mediaId)?.status
      const now = await look(running, mediaId)
      if (!now) lost.push(`kill ${turn}: the reservation of photo ${index}`)
      else if (isFinal(before) && now.status !== before) lost.push(`kill ${turn}: photo ${index}, ${before} before`)
      else seen.set(mediaId, now)
    }
  }

  async function final(running: RunningStack): Promise<void> {
    const deadline = performance.now() + 150_000
    for (const mediaId of reserved.keys()) {
      for (;;) {
        const now = await look(running, mediaId)
        if (now) seen.set(mediaId, now)
        if (!accepted.has(mediaId) || isFinal(now?.status) || performance.now() > deadline) break
        await wait(50)
      }
    }
  }

  async function ended(running: RunningStack): Promise<Recorded> {
    running.signal('SIGTERM')
    expect((await running.ended).code).toBe(0)
    return readRecorded(dataDir)
  }

  it('answers every client in the end', () => {
    expect(reserved.size).toBe(PHOTOS)
    expect(accepted.size).toBe(PHOTOS - ABANDONED)
  })

  it('loses nothing that was answered, whatever restart one looks after', () => {
    expect(lost).toEqual([])
  })

  it('ends each accepted upload as ready or rejected, by what it was, without waiting for visibility timeouts', () => {
    const wrong = [...accepted].flatMap(([mediaId, index]) => {
      const status = seen.get(mediaId)?.status
      return status === (isBroken(index) ? 'rejected' : 'ready') ? [] : [`${index} ${mediaId}: ${status}`]
    })
    expect(wrong).toEqual([])
    expect(recoverySeconds).toBeLessThan(120)
  })

  it('keeps each reservation that was answered', () => {
    const open = [...reserved].filter(([, index]) => isAbandoned(index)).map(([id]) => seen.get(id)?.status)
    expect(open).toEqual(Array.from({ length: ABANDONED }, () => 'reserved'))
  })

  it('keeps one version of each original, the one that its media is bound to', () => {
    const bound = recorded.media.flatMap(({ object }) => (object ? [[object.key, [object.versionId]] as const] : []))
    expect(bound).toHaveLength(accepted.size)
    expect(Object.fromEntries([...versionsByKey].sort())).toEqual(Object.fromEntries([...bound].sort()))
  })

  it('has every form of a ready photo in storage, made of that very photo', () => {
    const ready = recorded.media.filter((media) => fold(media).status === 'ready')
    expect(forms).toHaveLength(ready.length * FORMS)
    expect(forms.filter(({ bytes, found }) => bytes !== found)).toEqual([])
    const mistaken = ready.filter((media) => !isOf(media, accepted.get(media.mediaId) ?? -1))
    expect(mistaken.map(({ mediaId }) => mediaId)).toEqual([])
  })

  it('leaves no message in a queue, and no dead letter', () => {
    expect(Object.fromEntries(recorded.waiting)).toEqual({})
  })

  it('owes nothing any more once the sweep has run', async () => {
    const owed = owedBy(recorded)
    if (owed.length > 0) {
      stack = startProgram(dataDir)
      const running = await stack
      const ids = owed.map(({ meta }) => meta.id)
      // It takes what is a minute old, every minute.
      await heard(running, ids, performance.now() + 130_000)
      // What was said is struck off right after.
      await wait(2_000)
      await drained(running)
      recorded = await ended(running)
    }

    expect(owedBy(recorded)).toEqual([])
    const archived = recorded.archived.map(({ detail }) => detail.meta.id)
    expect(archived).toEqual(expect.arrayContaining(owed.map(({ meta }) => meta.id)))
  })

  it('has said of each reservation that it was made, once', () => {
    const wrong = [...reserved.keys()].filter((id) => saidOf(id).get('MediaUploadRequested.v1')?.size !== 1)
    expect(wrong).toEqual([])
  })

  it('has said each verdict once: one MediaUploaded, and one MediaReady or MediaRejected', () => {
    const wrong = [...accepted].flatMap(([mediaId, index]) => {
      const all = saidOf(mediaId)
      const verdicts = ['MediaReady.v1', 'MediaRejected.v1', 'ProcessingFailed.v1'].flatMap((type) =>
        [...(all.get(type) ?? [])].map(() => type),
      )
      const uploaded = all.get('MediaUploaded.v1')?.size
      const verdict = isBroken(index) ? 'MediaRejected.v1' : 'MediaReady.v1'
      return verdicts.join() === verdict && uploaded === 1 ? [] : [`${index}: ${uploaded} uploaded, ${verdicts}`]
    })
    expect(wrong).toEqual([])
  })

  /** Ids of the events about a media, by detail-type. What a crash had published again has its id again. */
  function saidOf(mediaId: string): ReadonlyMap<string, ReadonlySet<string>> {
    const all = new Map<string, Set<string>>()
    for (const { 'detail-type': detailType, detail } of recorded.archived) {
      if (detail.meta.subject !== mediaId) continue
      all.set(detailType, (all.get(detailType) ?? new Set()).add(detail.meta.id))
    }
    return all
  }
})

const isFinal = (status: string | undefined) => status === 'ready' || status === 'rejected' || status === 'failed'

/** Events that a crash kept from being published; a scheduled sweep will. */
function owedBy({ documents }: Recorded): readonly MediaEvent[] {
  return [...documents].flatMap(([path, data]) =>
    path.startsWith('outbox/') ? [(data as { readonly event: MediaEvent }).event] : [],
  )
}
