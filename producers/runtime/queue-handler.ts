import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import type { BusPort } from '../../events/bus.ts'
import { eventBridgeBus } from '../../events/eventbridge-bus.ts'
import { type Clock, systemClock } from '../../ports/clock/clock.ts'
import { once, readEnvironment, type Variable } from '../../ports/environment/environment.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import { s3Objects } from '../../ports/objects/s3-objects.ts'
import { processBatch } from '../../ports/queue/batch.ts'
import type { SourceQueue } from '../../ports/queue/queue.ts'
import { sqsQueue } from '../../ports/queue/sqs-queue.ts'
import { firestoreReadModel } from '../../ports/read-model/firestore-read-model.ts'
import type { ReadModel } from '../../ports/read-model/read-model.ts'

/** The live adapters that every producer behind a queue works with. */
export interface QueuePorts {
  readonly bus: BusPort
  readonly objects: Objects
  readonly readModel: ReadModel
  readonly queue: SourceQueue
  readonly clock: Clock
}

/** What one producer behind a queue differs by. */
export interface QueueWork<V extends Variable, P> {
  /** Variables that it reads besides those that the adapters are made of. */
  readonly variables: readonly V[]
  /** Its own ports, of the live adapters and the values of its variables. */
  readonly ports: (live: QueuePorts, values: { readonly [name in V]: string }) => P
  /** Takes one message's body to its end; returns what became of it. What it throws is logged, and the message comes again. */
  readonly handle: (ports: P, body: string) => Promise<string>
}

/**
 * The Lambda handler of a producer behind a queue: composition, and nothing else. Adapters are made at the first
 * invocation and kept for the life of the sandbox.
 * @param producer its name, for its lines in the log
 */
export function queueHandler<V extends Variable, P>(
  producer: string,
  environment: NodeJS.ProcessEnv,
  { variables, ports: portsOf, handle }: QueueWork<V, P>,
): (event: SQSEvent) => Promise<SQSBatchResponse> {
  const compose = once(() => {
    const values = readEnvironment(environment, [
      'busName',
      'mediaBucket',
      'projectId',
      'deadLetterQueueUrl',
      ...variables,
    ])
    const live: QueuePorts = {
      bus: eventBridgeBus({ busName: values.busName }),
      objects: s3Objects({ bucket: values.mediaBucket }),
      readModel: firestoreReadModel({ projectId: values.projectId, emulatorHost: values.firestoreEmulatorHost }),
      queue: sqsQueue({ deadLetterQueueUrl: values.deadLetterQueueUrl }),
      clock: systemClock,
    }
    return { queue: live.queue, ports: portsOf(live, values) }
  })

  return async (event) => {
    const { queue, ports } = compose()
    return processBatch(
      event,
      async ({ messageId, body }) => {
        const result = await handle(ports, body)
        console.log(JSON.stringify({ producer, messageId, result }))
      },
      {
        queue,
        onError({ messageId }, error) {
          const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
          console.error(JSON.stringify({ producer, messageId, error: text }))
        },
      },
    )
  }
}
