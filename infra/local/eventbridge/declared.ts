import { listProperty, onlyProperties, optionalNumber, optionalString } from '../assembly/properties.ts'
import type { Archive, Bus, EventPattern, Rule } from './buses.ts'
import { matchesPattern } from './pattern.ts'
import { parseSchedule } from './schedule.ts'
import { readTarget } from './target.ts'

type Properties = Readonly<Record<string, unknown>>

const MAX_PATTERN = 2048
const MAX_TARGETS = 5
const NO_KEYS = 'local files are not encrypted'
const NO_IAM = 'everyone with the local credentials may do everything'

/**
 * Reads the properties of `AWS::Events::Rule`, which are PutRule's and PutTargets' own words too.
 * @throws Error naming what does not run here; InvalidPatternError
 */
export function readRule(properties: Properties, name: string, bus: Pick<Bus, 'name'>): Omit<Rule, 'arn'> {
  onlyProperties(
    { properties },
    ['Name', 'Description', 'EventBusName', 'EventPattern', 'ScheduleExpression', 'State', 'Targets'],
    { RoleArn: NO_IAM, Tags: 'kept nowhere' },
  )
  const pattern = readPattern(properties['EventPattern'])
  const schedule = optionalString(properties, 'ScheduleExpression')
  if (!pattern && schedule === undefined) throw new Error('a rule needs an EventPattern or a ScheduleExpression')
  if (schedule !== undefined) {
    parseSchedule(schedule)
    if (bus.name !== 'default') throw new Error('ScheduleExpression is for rules of the default bus only')
  }
  const targets = listProperty(properties, 'Targets').map((target, index) => readTarget(target, `Targets[${index}]`))
  if (targets.length > MAX_TARGETS) throw new Error(`Targets: a rule has at most ${MAX_TARGETS}`)
  if (new Set(targets.map(({ id }) => id)).size < targets.length) throw new Error('Targets: two have the same Id')
  return {
    name,
    busName: bus.name,
    description: optionalString(properties, 'Description'),
    enabled: readState(optionalString(properties, 'State')),
    pattern,
    schedule,
    targets,
    declared: properties,
  }
}

/**
 * Reads the properties of `AWS::Events::Archive`, which are CreateArchive's own words too.
 * @throws Error naming what does not run here; InvalidPatternError
 */
export function readArchive(properties: Properties, name: string, bus: Pick<Bus, 'arn'>): Omit<Archive, 'arn'> {
  onlyProperties({ properties }, ['ArchiveName', 'SourceArn', 'Description', 'EventPattern', 'RetentionDays'], {
    KmsKeyIdentifier: NO_KEYS,
  })
  const retentionDays = optionalNumber(properties, 'RetentionDays') ?? 0
  if (!Number.isInteger(retentionDays) || retentionDays < 0)
    throw new Error('RetentionDays must be a number of days, or 0 for ever')
  return {
    name,
    busArn: bus.arn,
    description: optionalString(properties, 'Description'),
    pattern: readPattern(properties['EventPattern']),
    retentionDays,
    declared: properties,
  }
}

function readState(state: string | undefined): boolean {
  switch (state) {
    case undefined:
    case 'ENABLED':
      return true
    case 'DISABLED':
      return false
    default:
      throw new Error(`State ${state} does not run locally: ENABLED or DISABLED`)
  }
}

function readPattern(declared: unknown): EventPattern | undefined {
  if (declared === undefined) return undefined
  const value: unknown = typeof declared === 'string' ? JSON.parse(declared) : declared
  const json = JSON.stringify(value)
  if (json.length > MAX_PATTERN) throw new Error(`EventPattern has ${json.length} characters: at most ${MAX_PATTERN}`)
  // Compiles it, and throws where the service would refuse it.
  matchesPattern(value, {})
  return { json, value }
}
