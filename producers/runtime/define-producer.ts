import type { EventContract } from '../../contracts/event-contract.ts'

/** How the function is sized. */
export interface ProducerResources {
  readonly memoryMb: number
  readonly timeoutSeconds: number
}

/** What wakes a producer. */
export type Trigger =
  /** S3's notifications for keys below these prefixes, through a queue with a dead-letter queue. */
  | {
      readonly kind: 'object-created'
      readonly prefixes: readonly string[]
      readonly batchSize: number
      readonly concurrency: number
    }
  /** What another AWS service says on the account's default bus, through a queue with a dead-letter queue. */
  | {
      readonly kind: 'aws-event'
      /** `aws.mediaconvert`. */
      readonly source: string
      readonly detailTypes: readonly string[]
      /** The rest of the pattern, below `detail`. */
      readonly detail?: Readonly<Record<string, unknown>>
      readonly batchSize: number
      readonly concurrency: number
    }
  | { readonly kind: 'schedule'; readonly everyMinutes: number }
  | {
      readonly kind: 'api'
      readonly method: 'GET' | 'POST' | 'DELETE'
      /** `/media/{id}`. */
      readonly path: string
      /** JSON Schema (draft-04 subset) of the body, checked by the API before the function runs. */
      readonly body?: Readonly<Record<string, unknown>>
    }
  /** Says who calls the API. */
  | { readonly kind: 'authorizer' }

/** What a producer may touch; its IAM policy is made of it. */
export interface ProducerAccess {
  /** Key prefixes. */
  readonly reads?: readonly string[]
  readonly writes?: readonly string[]
  /** May delete versions and list them below these prefixes. */
  readonly deletes?: readonly string[]
  /** May list what lies below them. */
  readonly lists?: readonly string[]
  /** May read the tags of objects below them. */
  readonly tags?: readonly string[]
  /** May ask what became of transcoding jobs; with `cancel` it may end them, too. */
  readonly jobs?: 'ask' | 'cancel'
  readonly publishes?: boolean
  readonly readModel?: boolean
}

/** A producer turns facts from outside (a notification, a request, the time) into events. */
export interface Producer {
  readonly name: string
  /** One sentence for operators. */
  readonly description: string
  readonly trigger: Trigger
  readonly emits: readonly EventContract<never>[]
  readonly resources: ProducerResources
  readonly access: ProducerAccess
}

/**
 * Declares a producer. Pure data: infra builds the function, its trigger and its permissions from it. The function's
 * code is `handler.ts` beside it, which exports `handler`.
 */
export function defineProducer(producer: Producer): Producer {
  return producer
}
