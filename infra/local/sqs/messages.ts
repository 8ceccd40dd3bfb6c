import { AwsError } from '../aws-json/error.ts'
import type { Cloud, ReceivedMessage } from '../cloud.ts'
import { invalidReceiptHandle, invalidValue } from './errors.ts'
import { type MessageAttributes, md5 } from './message-attributes.ts'
import type { Queue } from './queues.ts'

export interface Draft {
  readonly body: string
  readonly attributes: MessageAttributes
  /** Of those that a sender may give, only `AWSTraceHeader` exists. */
  readonly systemAttributes: Readonly<Record<string, string>>
  /** Seconds; the queue's own where absent. */
  readonly delaySeconds?: number | undefined
}

export interface Sent {
  readonly messageId: string
  readonly md5OfBody: string
  /** Milliseconds since 1970. */
  readonly visibleAt: number
}

export interface Counts {
  readonly visible: number
  readonly notVisible: number
  readonly delayed: number
}

/**
 * The messages of all queues, one row each. Whether a message is visible is nothing but its `visible_at` in the past,
 * so that a restart has nothing to repair.
 */
export interface Messages {
  send(queue: Queue, draft: Draft): Sent
  /** Oldest first; those that were received often enough go to `deadLetters` instead. */
  receive(queue: Queue, max: number, visibilitySeconds: number, deadLetters: Queue | undefined): ReceivedMessage[]
  /** Whether something was there to delete; a handle of an earlier receive deletes nothing. */
  delete(queue: Queue, receiptHandle: string): boolean
  /** Answers when the message is visible again, in milliseconds since 1970. */
  changeVisibility(queue: Queue, receiptHandle: string, seconds: number): number
  /** Shows what is in flight; what was sent with a delay stays delayed. */
  releaseInFlight(queue: Queue): void
  clear(queue: Queue): void
  count(queue: Queue): Counts
  isVisible(queue: Queue): boolean
  /** When the next hidden message becomes visible, in milliseconds since 1970. */
  nextVisibleAt(queue: Queue): number | undefined
}

interface MessageRow {
  id: number
  message_id: string
  body: string
  attributes: string | null
  system_attributes: string | null
  sent_at: number
  receives: number
  first_received_at: number | null
}

export function openMessages(cloud: Cloud): Messages {
  const { db } = cloud
  // `received` is 0 until the first receive from the queue where the message now lies: that tells delayed from hidden.
  db.exec(`create table if not exists sqs_message (
    id integer primary key autoincrement,
    queue integer not null,
    message_id text not null,
    body text not null,
    attributes text,
    system_attributes text,
    sent_at integer not null,
    visible_at integer not null,
    receives integer not null default 0,
    received integer not null default 0,
    first_received_at integer
  ) strict;
  create index if not exists sqs_message_visible on sqs_message (queue, visible_at);
  create index if not exists sqs_message_sent on sqs_message (queue, sent_at)`)

  const expire = (queue: Queue): void => {
    const limit = cloud.now() - queue.settings.retentionSeconds * 1000
    db.prepare('delete from sqs_message where queue = ? and sent_at <= ?').run(queue.id, limit)
  }

  const moveTo = (deadLetters: Queue, source: Queue, row: MessageRow): void => {
    const system = { ...parseAttributes(row.system_attributes), DeadLetterQueueSourceArn: source.arn }
    // sent_at stays: the retention of a dead-letter queue counts from the first send.
    db.prepare(
      'update sqs_message set queue = ?, visible_at = ?, received = 0, system_attributes = ? where id = ?',
    ).run(deadLetters.id, cloud.now(), JSON.stringify(system), row.id)
  }

  const hide = (queue: Queue, row: MessageRow, visibilitySeconds: number): ReceivedMessage => {
    const now = cloud.now()
    const receives = row.receives + 1
    const firstReceivedAt = row.first_received_at ?? now
    db.prepare(
      'update sqs_message set visible_at = ?, receives = ?, received = 1, first_received_at = ? where id = ?',
    ).run(now + visibilitySeconds * 1000, receives, firstReceivedAt, row.id)
    return {
      messageId: row.message_id,
      receiptHandle: writeHandle({ queue: queue.id, message: row.id, receive: receives, messageId: row.message_id }),
      body: row.body,
      md5OfBody: md5(row.body),
      attributes: {
        SenderId: cloud.accountId,
        SentTimestamp: String(row.sent_at),
        ApproximateReceiveCount: String(receives),
        ApproximateFirstReceiveTimestamp: String(firstReceivedAt),
        ...parseAttributes(row.system_attributes),
      },
      messageAttributes: row.attributes ? (JSON.parse(row.attributes) as MessageAttributes) : {},
    }
  }

  const readHandle = (queue: Queue, text: string): Handle => {
    const handle = parseHandle(text)
    if (handle?.queue !== queue.id) throw invalidReceiptHandle(text)
    return handle
  }

  const one = (sql: string, ...values: (string | number)[]): number =>
    (db.prepare(sql).get(...values) as { n: number | null } | undefined)?.n ?? 0

  return {
    send(queue, draft) {
      const now = cloud.now()
      const messageId = cloud.uuid()
      const visibleAt = now + (draft.delaySeconds ?? queue.settings.delaySeconds) * 1000
      db.prepare(
        `insert into sqs_message (queue, message_id, body, attributes, system_attributes, sent_at, visible_at)
         values (?, ?, ?, ?, ?, ?, ?)`,
      ).run(
        queue.id,
        messageId,
        draft.body,
        textOrNull(draft.attributes),
        textOrNull(draft.systemAttributes),
        now,
        visibleAt,
      )
      return { messageId, md5OfBody: md5(draft.body), visibleAt }
    },
    receive(queue, max, visibilitySeconds, deadLetters) {
      expire(queue)
      const received: ReceivedMessage[] = []
      const due = db.prepare(
        `select id, message_id, body, attributes, system_attributes, sent_at, receives, first_received_at
         from sqs_message where queue = ? and visible_at <= ? order by visible_at, id limit ?`,
      )
      const limit = queue.settings.redrive?.maxReceiveCount ?? Number.POSITIVE_INFINITY
      // With a visibility of 0 a message is due again at once: `seen` ends the loop.
      const seen = new Set<number>()
      for (;;) {
        const rows = (due.all(queue.id, cloud.now(), max - received.length) as unknown as MessageRow[]).filter(
          (row) => !seen.has(row.id),
        )
        for (const row of rows) {
          seen.add(row.id)
          if (deadLetters && row.receives >= limit) moveTo(deadLetters, queue, row)
          else received.push(hide(queue, row, visibilitySeconds))
        }
        if (rows.length === 0 || received.length >= max) return received
      }
    },
    delete(queue, receiptHandle) {
      const { message, receive } = readHandle(queue, receiptHandle)
      const { changes } = db
        .prepare('delete from sqs_message where id = ? and queue = ? and receives = ?')
        .run(message, queue.id, receive)
      return changes > 0
    },
    changeVisibility(queue, receiptHandle, seconds) {
      const { message, receive } = readHandle(queue, receiptHandle)
      const row = db
        .prepare('select visible_at, receives from sqs_message where id = ? and queue = ? and received = 1')
        .get(message, queue.id) as { visible_at: number; receives: number } | undefined
      const now = cloud.now()
      if (!row)
        throw invalidValue(
          `Value ${receiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
        )
      if (row.visible_at <= now || row.receives !== receive)
        throw new AwsError('MessageNotInflight', `The message of receipt handle ${receiptHandle} is not in flight.`)
      const visibleAt = now + seconds * 1000
      db.prepare('update sqs_message set visible_at = ? where id = ?').run(visibleAt, message)
      return visibleAt
    },
    releaseInFlight(queue) {
      const now = cloud.now()
      db.prepare('update sqs_message set visible_at = ? where queue = ? and received = 1 and visible_at > ?').run(
        now,
        queue.id,
        now,
      )
    },
    clear(queue) {
      db.prepare('delete from sqs_message where queue = ?').run(queue.id)
    },
    count(queue) {
      expire(queue)
      const now = cloud.now()
      const hidden = 'select count(*) as n from sqs_message where queue = ? and visible_at > ?'
      return {
        visible: one('select count(*) as n from sqs_message where queue = ? and visible_at <= ?', queue.id, now),
        notVisible: one(`${hidden} and received = 1`, queue.id, now),
        delayed: one(`${hidden} and received = 0`, queue.id, now),
      }
    },
    isVisible: (queue) =>
      one('select 1 as n from sqs_message where queue = ? and visible_at <= ? limit 1', queue.id, cloud.now()) === 1,
    nextVisibleAt: (queue) =>
      one('select min(visible_at) as n from sqs_message where queue = ? and visible_at > ?', queue.id, cloud.now()) ||
      undefined,
  }
}

interface Handle {
  readonly queue: number
  readonly message: number
  /** Which receive of the message this is, counted from 1. */
  readonly receive: number
  readonly messageId: string
}

function writeHandle({ queue, message, receive, messageId }: Handle): string {
  return Buffer.from(`${queue}:${message}:${receive}:${messageId}`).toString('base64url')
}

function parseHandle(text: string): Handle | undefined {
  const match = /^(\d+):(\d+):(\d+):([0-9a-f-]{36})$/.exec(Buffer.from(text, 'base64url').toString('latin1'))
  if (!match) return undefined
  const [, queue, message, receive, messageId = ''] = match
  return { queue: Number(queue), message: Number(message), receive: Number(receive), messageId }
}

function parseAttributes(text: string | null): Readonly<Record<string, string>> {
  return text ? (JSON.parse(text) as Record<string, string>) : {}
}

function textOrNull(attributes: object): string | null {
  return Object.keys(attributes).length > 0 ? JSON.stringify(attributes) : null
}
