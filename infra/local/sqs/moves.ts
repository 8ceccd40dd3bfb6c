import type { Schedule } from '../alarm.ts'
import { AwsError } from '../aws-json/error.ts'
import type { Operation } from '../aws-json/serve.ts'
import type { Cloud } from '../cloud.ts'
import { invalidValue } from './errors.ts'
import type { Messages, Movable } from './messages.ts'
import type { Queue, Queues } from './queues.ts'
import type { Signals } from './signals.ts'

/**
 * Message-move tasks: dead letters back to where they died, or to another queue, so many a second. How far a task has
 * come is written in the transaction that moves its messages.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
 */
export interface Moves {
  /** Answers the task's handle. @throws AwsError */
  start(source: Queue, destination: Queue | undefined, perSecond: number | undefined): string
  /** Answers how many messages were moved. @throws AwsError ResourceNotFoundException, UnsupportedOperation */
  cancel(handle: string): number
  /** The newest first. */
  list(source: Queue): readonly MoveTask[]
  /** Goes on with what ran when the runtime ended. */
  resume(): void
  stop(): void
}

export type MoveStatus = 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED'

export interface MoveTask {
  readonly handle: string
  readonly sourceArn: string
  readonly destinationArn: string | undefined
  readonly perSecond: number | undefined
  readonly status: MoveStatus
  readonly failureReason: string | undefined
  readonly moved: number
  readonly toMove: number
  /** Milliseconds since 1970. */
  readonly startedAt: number
}

interface Row {
  readonly handle: string
  readonly source: string
  readonly destination: string | null
  readonly per_second: number | null
  readonly status: MoveStatus
  readonly failure: string | null
  readonly newest: number
  readonly moved: number
  readonly to_move: number
  readonly started_at: number
}

interface Parts {
  readonly queues: Queues
  readonly messages: Messages
  readonly signals: Signals
  readonly schedule: Schedule
}

const MAX_PER_SECOND = 500
const PARTS_OF_A_SECOND = 10

export function createMoves(cloud: Cloud, { queues, messages, signals, schedule }: Parts): Moves {
  const { db } = cloud
  db.exec(`create table if not exists sqs_move (
    handle text primary key,
    source text not null,
    destination text,
    per_second integer,
    status text not null,
    failure text,
    newest integer not null,
    moved integer not null default 0,
    to_move integer not null,
    started_at integer not null
  ) strict`)
  const timers = new Map<string, () => void>()
  let stopped = false

  const find = (handle: string): Row | undefined =>
    db.prepare('select * from sqs_move where handle = ?').get(handle) as unknown as Row | undefined
  const ofSource = (arn: string): readonly Row[] =>
    db
      .prepare('select * from sqs_move where source = ? order by started_at desc, rowid desc')
      .all(arn) as unknown as readonly Row[]
  const setStatus = (handle: string, status: MoveStatus, failure: string | null = null): void => {
    db.prepare('update sqs_move set status = ?, failure = ? where handle = ?').run(status, failure, handle)
  }

  const movePart = (row: Row): void => {
    const source = queues.find(queues.nameOf(row.source) ?? '')
    if (!source) {
      setStatus(row.handle, 'FAILED', 'AWS.SimpleQueueService.NonExistentQueue')
      return
    }
    const destinations = new Map<string, Queue>()
    const destinationOf = ({ sourceArn }: Movable): Queue => {
      const arn = row.destination ?? sourceArn
      if (arn === undefined) throw new MoveFailed('CouldNotDetermineMessageSource')
      const queue = destinations.get(arn) ?? queues.find(queues.nameOf(arn) ?? '')
      if (!queue) throw new MoveFailed('AWS.SimpleQueueService.NonExistentQueue')
      destinations.set(arn, queue)
      return queue
    }
    const max = Math.ceil((row.per_second ?? MAX_PER_SECOND) / PARTS_OF_A_SECOND)
    const moved = messages.move(source, max, row.newest, destinationOf)
    db.prepare('update sqs_move set moved = moved + ? where handle = ?').run(moved, row.handle)
    if (moved < max) setStatus(row.handle, 'COMPLETED')
    for (const queue of destinations.values()) signals.visibleAt(queue, cloud.now())
  }

  const run = (handle: string): void => {
    timers.delete(handle)
    const row = find(handle)
    if (row?.status !== 'RUNNING') return
    try {
      db.transaction(() => movePart(row))
    } catch (error) {
      if (error instanceof MoveFailed) setStatus(handle, 'FAILED', error.message)
      else cloud.log({ level: 'error', from: 'sqs', message: `A message-move task waits: ${String(error)}`, handle })
    }
    const after = find(handle)
    if (after?.status === 'RUNNING') setTimer(after)
  }
  const setTimer = ({ handle, per_second }: Pick<Row, 'handle' | 'per_second'>): void => {
    if (stopped) return
    const perSecond = per_second ?? MAX_PER_SECOND
    const delay = (Math.ceil(perSecond / PARTS_OF_A_SECOND) / perSecond) * 1000
    timers.get(handle)?.()
    timers.set(
      handle,
      schedule(delay, () => run(handle)),
    )
  }

  return {
    start(source, destination, perSecond) {
      if (!queues.list().some(({ settings }) => settings.redrive?.deadLetterTargetArn === source.arn))
        throw invalidValue('Source queue must be configured as a Dead Letter Queue.')
      if (ofSource(source.arn).some(({ status }) => status === 'RUNNING'))
        throw new AwsError(
          'UnsupportedOperation',
          'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
        )
      const handle = Buffer.from(JSON.stringify({ taskId: cloud.uuid(), sourceArn: source.arn })).toString('base64')
      db.prepare(
        `insert into sqs_move (handle, source, destination, per_second, status, newest, to_move, started_at)
         values (?, ?, ?, ?, 'RUNNING', ?, ?, ?)`,
      ).run(
        handle,
        source.arn,
        destination?.arn ?? null,
        perSecond ?? null,
        // What dies again meanwhile is not moved in a circle.
        messages.newest(source),
        messages.count(source).visible,
        cloud.now(),
      )
      db.afterCommit(() => setTimer({ handle, per_second: perSecond ?? null }))
      return handle
    },
    cancel(handle) {
      const row = find(handle)
      if (!row) throw new AwsError('ResourceNotFoundException', 'Task does not exist.', 404)
      if (row.status !== 'RUNNING')
        throw new AwsError('UnsupportedOperation', `A task that is ${row.status} cannot be cancelled.`)
      setStatus(handle, 'CANCELLED')
      return row.moved
    },
    list: ({ arn }) =>
      ofSource(arn).map((row) => ({
        handle: row.handle,
        sourceArn: row.source,
        destinationArn: row.destination ?? undefined,
        perSecond: row.per_second ?? undefined,
        status: row.status,
        failureReason: row.failure ?? undefined,
        moved: row.moved,
        toMove: row.to_move,
        startedAt: row.started_at,
      })),
    resume() {
      const running = db.prepare("select handle, per_second from sqs_move where status = 'RUNNING'").all()
      for (const row of running) setTimer(row as unknown as Row)
    },
    stop() {
      stopped = true
      for (const cancel of timers.values()) cancel()
      timers.clear()
    },
  }
}

/** Why a task cannot go on, as AWS names it. */
class MoveFailed extends Error {
  override readonly name = 'MoveFailed'
}

export function moveOperations(queues: Queues, moves: Moves): Readonly<Record<string, Operation>> {
  const queueOf = (arn: string): Queue => {
    const queue = queues.find(queues.nameOf(arn) ?? '')
    if (queue) return queue
    throw new AwsError('ResourceNotFoundException', `The resource that you specified (${arn}) doesn't exist.`, 404)
  }
  return {
    StartMessageMoveTask(input) {
      const destination = input.optionalText('DestinationArn')
      return {
        TaskHandle: moves.start(
          queueOf(input.text('SourceArn')),
          destination === undefined ? undefined : queueOf(destination),
          input.optionalInteger('MaxNumberOfMessagesPerSecond', 1, MAX_PER_SECOND),
        ),
      }
    },
    CancelMessageMoveTask: (input) => ({ ApproximateNumberOfMessagesMoved: moves.cancel(input.text('TaskHandle')) }),
    ListMessageMoveTasks(input) {
      const max = input.optionalInteger('MaxResults', 1, 10) ?? 1
      const tasks = moves.list(queueOf(input.text('SourceArn')))
      return {
        Results: tasks.slice(0, max).map((task) => ({
          TaskHandle: task.status === 'RUNNING' ? task.handle : undefined,
          Status: task.status,
          SourceArn: task.sourceArn,
          DestinationArn: task.destinationArn,
          MaxNumberOfMessagesPerSecond: task.perSecond,
          ApproximateNumberOfMessagesMoved: task.moved,
          ApproximateNumberOfMessagesToMove: task.toMove,
          FailureReason: task.failureReason,
          StartedTimestamp: task.startedAt,
        })),
      }
    },
  }
}
