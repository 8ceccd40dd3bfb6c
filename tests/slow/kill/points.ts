import { type Random, seeded } from '../../simulation/random.ts'

/** How many photos clients send between one kill and the next. */
export const PHOTOS_A_KILL = 4

/** When the process is killed, counted from its last start. */
export type KillPoint =
  /** This many milliseconds after it was begun: most of them before it is ready. */
  | { readonly phase: 'starting'; readonly afterMs: number }
  /** After so many answers to clients, reservations and files together, while others are on their way. */
  | { readonly phase: 'sending'; readonly answers: number; readonly afterMs: number }
  /** After all files of this turn were answered, while they are worked on. */
  | { readonly phase: 'working'; readonly afterMs: number }

/** The same for a seed each time. */
export function killPoints(seed: number, count: number): readonly KillPoint[] {
  const random = seeded(seed)
  return Array.from({ length: count }, () => killPoint(random))
}

function killPoint(random: Random): KillPoint {
  const phase = random.pick(['starting', 'sending', 'sending', 'sending', 'working', 'working', 'working', 'working'])
  if (phase === 'starting') return { phase, afterMs: random.below(2_000) }
  if (phase === 'working') return { phase, afterMs: random.below(600) }
  return { phase: 'sending', answers: random.below(2 * PHOTOS_A_KILL - 1), afterMs: random.below(60) }
}

export function describePoint(point: KillPoint): string {
  const { phase, afterMs } = point
  return phase === 'sending' ? `${phase} ${point.answers}+${afterMs}` : `${phase} ${afterMs}`
}
