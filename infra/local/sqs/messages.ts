import { AwsError } from '../aws-json/error.ts'
import type { Cloud, ReceivedMessage } from '../cloud.ts'
import { invalidReceiptHandle, invalidValue } from './errors.ts'
import { type MessageAttributes, md5, sha256 } from './message-attributes.ts'
import type { Queue } from './queues.ts'

export interface Draft {
  readonly body: string
  readonly attributes: MessageAttributes
  /** `AWSTraceHeader`, and for FIFO queues `MessageGroupId` and `MessageDeduplicationId`. */
  readonly systemAttributes: Readonly<Record<string, string>>
  /** Seconds; the queue's own where absent. */
  readonly delaySeconds?: number | undefined
}

export interface Sent {
  readonly messageId: string
  readonly md5OfBody: string
  /** Milliseconds since 1970. */
  readonly visibleAt: number
  /** Of FIFO queues: grows with every message. */
  readonly sequenceNumber?: string
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
  /** A FIFO queue that has had the message in the last five minutes answers what it answered then. */
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
  /**
   * Takes up to `max` visible messages, oldest first and none after the position `newest`, out of a queue, each into the
   * queue that `destination` names for it. There it is a message like a new one. Answers how many it took.
   */
  move(queue: Queue, max: number, newest: number, destination: (message: Movable) => Queue): number
  /** The position of the message that came last. */
  newest(queue: Queue): number
  count(queue: Queue): Counts
  isVisible(queue: Queue): boolean
  /** Whether a message has this text in its body, visible or not. */
  holds(queue: Queue, text: string): boolean
  /** When the next hidden message becomes visible, in milliseconds since 1970. */
  nextVisibleAt(queue: Queue): number | undefined
}

export interface Movable {
  /** The queue that it died in, where this is a dead-letter queue. */
  readonly sourceArn: string | undefined
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
  create index if not exists sqs_message_sent on sqs_message (queue, sent_at);
  create table if not exists sqs_deduplication (
    queue integer not null,
    message_group text not null,
    id text not null,
    message_id text not null,
    sequence integer not null,
    sent_at integer not null,
    primary key (queue, message_group, id)
  ) strict`)
  // Data folders of before FIFO queues have the table without it.
  if (!db.prepare("select 1 from pragma_table_info('sqs_message') where name = 'message_group'").get())
    db.exec('alter table sqs_message add column message_group text')
  db.exec(
    'create index if not exists sqs_message_group on sqs_message (queue, message_group) where message_group is not null',
  )

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
        ...(queue.settings.fifo && { SequenceNumber: sequenceNumber(row.id) }),
      },
      messageAttributes: row.attributes ? (JSON.parse(row.attributes) as MessageAttributes) : {},
    }
  }

  const readHandle = (queue: Queue, text: string): Handle => {
    const handle = parseHandle(text)
    if (handle?.queue !== queue.id) throw invalidReceiptHandle(text)
    return handle
  }

  const insert = (queue: Queue, draft: Draft): Sent => {
    const now = cloud.now()
    const messageId = cloud.uuid()
    const visibleAt = now + (draft.delaySeconds ?? queue.settings.delaySeconds) * 1000
    const { lastInsertRowid } = db
      .prepare(
        `insert into sqs_message
           (queue, message_id, body, attributes, system_attributes, sent_at, visible_at, message_group)
         values (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        queue.id,
        messageId,
        draft.body,
        textOrNull(draft.attributes),
        textOrNull(draft.systemAttributes),
        now,
        visibleAt,
        queue.settings.fifo ? (draft.systemAttributes['MessageGroupId'] ?? '') : null,
      )
    const sent = { messageId, md5OfBody: md5(draft.body), visibleAt }
    return queue.settings.fifo ? { ...sent, sequenceNumber: sequenceNumber(Number(lastInsertRowid)) } : sent
  }

  /** Deduplication ids count for five minutes, whether or not their message is still there. */
  const findDuplicate = (queue: Queue, group: string, id: string) => {
    db.prepare('delete from sqs_deduplication where queue = ? and sent_at <= ?').run(
      queue.id,
      cloud.now() - DEDUPLICATION_MS,
    )
    const row = db
      .prepare('select message_id, sequence from sqs_deduplication where queue = ? and message_group = ? and id = ?')
      .get(queue.id, group, id) as { message_id: string; sequence: number } | undefined
    return row && { messageId: row.message_id, sequenceNumber: sequenceNumber(row.sequence) }
  }

  const one = (sql: string, ...values: (string | number)[]): number =>
    (db.prepare(sql).get(...values) as { n: number | null } | undefined)?.n ?? 0

  return {
    send(queue, draft) {
      const { fifo } = queue.settings
      if (!fifo) return insert(queue, draft)
      const { MessageGroupId = '', MessageDeduplicationId: id = sha256(draft.body) } = draft.systemAttributes
      const group = fifo.perGroup ? MessageGroupId : ''
      const earlier = findDuplicate(queue, group, id)
      if (earlier) return { ...earlier, md5OfBody: md5(draft.body), visibleAt: cloud.now() }
      const system = { ...draft.systemAttributes, MessageDeduplicationId: id }
      const sent = insert(queue, { ...draft, systemAttributes: system })
      const { messageId, sequenceNumber } = sent
      db.prepare(
        `insert or replace into sqs_deduplication (queue, message_group, id, message_id, sequence, sent_at)
         values (?, ?, ?, ?, ?, ?)`,
      ).run(queue.id, group, id, messageId, Number(sequenceNumber), cloud.now())
      return sent
    },
    receive(queue, max, visibilitySeconds, deadLetters) {
      expire(queue)
      const received: ReceivedMessage[] = []
      const due = db.prepare(queue.settings.fifo ? DUE_IN_ORDER : DUE)
      const limit = queue.settings.redrive?.maxReceiveCount ?? Number.POSITIVE_INFINITY
      // With a visibility of 0 a message is due again at once: `seen` ends the loop.
      const seen = new Set<number>()
      for (;;) {
        const rows = (
          due.all({ queue: queue.id, now: cloud.now(), max: max - received.length }) as unknown as MessageRow[]
        ).filter((row) => !seen.has(row.id))
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
      // Its group may have gone on without it.
      if (queue.settings.fifo && one('select visible_at as n from sqs_message where id = ?', message) <= cloud.now())
        throw invalidValue(
          `Value ${receiptHandle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
        )
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
    move(queue, max, newest, destination) {
      const rows = db
        .prepare(
          `select id, body, attributes, system_attributes from sqs_message
           where queue = ? and visible_at <= ? and id <= ? order by id limit ?`,
        )
        .all(queue.id, cloud.now(), newest, max) as unknown as Pick<
        MessageRow,
        'id' | 'body' | 'attributes' | 'system_attributes'
      >[]
      for (const row of rows) {
        const { DeadLetterQueueSourceArn: sourceArn, ...systemAttributes } = parseAttributes(row.system_attributes)
        const attributes = row.attributes ? (JSON.parse(row.attributes) as MessageAttributes) : {}
        insert(destination({ sourceArn }), { body: row.body, attributes, systemAttributes })
        db.prepare('delete from sqs_message where id = ?').run(row.id)
      }
      return rows.length
    },
    newest: (queue) => one('select max(id) as n from sqs_message where queue = ?', queue.id),
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
    holds: (queue, text) =>
      one('select 1 as n from sqs_message where queue = ? and instr(body, ?) > 0 limit 1', queue.id, text) === 1,
    nextVisibleAt: (queue) =>
      one('select min(visible_at) as n from sqs_message where queue = ? and visible_at > ?', queue.id, cloud.now()) ||
      undefined,
  }
}

const DEDUPLICATION_MS = 300_000

const COLUMNS = 'id, message_id, body, attributes, system_attributes, sent_at, receives, first_received_at'
const DUE = `select ${COLUMNS} from sqs_message
  where queue = :queue and visible_at <= :now order by visible_at, id limit :max`
// Nothing of a group is given out while one of it is in flight, nor before one that was sent earlier.
const DUE_IN_ORDER = `select ${COLUMNS} from sqs_message as message
  where queue = :queue and visible_at <= :now and not exists (
    select 1 from sqs_message as other
    where other.queue = message.queue and other.message_group = message.message_group and other.visible_at > :now
      and (other.received = 1 or other.id < message.id)
  ) order by id limit :max`

function sequenceNumber(id: number): string {
  return String(id).padStart(20, '0')
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
