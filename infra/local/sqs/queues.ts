import { AwsError } from '../aws-json/error.ts'
import type { Cloud } from '../cloud.ts'
import {
  allowsRedriveFrom,
  checkAttributes,
  checkKind,
  DEFAULT_ATTRIBUTES,
  DEFAULT_FIFO_ATTRIBUTES,
  type QueueAttributes,
  type QueueSettings,
  settingsOf,
} from './attributes.ts'
import { invalidValue, queueDoesNotExist } from './errors.ts'

export interface Queue {
  readonly id: number
  readonly name: string
  readonly arn: string
  /** Checked, defaults included. */
  readonly attributes: QueueAttributes
  readonly settings: QueueSettings
  readonly tags: Readonly<Record<string, string>>
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly modifiedAt: number
  readonly purgedAt: number | undefined
}

/** The queues themselves, without their messages. */
export interface Queues {
  /** @throws AwsError QueueDoesNotExist */
  get(arn: string): Queue
  find(name: string): Queue | undefined
  /** In the order of names. */
  list(): readonly Queue[]
  /** @throws AwsError QueueNameExists where a queue of that name has another value for one of `given`. */
  create(name: string, given: QueueAttributes, tags: Readonly<Record<string, string>>): Queue
  /**
   * Makes the queue as a template declares it, or gives the one that exists exactly these attributes and tags, where the
   * template says something new: what was set through the API since then stands, as on AWS.
   */
  declare(name: string, given: QueueAttributes, tags: Readonly<Record<string, string>>): Queue
  setAttributes(queue: Queue, given: QueueAttributes): void
  setTags(queue: Queue, tags: Readonly<Record<string, string>>): void
  setPurged(queue: Queue): void
  delete(queue: Queue): void
  arnOf(name: string): string
  /** The name in the ARN of a queue of this account and region. */
  nameOf(arn: string): string | undefined
}

interface QueueRow {
  id: number
  name: string
  attributes: string
  tags: string
  created_at: number
  modified_at: number
  purged_at: number | null
}

export function openQueues(cloud: Cloud): Queues {
  const { db } = cloud
  db.exec(`create table if not exists sqs_queue (
    id integer primary key autoincrement,
    name text not null unique,
    attributes text not null,
    tags text not null,
    created_at integer not null,
    modified_at integer not null,
    purged_at integer
  ) strict;
  create table if not exists sqs_declared (name text primary key, declaration text not null) strict`)
  const prefix = `arn:aws:sqs:${cloud.region}:${cloud.accountId}:`

  const fromRow = (row: QueueRow): Queue => {
    const attributes = JSON.parse(row.attributes) as QueueAttributes
    return {
      id: row.id,
      name: row.name,
      arn: prefix + row.name,
      attributes,
      settings: settingsOf(attributes),
      tags: JSON.parse(row.tags) as Record<string, string>,
      createdAt: row.created_at,
      modifiedAt: row.modified_at,
      purgedAt: row.purged_at ?? undefined,
    }
  }

  const find = (name: string): Queue | undefined => {
    const row = db.prepare('select * from sqs_queue where name = ?').get(name)
    return row && fromRow(row as unknown as QueueRow)
  }

  const nameOf = (arn: string): string | undefined => (arn.startsWith(prefix) ? arn.slice(prefix.length) : undefined)

  const checkRedrive = (name: string, attributes: QueueAttributes): void => {
    const target = settingsOf(attributes).redrive?.deadLetterTargetArn
    if (target === undefined) return
    const fault = (reason: string) =>
      invalidValue(`Value ${attributes['RedrivePolicy']} for parameter RedrivePolicy is invalid. Reason: ${reason}.`)
    const deadLetterQueue = find(nameOf(target) ?? '')
    if (!deadLetterQueue) throw fault('Dead letter target does not exist')
    if ((deadLetterQueue.settings.fifo === undefined) !== (settingsOf(attributes).fifo === undefined))
      throw fault('Dead-letter queue must be same type of queue as the source')
    if (!allowsRedriveFrom(deadLetterQueue.attributes, prefix + name))
      throw fault("The dead letter target's RedriveAllowPolicy does not let this queue in")
  }

  const insert = (name: string, attributes: QueueAttributes, tags: Readonly<Record<string, string>>): Queue => {
    checkKind(name, attributes)
    if (name.length > 80 || !/^[A-Za-z0-9_-]+(\.fifo)?$/.test(name))
      throw invalidValue(
        'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length: a queue name.',
      )
    checkRedrive(name, attributes)
    const now = cloud.now()
    db.prepare('insert into sqs_queue (name, attributes, tags, created_at, modified_at) values (?, ?, ?, ?, ?)').run(
      name,
      JSON.stringify(attributes),
      JSON.stringify(tags),
      now,
      now,
    )
    return existing(name)
  }

  const existing = (name: string): Queue => {
    const queue = find(name)
    if (!queue) throw queueDoesNotExist()
    return queue
  }

  const withDefaults = (attributes: QueueAttributes): QueueAttributes => {
    const initial =
      attributes['FifoQueue'] === 'true' ? { ...DEFAULT_ATTRIBUTES, ...DEFAULT_FIFO_ATTRIBUTES } : DEFAULT_ATTRIBUTES
    return withoutEmpty({ ...initial, ...attributes })
  }

  const write = (queue: Queue, attributes: QueueAttributes): void => {
    checkKind(queue.name, attributes)
    checkRedrive(queue.name, attributes)
    db.prepare('update sqs_queue set attributes = ?, modified_at = ? where id = ?').run(
      JSON.stringify(attributes),
      cloud.now(),
      queue.id,
    )
  }

  return {
    find,
    nameOf,
    arnOf: (name) => prefix + name,
    get: (arn) => existing(nameOf(arn) ?? ''),
    list: () => (db.prepare('select * from sqs_queue order by name').all() as unknown as QueueRow[]).map(fromRow),
    create: (name, given, tags) =>
      db.transaction(() => {
        const attributes = checkAttributes(given)
        const queue = find(name)
        if (!queue) return insert(name, withDefaults(attributes), tags)
        for (const [attribute, value] of Object.entries(attributes))
          if ((queue.attributes[attribute] ?? '') !== value)
            throw new AwsError(
              'QueueNameExists',
              `A queue already exists with the same name and a different value for attribute ${attribute}`,
            )
        return queue
      }),
    declare: (name, given, tags) =>
      db.transaction(() => {
        const attributes = withDefaults(checkAttributes(given))
        const declaration = JSON.stringify([given, tags])
        const before = db.prepare('select declaration from sqs_declared where name = ?').get(name)
        db.prepare('insert or replace into sqs_declared (name, declaration) values (?, ?)').run(name, declaration)
        const queue = find(name)
        if (!queue) return insert(name, attributes, tags)
        if (before?.['declaration'] === declaration) return queue
        write(queue, attributes)
        db.prepare('update sqs_queue set tags = ? where id = ?').run(JSON.stringify(tags), queue.id)
        return existing(name)
      }),
    setAttributes: (queue, given) => write(queue, withoutEmpty({ ...queue.attributes, ...checkAttributes(given) })),
    setTags: (queue, tags) => {
      db.prepare('update sqs_queue set tags = ? where id = ?').run(JSON.stringify(tags), queue.id)
    },
    setPurged: (queue) => {
      db.prepare('update sqs_queue set purged_at = ? where id = ?').run(cloud.now(), queue.id)
    },
    delete: (queue) => {
      db.prepare('delete from sqs_queue where id = ?').run(queue.id)
    },
  }
}

function withoutEmpty(attributes: QueueAttributes): QueueAttributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ''))
}
