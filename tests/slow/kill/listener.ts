import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { MediaEvent } from '../../../events/envelope.ts'
import type { RunningStack } from '../../program.ts'

const NAME = 'listener'

/** Waits until events with all these ids have been on the bus, from now on; no longer than until `deadline` (`performance.now()`). */
export async function heard({ local }: RunningStack, ids: Iterable<string>, deadline: number): Promise<void> {
  const options = { endpoint: local.awsEndpoint, region: local.region, credentials: local.credentials }
  const events = new EventBridgeClient(options)
  const sqs = new SQSClient(options)
  const bus = { EventBusName: local.eventBus.name }
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: NAME }))
  const EventPattern = JSON.stringify({ source: ['messageai.media'] })
  await events.send(new PutRuleCommand({ Name: NAME, ...bus, EventPattern }))
  const Arn = `arn:aws:sqs:${local.region}:${local.accountId}:${NAME}`
  await events.send(new PutTargetsCommand({ Rule: NAME, ...bus, Targets: [{ Id: 'queue', Arn }] }))

  const missing = new Set(ids)
  while (missing.size > 0 && performance.now() < deadline) {
    const poll = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 }
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(poll))
    for (const { Body = '{}', ReceiptHandle } of Messages) {
      missing.delete((JSON.parse(Body) as { readonly detail: MediaEvent }).detail.meta.id)
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
    }
  }
  events.destroy()
  sqs.destroy()
}
