import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { processBatch } from '../../ports/queue/batch.ts'
import type { SourceQueue } from '../../ports/queue/queue.ts'
import type { Process, Scheduler } from './scheduler.ts'

interface Message {
  readonly id: string
  readonly body: string
  receives: number
  visible: boolean
  /** Of the latest receive. */
  receipt: string | undefined
}

export interface DeadLetter {
  readonly body: string
  /** Where the function said why, at once. */
  readonly reason: string | undefined
  readonly from: Queue
}

export interface QueueOptions {
  readonly name: string
  readonly batchSize: number
  readonly visibilityMilliseconds: number
  readonly scheduler: Scheduler
  readonly deadLetters: DeadLetter[]
  /** The function behind it: one record of a batch. */
  handle(record: SQSRecord, process: Process, queue: Queue): Promise<void>
  /** The queue as the process reaches it. */
  portFor(process: Process, queue: Queue): SourceQueue
  /** Makes the deletion of handled messages a call of its own, that can fail. */
  acknowledge(process: Process, effect: () => void): Promise<void>
}

const MAX_RECEIVES = 5

/** SQS before a function: at least once, in any order, hidden for a while once received, dead after five receives. */
export class Queue {
  readonly name: string
  readonly #options: QueueOptions
  readonly #messages = new Map<string, Message>()
  #count = 0
  #stoppedUntil = 0

  constructor(options: QueueOptions) {
    this.name = options.name
    this.#options = options
  }

  get size(): number {
    return this.#messages.size
  }

  send(body: string, delayMilliseconds = 0): void {
    const message: Message = {
      id: `${this.name}-${++this.#count}`,
      body,
      receives: 0,
      visible: false,
      receipt: undefined,
    }
    this.#messages.set(message.id, message)
    if (delayMilliseconds > 0) this.#options.scheduler.after(delayMilliseconds, () => this.#show(message))
    else this.#show(message)
  }

  /** What the function asks of its queue. */
  deadLetter(body: string, reason: string): void {
    this.#options.deadLetters.push({ body, reason, from: this })
  }

  retryAfter(receiptHandle: string, seconds: number): void {
    for (const message of this.#messages.values()) {
      if (message.receipt === receiptHandle) this.#showAgain(message, receiptHandle, seconds * 1000)
    }
  }

  /** The function gets nothing until then. */
  stop(until: number): void {
    this.#stoppedUntil = until
  }

  #show(message: Message): void {
    message.visible = true
    this.#options.scheduler.soon(() => {
      const wait = this.#stoppedUntil - this.#options.scheduler.time
      if (wait > 0) this.#options.scheduler.after(wait, () => this.#show(message))
      else if (this.#isVisible(message)) this.#receive(message)
    })
  }

  #showAgain(message: Message, receipt: string, milliseconds: number): void {
    this.#options.scheduler.after(milliseconds, () => {
      if (!message.visible && message.receipt === receipt && this.#messages.has(message.id)) this.#show(message)
    })
  }

  #isVisible(message: Message): boolean {
    return message.visible && this.#messages.has(message.id)
  }

  #receive(first: Message): void {
    const { scheduler, batchSize, visibilityMilliseconds, deadLetters } = this.#options
    const batch = [first]
    for (const message of this.#messages.values()) {
      if (batch.length === batchSize) break
      if (message !== first && this.#isVisible(message)) batch.push(message)
    }
    const received = batch.filter((message) => {
      if (message.receives < MAX_RECEIVES) return true
      this.#messages.delete(message.id)
      deadLetters.push({ body: message.body, reason: undefined, from: this })
      return false
    })
    for (const message of received) {
      message.receives += 1
      const receipt = `${message.id}#${message.receives}`
      message.receipt = receipt
      message.visible = false
      this.#showAgain(message, receipt, visibilityMilliseconds)
    }
    if (received.length > 0) this.#invoke(received, scheduler)
  }

  #invoke(messages: readonly Message[], scheduler: Scheduler): void {
    const [first] = messages
    scheduler.spawn(`${first?.receipt}`, async (process) => {
      const handled = new Map(messages.map((message) => [message.id, message.receipt]))
      const { batchItemFailures }: SQSBatchResponse = await processBatch(
        this.#eventOf(messages),
        (record) => this.#options.handle(record, process, this),
        {
          queue: this.#options.portFor(process, this),
          onError: (_, error) => scheduler.tell(`${process.name}: ${error instanceof Error ? error.message : error}`),
        },
      )
      for (const { itemIdentifier } of batchItemFailures) handled.delete(itemIdentifier)
      await this.#options.acknowledge(process, () => {
        for (const [id, receipt] of handled) {
          // A receipt of an earlier receive deletes nothing.
          if (this.#messages.get(id)?.receipt === receipt) this.#messages.delete(id)
        }
      })
    })
  }

  #eventOf(messages: readonly Message[]): SQSEvent {
    return {
      Records: messages.map(({ id, body, receipt = '', receives }) => ({
        messageId: id,
        receiptHandle: receipt,
        body,
        attributes: {
          ApproximateReceiveCount: String(receives),
          SentTimestamp: '0',
          SenderId: 'rule',
          ApproximateFirstReceiveTimestamp: '0',
        },
        messageAttributes: {},
        md5OfBody: '',
        eventSource: 'aws:sqs',
        eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${this.name}`,
        awsRegion: 'us-east-1',
      })),
    }
  }
}
