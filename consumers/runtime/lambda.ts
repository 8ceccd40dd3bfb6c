import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { eventBridgeBus } from '../../events/eventbridge-bus.ts'
import { type Clock, systemClock } from '../../ports/clock/clock.ts'
import { once, readEnvironment } from '../../ports/environment/environment.ts'
import { processBatch } from '../../ports/queue/batch.ts'
import { sqsQueue } from '../../ports/queue/sqs-queue.ts'
import { firestoreReadModel } from '../../ports/read-model/firestore-read-model.ts'
import type { ReadModel } from '../../ports/read-model/read-model.ts'
import { deadlineIn, endingAt } from './deadline.ts'
import type { Consumer, ConsumerPorts, Need } from './define-consumer.ts'
import { FAILURE_MARKS } from './failure-marks.ts'
import { readMessage } from './message.ts'
import { type RuntimePorts, settle } from './protocol.ts'

/** What a live adapter may be made of. */
export interface Composition {
  readonly bucket: string
  readonly readModel: ReadModel
  readonly clock: Clock
  /** The function's environment. */
  readonly variables: NodeJS.ProcessEnv
}

/** Makers of the live adapters that this function's bundle holds. */
export type PortMakers = { readonly [N in Need]?: (composition: Composition) => ConsumerPorts[N] }

/**
 * The Lambda handler of a consumer: composition, and nothing else. It alone reads the environment; adapters are made at
 * the first invocation and kept for the life of the sandbox.
 */
export function lambdaHandler<D, N extends Need>(
  consumer: Consumer<D, N>,
  variables: NodeJS.ProcessEnv,
  makers: PortMakers,
): (event: SQSEvent, context: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<SQSBatchResponse> {
  const compose = once(() => {
    const environment = readEnvironment(variables, ['busName', 'mediaBucket', 'projectId', 'deadLetterQueueUrl'])
    const queue = sqsQueue({ deadLetterQueueUrl: environment.deadLetterQueueUrl })
    const runtime: RuntimePorts = {
      readModel: firestoreReadModel({
        projectId: environment.projectId,
        emulatorHost: environment.firestoreEmulatorHost,
      }),
      bus: eventBridgeBus({ busName: environment.busName }),
      queue,
      clock: systemClock,
    }
    const composition = { bucket: environment.mediaBucket, readModel: runtime.readModel, clock: systemClock, variables }
    const ports = Object.fromEntries(Object.entries(makers).map(([need, make]) => [need, make(composition)]))
    const missing = consumer.needs.filter((need) => !(need in ports))
    if (missing.length > 0)
      throw new Error(`${consumer.name} needs ${missing.join(', ')}, which its bundle does not hold`)
    return { queue, runtime, ports: ports as unknown as Pick<ConsumerPorts, N> }
  })

  return async (event, context) => {
    const { queue, runtime, ports } = compose()
    return processBatch(
      event,
      async (record) => {
        const message = { body: record.body, receiveCount: Number(record.attributes.ApproximateReceiveCount) }
        const inTime = endingAt(deadlineIn(context.getRemainingTimeInMillis()), ports)
        const settled = await settle(consumer, message, runtime, inTime)
        const line = JSON.stringify({ consumer: consumer.name, messageId: record.messageId, ...settled })
        // We are at fault, and nobody else would say so: an alarm counts these lines.
        const say = FAILURE_MARKS.some((mark) => line.includes(mark)) ? console.error : console.log
        say(line)
      },
      {
        queue,
        onError(record, error) {
          console.error(
            JSON.stringify({
              consumer: consumer.name,
              messageId: record.messageId,
              mediaId: mediaOf(record.body),
              receiveCount: record.attributes.ApproximateReceiveCount,
              error: error instanceof Error ? (error.stack ?? error.message) : String(error),
            }),
          )
        },
      },
    )
  }
}

/** So that whoever looks for one media finds what went wrong with it; undefined where the message can't be read. */
function mediaOf(body: string): string | undefined {
  const read = readMessage(body)
  return read.ok ? read.delivery.event.meta.subject : undefined
}
