import { AwsError } from '../aws-json/error.ts'
import type { Cloud, Deliver } from '../cloud.ts'
import type { Archives } from './archive.ts'
import type { Bus, Rule } from './buses.ts'
import type { RoutedEvent } from './event.ts'
import { renderInput, type Target } from './target.ts'

/** Told of every event that a bus took, once that is durable. */
export type Observe = (busName: string, envelope: RoutedEvent['envelope']) => void

export interface Router {
  /** Into the bus's archives and to the targets of every rule that matches; in the open transaction where there is one. */
  route(bus: Bus, event: RoutedEvent): void
  /** To the targets of one rule, whatever its pattern. */
  send(rule: Rule, event: RoutedEvent): void
}

export function createRouter(cloud: Cloud, archives: Archives, deliver: Deliver, observe: Observe = () => {}): Router {
  const sendTo = (rule: Rule, target: Target, event: RoutedEvent): void => {
    const body = renderInput(target, event)
    try {
      deliver(target.arn, body)
    } catch (error) {
      // Nobody may be told that an event is safe which the database has not taken.
      if (isDatabaseFailure(error)) throw error
      fail(rule, target, event, error)
    }
  }

  const fail = (rule: Rule, target: Target, event: RoutedEvent, error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error)
    const facts = { eventId: event.envelope.id, rule: rule.name, target: target.arn }
    if (target.deadLetterArn === undefined) {
      // As on AWS, where a rule without a dead-letter queue drops what its target refuses.
      cloud.log({
        level: 'error',
        from: 'events',
        message: `An event is lost, its target refused it: ${message}`,
        ...facts,
      })
      return
    }
    try {
      deliver(target.deadLetterArn, event.json, { attributes: deadLetterAttributes(rule, target, error, message) })
    } catch (deadLetterError) {
      if (isDatabaseFailure(deadLetterError)) throw deadLetterError
      const reason = deadLetterError instanceof Error ? deadLetterError.message : String(deadLetterError)
      cloud.log({
        level: 'error',
        from: 'events',
        message: `An event is lost, its target refused it (${message}) and so did the dead-letter queue: ${reason}`,
        ...facts,
      })
    }
  }

  const send = (rule: Rule, event: RoutedEvent): void => {
    for (const target of rule.targets) sendTo(rule, target, event)
  }

  return {
    route: (bus, event) =>
      cloud.db.transaction(() => {
        for (const archive of bus.archiving(event.envelope)) archives.append(archive, event)
        for (const rule of bus.matching(event.envelope)) send(rule, event)
        cloud.db.afterCommit(() => observe(bus.name, event.envelope))
      }),
    send: (rule, event) => cloud.db.transaction(() => send(rule, event)),
  }
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html#eb-dlq-message-attributes */
function deadLetterAttributes(
  rule: Rule,
  target: Target,
  error: unknown,
  message: string,
): Record<string, { DataType: string; StringValue: string }> {
  const gone = error instanceof AwsError && /DoesNotExist$|NotFound/.test(error.code)
  const text = (value: string) => ({ DataType: 'String', StringValue: value })
  return {
    RULE_ARN: text(rule.arn),
    TARGET_ARN: text(target.arn),
    ERROR_CODE: text(gone ? 'NO_RESOURCE' : 'SDK_CLIENT_ERROR'),
    ERROR_MESSAGE: text(message || 'no message'),
    // Delivery is a call within the process: what fails once fails again.
    RETRY_ATTEMPTS: { DataType: 'Number', StringValue: '0' },
  }
}

function isDatabaseFailure(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SQLITE_ERROR'
}
