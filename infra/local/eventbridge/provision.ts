import {
  listProperty,
  objectProperty,
  onlyProperties,
  optionalNumber,
  optionalString,
  requiredString,
} from '../assembly/properties.ts'
import type { Provisioner } from '../cloud.ts'
import type { Archives } from './archive.ts'
import type { Buses, EventPattern } from './buses.ts'
import { matchesPattern } from './pattern.ts'
import { parseRate, type Scheduler } from './schedule.ts'
import { parsePath, type Target } from './target.ts'

interface Parts {
  readonly buses: Buses
  readonly archives: Archives
  readonly scheduler: Scheduler
}

const MAX_PATTERN = 2048
const MAX_TARGETS = 5
const NO_KEYS = 'local files are not encrypted'
const NO_IAM = 'everyone with the local credentials may do everything'

/** The resource types of the event buses. */
export function createProvisioners({ buses, archives, scheduler }: Parts): Record<string, Provisioner> {
  return {
    'AWS::Events::EventBus': (resource) => {
      onlyProperties(resource, ['Name', 'Description'], {
        Tags: 'kept nowhere',
        Policy: NO_IAM,
        KmsKeyIdentifier: NO_KEYS,
        DeadLetterConfig: 'only for events that a key could not decrypt',
      })
      const { properties } = resource
      const bus = buses.put(requiredString(properties, 'Name'), optionalString(properties, 'Description'))
      return { ref: bus.name, attributes: { Arn: bus.arn, Name: bus.name } }
    },

    'AWS::Events::EventBusPolicy': (resource) => {
      onlyProperties(resource, ['EventBusName', 'StatementId'], {
        Statement: NO_IAM,
        Action: NO_IAM,
        Condition: NO_IAM,
        Principal: NO_IAM,
      })
      buses.get(optionalString(resource.properties, 'EventBusName'))
      return { ref: resource.generatedName, attributes: {} }
    },

    'AWS::Events::Rule': (resource) => {
      onlyProperties(
        resource,
        ['Name', 'Description', 'EventBusName', 'EventPattern', 'ScheduleExpression', 'State', 'Targets'],
        { RoleArn: NO_IAM, Tags: 'kept nowhere' },
      )
      const { properties } = resource
      const bus = buses.get(optionalString(properties, 'EventBusName'))
      const pattern = readPattern(properties['EventPattern'])
      const schedule = optionalString(properties, 'ScheduleExpression')
      if (!pattern && schedule === undefined) throw new Error('a rule needs an EventPattern or a ScheduleExpression')
      if (schedule !== undefined) {
        parseRate(schedule)
        if (bus.name !== 'default') throw new Error('ScheduleExpression is for rules of the default bus only')
      }
      const targets = listProperty(properties, 'Targets').map((target, index) => readTarget(target, index))
      if (targets.length > MAX_TARGETS) throw new Error(`Targets: a rule has at most ${MAX_TARGETS}`)
      if (new Set(targets.map(({ id }) => id)).size < targets.length) throw new Error('Targets: two have the same Id')
      const rule = buses.putRule({
        name: optionalString(properties, 'Name') ?? resource.generatedName,
        busName: bus.name,
        description: optionalString(properties, 'Description'),
        enabled: readState(optionalString(properties, 'State')),
        pattern,
        schedule,
        targets,
      })
      scheduler.start(rule)
      return { ref: bus.name === 'default' ? rule.name : `${bus.name}|${rule.name}`, attributes: { Arn: rule.arn } }
    },

    'AWS::Events::Archive': (resource) => {
      onlyProperties(resource, ['ArchiveName', 'SourceArn', 'Description', 'EventPattern', 'RetentionDays'], {
        KmsKeyIdentifier: NO_KEYS,
      })
      const { properties } = resource
      const retentionDays = optionalNumber(properties, 'RetentionDays') ?? 0
      if (!Number.isInteger(retentionDays) || retentionDays < 0)
        throw new Error('RetentionDays must be a number of days, or 0 for ever')
      const archive = buses.putArchive({
        name: optionalString(properties, 'ArchiveName') ?? resource.generatedName,
        busArn: buses.get(requiredString(properties, 'SourceArn')).arn,
        description: optionalString(properties, 'Description'),
        pattern: readPattern(properties['EventPattern']),
        retentionDays,
      })
      archives.open(archive)
      return { ref: archive.name, attributes: { Arn: archive.arn, ArchiveName: archive.name } }
    },
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

function readTarget(declared: unknown, index: number): Target {
  const name = `Targets[${index}]`
  const target = objectProperty({ [name]: declared }, name)
  onlyProperties({ properties: target }, ['Id', 'Arn', 'DeadLetterConfig', 'Input', 'InputPath', 'RetryPolicy'], {
    RoleArn: NO_IAM,
  })
  const arn = requiredString(target, 'Arn')
  const service = arn.split(':')[2]
  if (service !== 'sqs' && service !== 'lambda')
    throw new Error(`${name}: ${arn} does not run locally as a target: an SQS queue or a Lambda function does`)
  const constant = optionalString(target, 'Input')
  const path = optionalString(target, 'InputPath')
  if (constant !== undefined && path !== undefined) throw new Error(`${name}: Input or InputPath, not both`)
  if (path !== undefined) parsePath(path)
  return {
    id: requiredString(target, 'Id'),
    arn,
    deadLetterArn: optionalString(objectProperty(target, 'DeadLetterConfig'), 'Arn'),
    input: constant !== undefined ? { constant } : path !== undefined ? { path } : undefined,
    retryPolicy: target['RetryPolicy'] === undefined ? undefined : objectProperty(target, 'RetryPolicy'),
    roleArn: optionalString(target, 'RoleArn'),
  }
}
