import { AwsError } from '../aws-json/error.ts'
import type { Cloud, Deliver } from '../cloud.ts'
import type { Archives } from './archive.ts'
import type { Bus, Buses, Rule } from './buses.ts'
import { deadLetterAttributes, type Failure, failureOf } from './delivery-failure.ts'
import { isDatabaseFailure } from './errors.ts'
import type { RoutedEvent } from './event.ts'
import { renderInput, type Target } from './target.ts'

/** Told of every event that a bus took, once that is durable. */
export type Observe = (busName: string, envelope: RoutedEvent['envelope']) => void

export interface Router {
  /** Into the bus's archives and to the targets of every rule that matches; in the open transaction where there is one. */
  route(bus: Bus, event: RoutedEvent): void
  /** To the targets of one rule, whatever its pattern. */
  send(rule: Rule, event: RoutedEvent): void
  /** Once more to one target; `undefined` where it was taken. */
  attempt(rule: Rule, target: Target, event: RoutedEvent): Failure | undefined
  /** To the target's dead-letter queue, or into the log where it has none. */
  giveUp(delivery: Delivery, failure: Failure, exhausted?: ExhaustedCondition): void
}

/** An event that a target has not taken yet. */
export interface Delivery {
  readonly rule: Rule
  readonly target: Target
  readonly event: RoutedEvent
  /** Tries after the first. */
  readonly retries: number
}

export type ExhaustedCondition = 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds'

export interface RouterOptions {
  readonly buses: Buses
  readonly archives: Archives
  readonly deliver: Deliver
  /** Takes what a target refused for a reason that may pass. */
  readonly onTransient: (delivery: Delivery, failure: Failure) => void
  readonly observe: Observe
}

export function createRouter(cloud: Cloud, options: RouterOptions): Router {
  const { buses, archives, deliver, onTransient, observe } = options
  // A bus that is the target of a rule may have rules that send to buses: two of them could send to each other for ever.
  let hops = 0

  const give = (rule: Rule, target: Target, event: RoutedEvent): void => {
    const body = renderInput(target, event, { ruleArn: rule.arn, ruleName: rule.name, ingestedAt: cloud.now() })
    if (target.arn.split(':')[2] !== 'events') {
      const { messageGroupId } = target
      deliver(target.arn, body, messageGroupId === undefined ? undefined : { messageGroupId })
      return
    }
    if (hops >= MAX_HOPS) throw new AwsError('InvalidParameter', `The event went through ${MAX_HOPS} buses already.`)
    hops++
    try {
      forward(buses.get(target.arn), event)
    } finally {
      hops--
    }
  }

  /** Another bus takes it as an event of its own: with a new id, and without a replay's name. */
  const forward = (bus: Bus, { envelope, json, time }: RoutedEvent): void => {
    const { detail, 'replay-name': _, ...head } = envelope
    const detailJson = json.slice(json.indexOf(',"detail":') + ',"detail":'.length, -1)
    const own = { ...head, id: cloud.uuid() }
    route(bus, {
      envelope: { ...own, detail },
      json: `${JSON.stringify(own).slice(0, -1)},"detail":${detailJson}}`,
      time,
    })
  }

  const attempt = (rule: Rule, target: Target, event: RoutedEvent): Failure | undefined => {
    try {
      give(rule, target, event)
      return undefined
    } catch (error) {
      // Nobody may be told that an event is safe which the database has not taken.
      if (isDatabaseFailure(error)) throw error
      return failureOf(error)
    }
  }

  const giveUp: Router['giveUp'] = ({ rule, target, event, retries }, failure, exhausted) => {
    const lost = (reason: string) =>
      cloud.log({
        level: 'error',
        from: 'events',
        message: `An event is lost, its target refused it${reason}`,
        eventId: event.envelope.id,
        rule: rule.name,
        target: target.arn,
      })
    // As on AWS, where a rule without a dead-letter queue drops what its target refuses.
    if (target.deadLetterArn === undefined) {
      lost(`: ${failure.message}`)
      return
    }
    try {
      deliver(target.deadLetterArn, event.json, {
        attributes: deadLetterAttributes({ ruleArn: rule.arn, targetArn: target.arn, retries, failure, exhausted }),
      })
    } catch (error) {
      if (isDatabaseFailure(error)) throw error
      lost(` (${failure.message}) and so did the dead-letter queue: ${failureOf(error).message}`)
    }
  }

  const send = (rule: Rule, event: RoutedEvent): void => {
    for (const target of rule.targets) {
      const failure = attempt(rule, target, event)
      if (!failure) continue
      const delivery = { rule, target, event, retries: 0 }
      if (failure.transient) onTransient(delivery, failure)
      else giveUp(delivery, failure)
    }
  }

  const route = (bus: Bus, event: RoutedEvent): void =>
    cloud.db.transaction(() => {
      for (const archive of bus.archiving(event.envelope)) archives.append(archive, event)
      for (const rule of bus.matching(event.envelope)) send(rule, event)
      cloud.db.afterCommit(() => observe(bus.name, event.envelope))
    })

  return { route, attempt, giveUp, send: (rule, event) => cloud.db.transaction(() => send(rule, event)) }
}

const MAX_HOPS = 5
