import { createAlarm, type Schedule } from '../alarm.ts'
import type { Cloud, Deliver, DeliverOptions } from '../cloud.ts'
import type { LocalFunction } from './function.ts'
import type { InvocationResult } from './protocol.ts'

/** How a function's asynchronous invocations are retried; from its declaration and its `EventInvokeConfig`. */
export interface AsyncConfig {
  readonly maximumRetryAttempts: number
  readonly maximumEventAgeMs: number
  readonly onFailureArn?: string
  readonly onSuccessArn?: string
}

export const defaultAsyncConfig: AsyncConfig = { maximumRetryAttempts: 2, maximumEventAgeMs: 6 * 3_600_000 }

/** Lambda waits a minute before the first retry, and two before the second. */
export const RETRY_DELAYS_MS: readonly number[] = [60_000, 120_000]

export interface AsyncInvocations {
  /** Accepts an invocation durably; joins the open transaction. Returns its request id. */
  accept(target: LocalFunction, payload: string): string
  /** Takes up what an earlier run left, and goes on until `stop`. */
  start(): void
  stop(): void
}

export interface AsyncOptions {
  readonly deliver: Deliver
  readonly schedule: Schedule
  readonly retryDelaysMs: readonly number[]
  find(functionName: string): LocalFunction | undefined
  config(functionName: string): AsyncConfig
}

// More than any function runs at a time.
const ROWS_AT_A_TIME = 64

interface Row {
  readonly id: string
  readonly function: string
  readonly payload: string
  readonly attempts: number
  readonly accepted_at: number
}

/**
 * The queue behind asynchronous invocations: at least once, retried with a growing delay, then handed to the function's
 * dead-letter queue or on-failure destination.
 */
export function createAsyncInvocations(cloud: Cloud, options: AsyncOptions): AsyncInvocations {
  const { db } = cloud
  db.exec(`create table if not exists lambda_async (
    id text primary key, function text not null, payload text not null,
    attempts integer not null, accepted_at integer not null, due_at integer not null
  ) strict; create index if not exists lambda_async_due on lambda_async (due_at)`)
  const underway = new Set<string>()
  let started = false
  const alarm = createAlarm(cloud.now, options.schedule, () => pump())

  const subscribed = new Set<LocalFunction>()
  const pump = (): void => {
    if (!started) return
    const now = cloud.now()
    const names = db.prepare('select distinct function as name from lambda_async where due_at <= ?').all(now)
    for (const { name } of names) pumpFunction(String(name), now)
    const next = db.prepare('select min(due_at) as due from lambda_async where due_at > ?').get(now)
    if (typeof next?.['due'] === 'number') alarm.setBy(next['due'])
  }

  const pumpFunction = (name: string, now: number): void => {
    const target = options.find(name)
    if (!target) {
      const { changes } = db.prepare('delete from lambda_async where function = ?').run(name)
      const message = `dropped ${changes} invocations of ${name}, which the assembly no longer has`
      cloud.log({ level: 'warn', from: 'lambda', message })
      return
    }
    if (!subscribed.has(target)) {
      subscribed.add(target)
      target.onRoom(pump)
    }
    // What runs keeps its row until it has ended, so the oldest rows are those.
    const rows = db
      .prepare(
        `select id, function, payload, attempts, accepted_at from lambda_async
         where function = ? and due_at <= ? order by due_at, id limit ?`,
      )
      .all(name, now, underway.size + ROWS_AT_A_TIME) as unknown as Row[]
    for (const row of rows) if (!underway.has(row.id) && target.hasRoom()) void run(row, target)
  }

  const run = async (row: Row, target: LocalFunction): Promise<void> => {
    underway.add(row.id)
    const result = await target.invoke(row.payload, row.id)
    underway.delete(row.id)
    // What a stop cut off keeps its row as it is: the next start runs it.
    if (!started && !result.ok) return
    db.transaction(() => settle(row, target, result))
    pump()
  }

  const settle = (row: Row, target: LocalFunction, result: InvocationResult): void => {
    const config = options.config(row.function)
    const attempts = row.attempts + 1
    if (!result.ok && attempts <= config.maximumRetryAttempts) {
      const delay = options.retryDelaysMs[row.attempts] ?? options.retryDelaysMs.at(-1) ?? 0
      if (cloud.now() + delay - row.accepted_at <= config.maximumEventAgeMs) {
        db.prepare('update lambda_async set attempts = ?, due_at = ? where id = ?').run(
          attempts,
          cloud.now() + delay,
          row.id,
        )
        return
      }
    }
    db.prepare('delete from lambda_async where id = ?').run(row.id)
    const destination = result.ok ? config.onSuccessArn : config.onFailureArn
    if (destination !== undefined) {
      send(row, destination, destinationRecord(cloud, row, target, result, attempts))
    } else if (!result.ok && target.declaration.deadLetterArn !== undefined) {
      send(row, target.declaration.deadLetterArn, row.payload, {
        RequestID: { DataType: 'String', StringValue: row.id },
        ErrorCode: { DataType: 'Number', StringValue: '200' },
        ErrorMessage: { DataType: 'String', StringValue: result.error.errorMessage || 'Unknown' },
      })
    } else if (!result.ok) {
      const message = `gave up after ${attempts} attempts: ${result.error.errorType}: ${result.error.errorMessage}`
      cloud.log({ level: 'error', from: `lambda:${row.function}`, message, requestId: row.id })
    }
  }

  const send = (row: Row, targetArn: string, body: string, attributes: DeliverOptions['attributes'] = {}): void => {
    try {
      options.deliver(targetArn, body, { attributes })
    } catch (error) {
      // Lambda drops it too, and counts it as a destination delivery failure.
      const message = `${targetArn} could not be told of request ${row.id}: ${String(error)}`
      cloud.log({ level: 'error', from: `lambda:${row.function}`, message, requestId: row.id })
    }
  }

  return {
    accept(target, payload) {
      const id = cloud.uuid()
      db.prepare('insert into lambda_async values (?, ?, ?, 0, ?, ?)').run(
        id,
        target.declaration.name,
        payload,
        cloud.now(),
        cloud.now(),
      )
      db.afterCommit(pump)
      return id
    },
    start() {
      started = true
      pump()
    },
    stop() {
      started = false
      alarm.stop()
    },
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
function destinationRecord(
  cloud: Cloud,
  row: Row,
  { declaration }: LocalFunction,
  result: InvocationResult,
  attempts: number,
): string {
  return JSON.stringify({
    version: '1.0',
    timestamp: new Date(cloud.now()).toISOString(),
    requestContext: {
      requestId: row.id,
      functionArn: `${declaration.arn}:$LATEST`,
      condition: result.ok ? 'Success' : 'RetriesExhausted',
      approximateInvokeCount: attempts,
    },
    requestPayload: JSON.parse(row.payload),
    responseContext: {
      statusCode: 200,
      executedVersion: '$LATEST',
      ...(result.ok ? {} : { functionError: 'Unhandled' }),
    },
    responsePayload: result.ok ? JSON.parse(result.payload) : result.error,
  })
}
