import type { EventContract, Subscription } from '../../contracts/event-contract.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'
import type { MediaEvent } from '../../events/envelope.ts'
import type { Documents } from '../../ports/documents/documents.ts'
import type { Faces } from '../../ports/faces/faces.ts'
import type { Ids } from '../../ports/ids/ids.ts'
import type { Images } from '../../ports/images/images.ts'
import type { Moderation } from '../../ports/moderation/moderation.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import type { Probe } from '../../ports/probe/probe.ts'
import type { Transcoder } from '../../ports/transcoder/transcoder.ts'
import type { Verdicts } from '../../ports/verdicts/verdicts.ts'
import type { Video } from '../../ports/video/video.ts'
import type { Voice } from '../../ports/voice/voice.ts'
import type { Outcome } from './outcomes.ts'

/** The ports that a consumer can ask for by name; composition makes no others for it. */
export interface ConsumerPorts {
  readonly objects: Objects
  readonly images: Images
  readonly ids: Ids
  readonly moderation: Moderation
  readonly verdicts: Verdicts
  readonly faces: Faces
  readonly probe: Probe
  readonly voice: Voice
  readonly video: Video
  readonly documents: Documents
  readonly transcoder: Transcoder
}

export type Need = keyof ConsumerPorts

/** How the function is sized, and how its queue feeds it. */
export interface Resources {
  readonly memoryMb: number
  readonly timeoutSeconds: number
  /** Messages an invocation; 1 where strangers' bytes are decoded, as poison takes its neighbours along. */
  readonly batchSize: number
  /** Invocations at once, at most; 2 or more. */
  readonly concurrency: number
  /** What it may keep in its temporary folder; 512 where left out. */
  readonly scratchMb?: number
}

/** Key prefixes that the function may touch, and nothing else: its IAM policy is made of them. */
export interface ObjectAccess {
  readonly reads?: readonly string[]
  readonly writes?: readonly string[]
  /** Where it looks for what others wrote: by `list`, that is; what it writes itself it may list anyway. */
  readonly lists?: readonly string[]
  /** Where it reads the tags of objects. */
  readonly tags?: readonly string[]
}

export interface Consumer<D = unknown, N extends Need = Need> {
  /** `<verb-noun>`, the name of its folder, queue and function, and of its step in the media's document. */
  readonly name: string
  /** One sentence for operators. */
  readonly description: string
  /** What it reacts to: contracts, or subscriptions narrowed by `contract.where(…)`. */
  readonly on: readonly (EventContract<D> | Subscription<D>)[]
  /** Every event that it may say; anything else is refused. */
  readonly emits: readonly EventContract<never>[]
  readonly resources: Resources
  readonly needs: readonly N[]
  readonly objectAccess: ObjectAccess
  /**
   * Does the work; may run twice for one event, so outputs go to keys made of what went in. `original` is the version
   * that the media is bound to, for events that don't name it. `meta.run` is the run that this work is, and
   * `meta.replay` the replay that it is for.
   * @throws what is unexpected: the message is tried again, and goes to the dead-letter queue in the end.
   */
  handle(event: MediaEvent<D>, ports: Pick<ConsumerPorts, N>, original?: StoredObject): Promise<Outcome>
}

/**
 * Declares a consumer. Pure data and a function: reading it loads no decoder and no SDK, so that infra can build its
 * rule, queues, function and alarms from it.
 */
export function defineConsumer<D, const N extends Need>(consumer: Consumer<D, N>): Consumer<D, N> {
  return consumer
}
