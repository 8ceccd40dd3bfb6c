import type { Operation } from '../aws-json/serve.ts'
import type { Cloud } from '../cloud.ts'
import type { Archives } from './archive.ts'
import { archiveOperations } from './archive-operations.ts'
import type { Bus, Buses } from './buses.ts'
import { invalidPattern, wording } from './errors.ts'
import type { Holdings } from './holdings.ts'
import { page } from './page.ts'
import { matchesPattern } from './pattern.ts'
import { putEvents } from './put-events.ts'
import { replayOperations } from './replay-operations.ts'
import type { Replays } from './replays.ts'
import type { Router } from './router.ts'
import { ruleOperations } from './rule-operations.ts'

interface Parts {
  readonly buses: Buses
  readonly archives: Archives
  readonly router: Router
  readonly holdings: Holdings
  readonly replays: Replays
}

const DECLARE = 'declare it in a template, and start again.'
export const notRunning: Readonly<Record<string, string>> = Object.fromEntries(
  ['CreateEventBus', 'DeleteEventBus', 'UpdateEventBus', 'PutPermission', 'RemovePermission'].map((operation) => [
    operation,
    DECLARE,
  ]),
)

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Operations.html */
export function createOperations(
  cloud: Cloud,
  { buses, archives, router, holdings, replays }: Parts,
): Readonly<Record<string, Operation>> {
  const operations: Readonly<Record<string, Operation>> = {
    PutEvents: (input) => putEvents(cloud, buses, router, input),
    ListEventBuses: (input) => page(input, 'EventBuses', buses.list(), describeBus),
    DescribeEventBus: (input) => describeBus(buses.get(input.optionalText('Name'))),
    TestEventPattern: (input) => ({ Result: testPattern(input.text('EventPattern'), input.text('Event')) }),
    ...ruleOperations(buses, holdings),
    ...archiveOperations(buses, archives, holdings),
    ...replayOperations(buses, replays),
  }
  return Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [
      name,
      (input, call) => cloud.db.transaction(() => operation(input, call)),
    ]),
  )
}

function describeBus({ name, arn, description }: Bus): object {
  return { Name: name, Arn: arn, Description: description }
}

const EVENT_MEMBERS = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type']

function testPattern(patternJson: string, eventJson: string): boolean {
  const event = parse(eventJson)
  const missing = EVENT_MEMBERS.find((member) => typeof event !== 'object' || event === null || !(member in event))
  if (missing) throw wording.invalid('Event', `it must be a JSON object with ${EVENT_MEMBERS.join(', ')}`)
  try {
    return matchesPattern(parse(patternJson), event)
  } catch (error) {
    throw invalidPattern(error)
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
