import { Cloud, START, sweepsOf, type Weather } from './cloud.ts'
import type { Scan } from './guardduty.ts'
import { Broken } from './judge.ts'
import { judgeReplay, judgeRest, judgeUpload } from './judge-rest.ts'
import type { JobFate, Starter } from './mediaconvert.ts'
import { People } from './people.ts'
import { type Deed, type FaultKind, isDeed, type Plan } from './plan.ts'
import { type Random, seeded } from './random.ts'
import { judgeRebuild } from './rebuild.ts'
import { type Call, type Interference, Scheduler } from './scheduler.ts'
import { judgeShown } from './shown.ts'
import { uploadsOf } from './uploads.ts'

const MINUTE = 60_000
/** A frozen process wakes after its message became visible again, or long after its media may have been purged. */
const FREEZES = [4 * MINUTE, 4 * MINUTE, 90 * MINUTE] as const
const LATENESS = [30_000, 4 * MINUTE, 40 * MINUTE] as const
/** A scan may be done before S3 has told of the object. */
const SCANS = [0, 0, 60, 1500] as const
/** From its start to its beginning, and on to its end. */
const JOBS = [0, 100, 5_000] as const
const SLOW_JOBS = [20 * MINUTE, 100 * MINUTE, 4 * 60 * MINUTE] as const
/** Of a job that nobody knows of yet. */
const STARTERS = ['dies', 'dies, and its media goes', 'waits, and its media goes'] as const satisfies readonly Starter[]
/** As long as a consumer works on a photo. */
const SHORTLY_MILLISECONDS = 80
/**
 * After these a step that is not required may have missed its cause: a replay that was faster than live traffic tells
 * nobody else of what it did, and nobody hears anything of a media that is deleted or rejected just then.
 */
const STARVING: readonly FaultKind[] = [
  'replays one consumer',
  'replays all',
  'forces one consumer',
  'forces all',
  'deletes and restores',
  'approves',
  'blocks',
]
const BURST_CALLS = 40
const BURST_PROBABILITY = 0.3

/**
 * Runs one schedule to its end: what the plan has, then quiet, a redrive of what is dead, and a replay of everything.
 * @returns what was broken, if something was.
 */
export async function simulate(plan: Plan, trace?: (line: string) => void): Promise<Broken | undefined> {
  const faults: Faults = new Faults(plan, () => scheduler.time)
  const scheduler: Scheduler = new Scheduler({
    random: faults.random,
    startAt: START,
    trace,
    interfere: (call) =>
      faults.interfere(call, (skew) => {
        cloud.skew = skew
      }),
  })
  const cloud: Cloud = new Cloud(scheduler, faults, plan.checks)
  const people = new People(cloud, faults.random, plan)
  const uploads = uploadsOf(plan)
  let sweepAt: number | undefined

  const onStep = () => {
    if (cloud.judge.verdict) throw cloud.judge.verdict
    for (let deed = faults.deed(scheduler.steps); deed; deed = faults.deed(scheduler.steps)) people.do(deed)
  }
  const onIdle = () => {
    // Now and then somebody looks.
    for (const upload of scheduler.steps % 4 === 0 ? uploads : []) void judgeShown(cloud, upload)
    const next = cloud.nextSweep()
    if (next !== undefined && next !== sweepAt) {
      sweepAt = next
      scheduler.after(next - scheduler.time, () => cloud.sweep())
      return true
    }
    // Nothing more would happen by itself: whatever is still to come, comes now.
    const deed =
      scheduler.nextDue === undefined || faults.random.chance(0.5) ? faults.deed(Number.POSITIVE_INFINITY) : undefined
    if (deed) people.do(deed)
    return deed !== undefined
  }
  const rest = () => scheduler.run(onIdle, onStep)

  try {
    people.sendAll()
    await rest()
    faults.end()
    scheduler.tell('— quiet')
    const redriven = cloud.redrive()
    await rest()
    // A replay that comes after all were given up does their work, and tells nobody who is live: a replay heals that, too.
    const isHushed = redriven.some(({ from }) => [...cloud.replay.values()].includes(from))
    if (!isHushed) for (const upload of uploads) judgeUpload(cloud, upload, plan)
    const isStarved = plan.faults.some(({ kind }) => STARVING.includes(kind))
    // One step after the other, as far as they wait for each other.
    for (let commits = -1; isStarved && commits < cloud.store.commits; ) {
      commits = cloud.store.commits
      scheduler.tell('— what nobody waits for is replayed')
      people.replay(undefined)
      await rest()
    }
    await judgeRest(cloud, uploads, plan)
    if (people.mendAll()) {
      scheduler.tell('— what failed is mended and retried')
      await rest()
      await judgeRest(cloud, uploads, plan)
    }
    judgeRebuild(cloud, plan)
    const before = new Map(cloud.store.documents)
    scheduler.tell('— everything is replayed')
    const said = cloud.judge.said.length
    cloud.redrive()
    people.replay(undefined)
    await rest()
    judgeReplay(cloud, before, said)
    await judgeRest(cloud, uploads, plan)
    return undefined
  } catch (error) {
    if (error instanceof Broken) return error
    return new Broken('liveness', error instanceof Error ? error.message : String(error))
  }
}

/** Hands out a plan's faults, each when its turn comes. */
class Faults implements Weather {
  readonly random: Random
  readonly #left: { readonly kind: FaultKind; at: number }[]
  #burstUntil = -1
  #counts = new Map<FaultKind, number>()

  /** What is late may come just then. */
  readonly #sweeps: [number, ...number[]]
  readonly #time: () => number

  constructor(plan: Plan, time: () => number) {
    this.#time = time
    const { reminded, givenUp } = sweepsOf(plan.sent[0]?.kind ?? 'image')
    this.#sweeps = [reminded, givenUp]
    this.random = seeded(plan.seed + 0x5bd1e995)
    this.#left = plan.faults.map((fault) => ({ ...fault }))
  }

  /** From now on everything goes well. */
  end(): void {
    this.#left.length = 0
    this.#burstUntil = -1
  }

  deed(step: number): Deed | undefined {
    const index = this.#left.findIndex(({ kind, at }) => isDeed(kind) && at <= step)
    const [due] = index === -1 ? [] : this.#left.splice(index, 1)
    return due && isDeed(due.kind) ? due.kind : undefined
  }

  interfere({ ordinal }: Call, setSkew: (skew: number) => void): Interference | undefined {
    if (this.#take('throttled', ordinal)) this.#burstUntil = ordinal + BURST_CALLS
    if (this.#take('clock jumps', ordinal)) setSkew((this.random.below(21) - 10) * MINUTE)
    if (this.#take('frozen', ordinal)) return { kind: 'frozen', milliseconds: this.#pause(FREEZES) }
    for (const kind of ['refused', 'answer lost', 'dies before', 'dies after'] as const) {
      if (this.#take(kind, ordinal)) return { kind }
    }
    return ordinal < this.#burstUntil && this.random.chance(BURST_PROBABILITY) ? { kind: 'refused' } : undefined
  }

  refusesEntry(): boolean {
    return this.#happens('entry refused')
  }

  deliver(): readonly number[] {
    const late = this.#happens('message late') ? this.#pause(LATENESS) : 0
    return this.#happens('message twice') ? [late, this.random.chance(0.5) ? 0 : this.#pause(LATENESS)] : [late]
  }

  losesAcknowledgement(): boolean {
    return this.#happens('acknowledgement lost')
  }

  losesNotification(): boolean {
    return this.#happens('notification lost')
  }

  scan(): Scan {
    const late = this.#happens('scan late') ? this.#pause(LATENESS) : 0
    return {
      milliseconds: late > 0 ? late : this.random.pick(SCANS),
      failure: this.#happens('scan fails') ? this.random.pick(['FAILED', 'ACCESS_DENIED']) : undefined,
      isResultLost: this.#happens('scan result lost'),
      isDoneTwice: this.#happens('scanned twice'),
    }
  }

  refusesJob(): boolean {
    return this.#happens('job refused')
  }

  job(): JobFate {
    const isNewsLost = this.#happens('job news lost')
    // What ends when nobody looks is missed most.
    const isSlow = this.#happens('job slow') || (isNewsLost && this.random.chance(0.5))
    return {
      milliseconds: this.random.pick(isSlow ? SLOW_JOBS : JOBS),
      end: this.#happens('job fails') ? this.random.pick(['error', 'canceled']) : 'complete',
      isIncomplete: this.#happens('job incomplete'),
      isNewsLost,
      starter: this.#happens('job unknown') ? this.random.pick(STARTERS) : 'lives',
    }
  }

  #pause(lengths: typeof FREEZES | typeof LATENESS): number {
    const untilSweep = this.random.pick(this.#sweeps) - this.random.below(SHORTLY_MILLISECONDS) - this.#time()
    return untilSweep > 0 && this.random.chance(0.4) ? untilSweep : this.random.pick(lengths)
  }

  /** Counts an opportunity for a fault of this kind, and says whether it is taken. */
  #happens(kind: FaultKind): boolean {
    const count = this.#counts.get(kind) ?? 0
    this.#counts.set(kind, count + 1)
    return this.#take(kind, count)
  }

  #take(kind: FaultKind, ordinal: number): boolean {
    if (this.#left.length === 0) return false
    const index = this.#left.findIndex((fault) => fault.kind === kind && fault.at === ordinal)
    if (index === -1) return false
    this.#left.splice(index, 1)
    return true
  }
}
