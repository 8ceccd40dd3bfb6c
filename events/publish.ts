import { type BusEntry, type BusPort, BusRefused, MAX_ENTRIES } from './bus.ts'
import { detailTypeOf, type MediaEvent } from './envelope.ts'
import { CALL_LIMIT_BYTES, entryBytes, MAX_ENTRY_BYTES } from './size.ts'

export interface PublishOptions {
  /** Resolves after that many milliseconds. */
  sleep(milliseconds: number): Promise<void>
}

/** An event that the bus didn't take, and the bus's last word on it. */
export interface PublishFailure {
  readonly event: MediaEvent
  readonly code: string
  readonly message: string
}

/** Some events were not taken, however often they were offered; all others were. */
export class PublishFailed extends Error {
  override readonly name = 'PublishFailed'
  readonly failures: readonly PublishFailure[]

  constructor(failures: readonly PublishFailure[]) {
    const named = failures.map(
      ({ event, code, message }) => `${detailTypeOf(event)} ${event.meta.id}: ${code} (${message})`,
    )
    super(`${failures.length} events were not published: ${named.join('; ')}`)
    this.failures = failures
  }
}

/** Milliseconds before each further round. */
const BACKOFF = [100, 200, 400, 800, 1600]

/** The entry itself is at fault: offering it again changes nothing. */
const PERMANENT = new Set([
  'MalformedDetail',
  'InvalidArgument',
  'ValidationException',
  'AccessDeniedException',
  'NotAuthorizedForSourceException',
  'ResourceNotFoundException',
])

interface Item {
  readonly event: MediaEvent
  readonly entry: BusEntry
  readonly bytes: number
}

interface Refusal extends PublishFailure {
  readonly item: Item
  readonly permanent: boolean
}

/**
 * Puts events on the bus, in calls of at most ten entries and 1 MB. Entries that a call refused are offered again, they
 * alone, with growing pauses. An event may arrive twice where a call's answer was lost: its id is the same then.
 * @throws PublishFailed naming every event that was not taken; those that it doesn't name were.
 */
export async function publish(bus: BusPort, events: readonly MediaEvent[], { sleep }: PublishOptions): Promise<void> {
  const failures: PublishFailure[] = []
  let waiting: Item[] = []
  for (const event of events) {
    const entry = toEntry(event)
    const bytes = entryBytes(entry)
    if (bytes <= MAX_ENTRY_BYTES) waiting.push({ event, entry, bytes })
    else failures.push({ event, code: 'TooLarge', message: `${bytes} bytes, at most ${MAX_ENTRY_BYTES} are sent` })
  }
  for (let round = 0; waiting.length > 0; round++) {
    const refusals: Refusal[] = []
    for (const call of calls(waiting)) refusals.push(...(await offer(bus, call)))
    const pause = BACKOFF[round]
    const [again, final] = partition(refusals, ({ permanent }) => !permanent && pause !== undefined)
    failures.push(...final.map(({ event, code, message }) => ({ event, code, message })))
    waiting = again.map(({ item }) => item)
    if (waiting.length > 0 && pause !== undefined) await sleep(pause)
  }
  if (failures.length > 0) throw new PublishFailed(failures)
}

/** The event as the bus takes it. */
export function toEntry(event: MediaEvent): BusEntry {
  return { detailType: detailTypeOf(event), detail: JSON.stringify(event), time: Date.parse(event.meta.time) }
}

/** Fills each call as far as entries and bytes allow, in order. */
function* calls(items: readonly Item[]): Generator<readonly Item[]> {
  let call: Item[] = []
  let bytes = 0
  for (const item of items) {
    if (call.length === MAX_ENTRIES || bytes + item.bytes >= CALL_LIMIT_BYTES) {
      yield call
      call = []
      bytes = 0
    }
    call.push(item)
    bytes += item.bytes
  }
  yield call
}

/** One call; gives back what was not taken. A call that throws has taken nothing for sure, so all of it is refused. */
async function offer(bus: BusPort, call: readonly Item[]): Promise<readonly Refusal[]> {
  const refused = (item: Item, code: string, message: string, permanent: boolean): Refusal => ({
    item,
    event: item.event,
    code,
    message,
    permanent,
  })
  try {
    const results = await bus.put(call.map(({ entry }) => entry))
    return call.flatMap((item, index) => {
      const result = results[index]
      if (result === undefined) return [refused(item, 'NoResult', 'the bus said nothing of this entry', false)]
      return result.ok ? [] : [refused(item, result.code, result.message, PERMANENT.has(result.code))]
    })
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    return call.map((item) => refused(item, name, message, error instanceof BusRefused))
  }
}

function partition<T>(items: readonly T[], belongs: (item: T) => boolean): readonly [T[], T[]] {
  const yes: T[] = []
  const no: T[] = []
  for (const item of items) (belongs(item) ? yes : no).push(item)
  return [yes, no]
}
