import { AwsError } from '../aws-json/error.ts'
import type { Input } from '../aws-json/input.ts'
import type { Operation } from '../aws-json/serve.ts'
import type { Cloud } from '../cloud.ts'
import type { Archives } from './archive.ts'
import type { Archive, Bus, Buses, Rule } from './buses.ts'
import { notFound, wording } from './errors.ts'
import { InvalidPatternError, matchesPattern } from './pattern.ts'
import { putEvents } from './put-events.ts'
import type { Router } from './router.ts'
import type { Target } from './target.ts'

interface Parts {
  readonly buses: Buses
  readonly archives: Archives
  readonly router: Router
}

const REPLAY = 'replays are not part of the local event bus yet.'
const DECLARE = 'declare it in a template, and start again.'
export const notRunning: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['StartReplay', 'CancelReplay', 'DescribeReplay', 'ListReplays'].map((operation) => [operation, REPLAY]),
  ),
  ...Object.fromEntries(
    [
      'CreateArchive',
      'CreateEventBus',
      'DeleteArchive',
      'DeleteEventBus',
      'DeleteRule',
      'DisableRule',
      'EnableRule',
      'PutRule',
      'PutTargets',
      'RemoveTargets',
      'UpdateArchive',
      'UpdateEventBus',
    ].map((operation) => [operation, DECLARE]),
  ),
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Operations.html */
export function createOperations(
  cloud: Cloud,
  { buses, archives, router }: Parts,
): Readonly<Record<string, Operation>> {
  const ruleOf = (input: Input, member: string): Rule => {
    const name = input.text(member)
    const rule = buses.get(input.optionalText('EventBusName')).rules.get(name)
    if (!rule) throw notFound(`Rule ${name}`)
    return rule
  }

  return {
    PutEvents: (input) => cloud.db.transaction(() => putEvents(cloud, buses, router, input)),
    ListEventBuses: (input) => page(input, 'EventBuses', buses.list(), describeBus),
    DescribeEventBus: (input) => describeBus(buses.get(input.optionalText('Name'))),
    ListRules(input) {
      const { rules } = buses.get(input.optionalText('EventBusName'))
      return page(input, 'Rules', [...rules.values()], describeRule)
    },
    DescribeRule: (input) => describeRule(ruleOf(input, 'Name')),
    ListTargetsByRule: (input) => ({ Targets: ruleOf(input, 'Rule').targets.map(describeTarget) }),
    TestEventPattern: (input) => ({ Result: testPattern(input.text('EventPattern'), input.text('Event')) }),
    ListArchives(input) {
      const source = input.optionalText('EventSourceArn')
      const some = buses.archives().filter(({ busArn }) => source === undefined || busArn === source)
      return page(input, 'Archives', some, (archive) => summarizeArchive(archive, archives))
    },
    DescribeArchive(input) {
      const name = input.text('ArchiveName')
      const archive = buses.archives().find((one) => one.name === name)
      if (!archive) throw notFound(`Archive ${name}`)
      return {
        ...summarizeArchive(archive, archives),
        ArchiveArn: archive.arn,
        Description: archive.description,
        EventPattern: archive.pattern?.json,
      }
    },
  }
}

function describeBus({ name, arn, description }: Bus): object {
  return { Name: name, Arn: arn, Description: description }
}

function describeRule(rule: Rule): object {
  return {
    Name: rule.name,
    Arn: rule.arn,
    EventBusName: rule.busName,
    Description: rule.description,
    EventPattern: rule.pattern?.json,
    ScheduleExpression: rule.schedule,
    State: rule.enabled ? 'ENABLED' : 'DISABLED',
  }
}

function describeTarget({ id, arn, deadLetterArn, input, retryPolicy, roleArn }: Target): object {
  return {
    Id: id,
    Arn: arn,
    RoleArn: roleArn,
    RetryPolicy: retryPolicy,
    DeadLetterConfig: deadLetterArn === undefined ? undefined : { Arn: deadLetterArn },
    Input: input && 'constant' in input ? input.constant : undefined,
    InputPath: input && 'path' in input ? input.path : undefined,
  }
}

function summarizeArchive(archive: Archive, archives: Archives): object {
  const { createdAt, eventCount, sizeBytes } = archives.facts(archive)
  return {
    ArchiveName: archive.name,
    EventSourceArn: archive.busArn,
    State: 'ENABLED',
    RetentionDays: archive.retentionDays,
    SizeBytes: sizeBytes,
    EventCount: eventCount,
    CreationTime: createdAt / 1000,
  }
}

const EVENT_MEMBERS = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type']

function testPattern(patternJson: string, eventJson: string): boolean {
  const event = parse(eventJson)
  const missing = EVENT_MEMBERS.find((member) => typeof event !== 'object' || event === null || !(member in event))
  if (missing) throw wording.invalid('Event', `it must be a JSON object with ${EVENT_MEMBERS.join(', ')}`)
  try {
    return matchesPattern(parse(patternJson), event)
  } catch (error) {
    if (!(error instanceof InvalidPatternError)) throw error
    throw new AwsError('InvalidEventPatternException', error.message)
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** One page of what the input's `NamePrefix` selects, by name; the token is the last name of the page before. */
function page<T extends { readonly name: string }>(
  input: Input,
  member: string,
  items: readonly T[],
  describe: (item: T) => object,
): object {
  const prefix = input.optionalText('NamePrefix') ?? ''
  const after = Buffer.from(input.optionalText('NextToken') ?? '', 'base64url').toString()
  const limit = input.optionalInteger('Limit', 1, 100) ?? 100
  const rest = items
    .filter(({ name }) => name.startsWith(prefix) && name > after)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const last = rest[limit - 1]
  return {
    [member]: rest.slice(0, limit).map(describe),
    NextToken: rest.length > limit && last ? Buffer.from(last.name).toString('base64url') : undefined,
  }
}
