import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { eventBridgeBus } from '../../events/eventbridge-bus.ts'
import { systemClock } from '../../ports/clock/clock.ts'
import { once, readEnvironment } from '../../ports/environment/environment.ts'
import { s3Objects } from '../../ports/objects/s3-objects.ts'
import { processBatch } from '../../ports/queue/batch.ts'
import { sqsQueue } from '../../ports/queue/sqs-queue.ts'
import { firestoreReadModel } from '../../ports/read-model/firestore-read-model.ts'
import { handleStateChange, type Ports } from './handle.ts'

const compose = once((): Ports & { readonly queue: ReturnType<typeof sqsQueue> } => {
  const environment = readEnvironment(process.env, [
    'busName',
    'mediaBucket',
    'projectId',
    'deadLetterQueueUrl',
    'environment',
  ])
  return {
    objects: s3Objects({ bucket: environment.mediaBucket }),
    bus: eventBridgeBus({ busName: environment.busName }),
    readModel: firestoreReadModel({
      projectId: environment.projectId,
      emulatorHost: environment.firestoreEmulatorHost,
    }),
    queue: sqsQueue({ deadLetterQueueUrl: environment.deadLetterQueueUrl }),
    clock: systemClock,
    environment: environment.environment,
  }
})

export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  const ports = compose()
  return processBatch(
    event,
    async (record) => {
      const result = await handleStateChange(ports, record.body)
      console.log(JSON.stringify({ producer: 'mediaconvert-job-state', messageId: record.messageId, result }))
    },
    {
      queue: ports.queue,
      onError(record, error) {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
        console.error(JSON.stringify({ producer: 'mediaconvert-job-state', messageId: record.messageId, error: text }))
      },
    },
  )
}
