import { type Schedule, scheduleWithNode } from '../alarm.ts'
import { serveJson } from '../aws-json/serve.ts'
import type { Cloud, Deliver, Provisioner, QueueReader, WireService } from '../cloud.ts'
import { queryErrorCode, wording } from './errors.ts'
import { openMessages } from './messages.ts'
import { createMoves } from './moves.ts'
import { createOperations, notRunning } from './operations.ts'
import { createPolls } from './polls.ts'
import { createProvisioners } from './provision.ts'
import { openQueues } from './queues.ts'
import { checkDraft } from './send.ts'
import { createSignals } from './signals.ts'

export interface SqsOptions {
  /** `http://127.0.0.1:PORT`: what queue URLs begin with, and known only once somebody listens. */
  endpoint(): string
  /** How timers run; node's where absent. */
  readonly schedule?: Schedule
}

export interface Sqs extends WireService, QueueReader {
  /** By CloudFormation type. */
  readonly provisioners: Readonly<Record<string, Provisioner>>
  /**
   * Puts a message into a queue, in the open transaction where there is one.
   * @throws AwsError QueueDoesNotExist, or what else SendMessage refuses.
   */
  readonly send: Deliver
  /** Once everything is declared: goes on with the message-move tasks that a stop, or a kill, has cut off. */
  start(): void
}

/** Queues of the Simple Queue Service, on the wire and in process; every message is a row of the one database. */
export function createSqs(cloud: Cloud, options: SqsOptions): Sqs {
  const queues = openQueues(cloud)
  const messages = openMessages(cloud)
  const schedule = options.schedule ?? scheduleWithNode
  const signals = createSignals(cloud, messages, schedule)
  const polls = createPolls(cloud, { queues, messages, signals, schedule })
  const urlOf = (name: string) => `${options.endpoint()}/${cloud.accountId}/${name}`
  const moves = createMoves(cloud, { queues, messages, signals, schedule })
  const parts = { queues, messages, signals, polls, urlOf, moves }

  return {
    signingNames: ['sqs'],
    provisioners: createProvisioners(parts),
    handle: serveJson(cloud, {
      signingName: 'sqs',
      target: 'AmazonSQS',
      version: '1.0',
      errorNamespace: 'com.amazonaws.sqs#',
      queryErrorCode,
      // A megabyte of payload, escaped, with its attributes.
      maxBodyBytes: 8 * 1_048_576,
      wording,
      operations: createOperations(cloud, parts),
      notRunning,
    }),
    start: () => moves.resume(),
    async stop() {
      moves.stop()
      polls.stop()
      signals.stop()
    },
    send(queueArn, body, sendOptions = {}) {
      cloud.db.transaction(() => {
        const queue = queues.get(queueArn)
        const { messageGroupId, attributes = {} } = sendOptions
        const systemAttributes = messageGroupId === undefined ? {} : { MessageGroupId: messageGroupId }
        const draft = { body, attributes, systemAttributes }
        checkDraft(queue, draft)
        signals.visibleAt(queue, messages.send(queue, draft).visibleAt)
      })
    },
    receive: (queueArn, max, visibilityTimeoutSeconds) =>
      polls.receive(queues.get(queueArn), max, visibilityTimeoutSeconds),
    delete(queueArn, receiptHandles) {
      cloud.db.transaction(() => {
        const queue = queues.get(queueArn)
        for (const handle of receiptHandles) messages.delete(queue, handle)
        signals.freed(queue)
      })
    },
    changeVisibility(queueArn, receiptHandle, seconds) {
      cloud.db.transaction(() => {
        const queue = queues.get(queueArn)
        signals.visibleAt(queue, messages.changeVisibility(queue, receiptHandle, seconds))
      })
    },
    releaseInFlight(queueArn) {
      cloud.db.transaction(() => {
        const queue = queues.get(queueArn)
        messages.releaseInFlight(queue)
        signals.visibleAt(queue, cloud.now())
      })
    },
    holds: (queueArn, text) => messages.holds(queues.get(queueArn), text),
    onVisible: (queueArn, callback) => signals.on(queues.get(queueArn), callback),
  }
}
