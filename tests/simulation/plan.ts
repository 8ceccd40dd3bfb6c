import type { Kind } from '../../contracts/limits.ts'
import { CHECKS } from '../../contracts/required-steps.ts'
import { type Random, seeded } from './random.ts'
import type { Flaw, Sent } from './uploads.ts'

/** What goes wrong, or what somebody does while it does. */
export type FaultKind = CallFault | DeliveryFault | ScanFault | JobFault | Deed

/** One call of a port, counted over all of them. */
const CALL_FAULTS = [
  'refused',
  'answer lost',
  'dies before',
  'dies after',
  'frozen',
  'throttled',
  'clock jumps',
] as const
/** One entry put on the bus, one message sent to a queue, one batch acknowledged, one notification of S3's. */
const DELIVERY_FAULTS = [
  'entry refused',
  'message twice',
  'message late',
  'acknowledgement lost',
  'notification lost',
] as const
/** One scan of an upload. */
const SCAN_FAULTS = ['scan late', 'scan fails', 'scan result lost', 'scanned twice'] as const
/** One job of the transcoder's. */
const JOB_FAULTS = ['job slow', 'job fails', 'job incomplete', 'job news lost', 'job unknown', 'job refused'] as const
/** One thing that people, operators and deployments do, at one step of the schedule. */
const DEEDS = [
  'uploads again',
  'upload told again',
  'reserves again',
  'deletes',
  'deletes and restores',
  'deletes and purges',
  'deletes and purges at once',
  'retries',
  'replays one consumer',
  'replays all',
  'forces one consumer',
  'forces all',
  'sweeps early',
  'hinders the sweep',
  'new recipe',
  'new build',
  'decoder broken for a while',
  'breaks and retries',
  'stops one consumer',
  'poison',
  'stale event',
  'stray event',
  'approves',
  'blocks',
  'looks',
  'scans again',
] as const

type CallFault = (typeof CALL_FAULTS)[number]
type JobFault = (typeof JOB_FAULTS)[number]
type ScanFault = (typeof SCAN_FAULTS)[number]
type DeliveryFault = (typeof DELIVERY_FAULTS)[number]
export type Deed = (typeof DEEDS)[number]

/** `at` counts, from 0, the opportunities for faults of this kind; for deeds, the steps of the schedule. */
export interface Fault {
  readonly kind: FaultKind
  readonly at: number
}

/** Everything that a schedule is made of. */
export interface Plan {
  /** Decides the order of everything. */
  readonly seed: number
  readonly faults: readonly Fault[]
  /** What is sent, in order. */
  readonly sent: readonly Sent[]
  /** The checks that are switched on, by their steps' names. */
  readonly checks: readonly string[]
}

/** How far into the schedule of a picture a fault may strike, and of a video: about as far as one goes. */
const PICTURE_REACH = { calls: 80, deliveries: 8, steps: 130 } as const
const VIDEO_REACH = { calls: 220, deliveries: 24, steps: 320 } as const
const MOST_UPLOADS = 3
/** The more often a job is named, the more often something becomes of it. */
const JOBS = [0, 0, 0, 1] as const
/** As far as the binding of the bytes. */
const EARLY_STEPS = 30
/** What is done already they change nothing of. */
const EARLY_DEEDS: readonly Deed[] = ['stops one consumer', 'stale event', 'stray event']

/** The more often a kind is named, the more often it is sent. */
const KINDS: readonly [Kind, ...Kind[]] = [
  'image',
  'image',
  'image',
  'image',
  'profile',
  'video',
  'video',
  'voice',
  'file',
]

const FLAWS: Readonly<Record<Kind, readonly [Flaw, ...Flaw[]]>> = {
  image: ['damaged', 'nude', 'infected', 'locked'],
  profile: ['damaged', 'nude', 'faceless', 'infected'],
  video: ['damaged', 'nude', 'infected', 'unfit'],
  voice: ['damaged', 'infected'],
  file: ['infected', 'locked'],
}

export function makePlan(seed: number, mostFaults: number): Plan {
  const random = seeded(seed)
  const checks = random.chance(0.6) ? CHECKS.filter(() => random.chance(0.85)) : []
  const sent = Array.from({ length: random.chance(0.15) ? 2 : 1 }, () => makeSent(random))
  const faults = Array.from({ length: random.below(mostFaults + 1) }, () => makeFault(random, sent, checks))
  return { seed, faults, sent, checks }
}

function makeSent(random: Random): Sent {
  const kind = random.pick(KINDS)
  const flaws = Array.from({ length: random.chance(0.3) ? 1 + Number(random.chance(0.15)) : 0 }, () =>
    random.pick(FLAWS[kind]),
  )
  return { kind, flaws: [...new Set(flaws)] }
}

function makeFault(random: Random, sent: readonly Sent[], checks: readonly string[]): Fault {
  const hasVideo = sent.some(({ kind }) => kind === 'video')
  const reach = hasVideo ? VIDEO_REACH : PICTURE_REACH
  if (hasVideo && random.chance(0.25)) return { kind: random.pick(JOB_FAULTS), at: random.pick(JOBS) }
  if (checks.includes('scan-malware') && random.chance(0.1)) {
    return { kind: random.pick(SCAN_FAULTS), at: random.below(MOST_UPLOADS) }
  }
  const draw = random.next()
  if (draw < 0.4) return { kind: random.pick(CALL_FAULTS), at: random.below(reach.calls) }
  if (draw < 0.6) {
    const kind = random.pick(DELIVERY_FAULTS)
    return { kind, at: random.below(kind === 'notification lost' ? MOST_UPLOADS : reach.deliveries) }
  }
  const kind = random.pick(DEEDS)
  const isEarly = EARLY_DEEDS.includes(kind) || random.chance(0.4)
  return { kind, at: random.below(isEarly ? EARLY_STEPS : reach.steps) }
}

export function isDeed(kind: FaultKind): kind is Deed {
  return (DEEDS as readonly string[]).includes(kind)
}

export function describePlan({ seed, faults, sent, checks }: Plan): string {
  const files = sent.map(({ kind, flaws }) => [...flaws, kind].join(' ')).join(', ')
  const told = faults.map(({ kind, at }) => `${kind} @${at}`).join(', ') || 'none'
  return `seed ${seed}, sent: ${files}, checks: ${checks.join(', ') || 'none'}, faults: ${told}`
}
