import type { EventContract } from '../contracts/event-contract.ts'

/** Lifts the data of one major version to the next: a pure function, so that an archive can be read for ever. */
export interface Upcaster {
  /** The older major. */
  readonly from: EventContract<never>
  readonly to: EventContract<never>
  upcast(data: unknown): unknown
}

/** One for each major that has a successor; they chain. Every event is at its first major today. */
export const UPCASTERS: readonly Upcaster[] = []

/** The contract itself and every older one that the upcasters lift to it, oldest last. */
export function lineageOf(
  contract: EventContract<never>,
  upcasters: readonly Upcaster[],
): readonly EventContract<never>[] {
  const older = upcasters.filter(({ to }) => to.detailType === contract.detailType)
  return [contract, ...older.flatMap(({ from }) => lineageOf(from, upcasters))]
}
