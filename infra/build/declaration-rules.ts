import { PORTS_WITH_PROGRAMS, STORING_SECONDS } from '../../consumers/runtime/deadline.ts'
import type { Consumer } from '../../consumers/runtime/define-consumer.ts'
import type { Subscription } from '../../contracts/event-contract.ts'
import type { Producer } from '../../producers/runtime/define-producer.ts'
import { ADAPTERS } from './consumer-entry.ts'

type Fields = Readonly<Record<string, unknown>>

const CONSUMER_FIELDS = [
  'name',
  'description',
  'on',
  'emits',
  'requiredFor',
  'resources',
  'needs',
  'objectAccess',
  'handle',
]
const PRODUCER_FIELDS = ['name', 'description', 'trigger', 'emits', 'resources', 'access']
const NEEDS = Object.keys(ADAPTERS)

/** What AWS or this house refuses in one consumer's declaration; sentences, none where it can be built. */
export function consumerProblems(value: unknown): readonly string[] {
  if (!isRecord(value)) return ['`consumer` is no object: use defineConsumer']
  const { name, on, needs, objectAccess, handle, resources } = value
  const verbNoun = typeof name === 'string' && /^[a-z]+(-[a-z0-9]+)+$/.test(name) && name.length <= 40
  return [
    ...unknownFields(value, CONSUMER_FIELDS),
    ...(verbNoun ? [] : [`its name "${String(name)}" is no <verb-noun> of at most 40 lower-case letters and hyphens`]),
    ...described(value),
    ...(Array.isArray(on) && on.length > 0 ? [] : ['`on` names no event: nothing would ever reach it']),
    ...(typeof handle === 'function' ? [] : ['`handle` is missing']),
    ...sizeProblems(resources, { timeoutSeconds: 900, batchSize: 10_000 }),
    ...concurrencyProblems(resources),
    ...(Array.isArray(needs) ? needs : [])
      .filter((need) => !NEEDS.includes(String(need)))
      .map((need) => `it needs "${String(need)}"; ports to ask for: ${NEEDS.join(', ')}`),
    ...deadlineProblems(needs, resources),
    ...prefixProblems(objectAccess, ['reads', 'writes', 'lists', 'tags']),
    ...(prefixesOf(objectAccess).length > 0 && !(Array.isArray(needs) && needs.includes('objects'))
      ? ['`objectAccess` names prefixes, but `needs` has no "objects"']
      : []),
    ...loopProblems(value as unknown as Pick<Consumer, 'name' | 'on' | 'emits'>),
  ]
}

/** Else its programs would be ended before they begin, or soon after. */
function deadlineProblems(needs: unknown, resources: unknown): string[] {
  const seconds = isRecord(resources) ? resources['timeoutSeconds'] : undefined
  const programs = PORTS_WITH_PROGRAMS.filter((port) => Array.isArray(needs) && needs.includes(port))
  if (programs.length === 0 || typeof seconds !== 'number' || seconds >= 2 * STORING_SECONDS) return []
  return [
    `\`resources.timeoutSeconds\` is ${seconds}, and whatever needs ${programs.join(' or ')} has ${2 * STORING_SECONDS} at least: the last ${STORING_SECONDS} are for storing`,
  ]
}

/** What AWS or this house refuses in one producer's declaration. */
export function producerProblems(value: unknown): readonly string[] {
  if (!isRecord(value)) return ['`producer` is no object: use defineProducer']
  const { name, resources, access, trigger } = value
  return [
    ...unknownFields(value, PRODUCER_FIELDS),
    ...(typeof name === 'string' && /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) && name.length <= 40
      ? []
      : [`its name "${String(name)}" is not at most 40 lower-case letters, digits and hyphens`]),
    ...described(value),
    // API Gateway gives up after 29 s.
    ...sizeProblems(resources, { timeoutSeconds: isRecord(trigger) && trigger['kind'] === 'api' ? 29 : 900 }),
    ...prefixProblems(access, ['reads', 'writes', 'deletes', 'lists', 'tags']),
    ...triggerProblems(trigger),
  ]
}

/** What is refused only when all declarations are seen together. */
export function togetherProblems(consumers: readonly Consumer[], producers: readonly Producer[]): readonly string[] {
  const routes = producers.flatMap(({ trigger }) =>
    trigger.kind === 'api' ? [`${trigger.method} ${trigger.path}`] : [],
  )
  const authorizers = producers.filter(({ trigger }) => trigger.kind === 'authorizer')
  const watched = producers.flatMap(({ name, trigger }) =>
    trigger.kind === 'object-created' ? trigger.prefixes.map((prefix) => ({ name, prefix })) : [],
  )
  return [
    ...doubles([...consumers, ...producers].map(({ name }) => name)).map(
      (name) => `"${name}" is declared twice: names are those of functions and queues`,
    ),
    ...doubles(routes).map((route) => `${route} is answered by two producers`),
    ...(authorizers.length > 1 ? ['there are two authorizers; one says who calls'] : []),
    ...(routes.length > 0 && authorizers.length === 0 ? ['the API has routes and no authorizer'] : []),
    ...consumers.flatMap(({ name, objectAccess }) =>
      (objectAccess.writes ?? []).flatMap((written) =>
        watched
          .filter(({ prefix }) => written.startsWith(prefix) || prefix.startsWith(written))
          .map(
            (producer) =>
              `${name} writes below ${written}, which wakes ${producer.name}: derivatives would trigger uploads`,
          ),
      ),
    ),
  ]
}

function triggerProblems(trigger: unknown): readonly string[] {
  if (!isRecord(trigger)) return ['`trigger` is missing']
  switch (trigger['kind']) {
    case 'object-created':
      return [
        ...prefixProblems(trigger, ['prefixes']),
        ...(prefixesOf({ reads: trigger['prefixes'] }).length > 0 ? [] : ['`trigger.prefixes` is empty']),
        ...integer('trigger.batchSize', trigger['batchSize'], 1, 10_000),
        ...integer('trigger.concurrency', trigger['concurrency'], 2, 1_000),
      ]
    case 'aws-event':
      return [
        ...(strings(trigger['detailTypes']).length > 0 ? [] : ['`trigger.detailTypes` is empty']),
        ...(/^aws\.[a-z0-9-]+$/.test(String(trigger['source']))
          ? []
          : [`trigger.source is "${String(trigger['source'])}"; it looks like aws.mediaconvert`]),
        ...integer('trigger.batchSize', trigger['batchSize'], 1, 10_000),
        ...integer('trigger.concurrency', trigger['concurrency'], 2, 1_000),
      ]
    case 'schedule':
      return integer('trigger.everyMinutes', trigger['everyMinutes'], 1, 1_440)
    case 'api':
      return /^(\/([A-Za-z0-9._-]+|\{[A-Za-z][A-Za-z0-9]*\}))+$/.test(String(trigger['path']))
        ? []
        : [`trigger.path is "${String(trigger['path'])}"; it looks like /media/{id}`]
    case 'authorizer':
      return []
    default:
      return [
        `trigger.kind is "${String(trigger['kind'])}"; it is object-created, aws-event, schedule, api or authorizer (queues are standard ones, never FIFO)`,
      ]
  }
}

/** A consumer that hears what it says would run for ever; what another step says of itself is not that. */
function loopProblems({ name, on, emits }: Pick<Consumer, 'name' | 'on' | 'emits'>): readonly string[] {
  const said = new Set((Array.isArray(emits) ? emits : []).map((contract) => contract.detailType))
  return (Array.isArray(on) ? on : [])
    .filter((heard) => !('contract' in heard && isOfOthers(heard, name)))
    .map((heard) => ('contract' in heard ? heard.contract.detailType : heard.detailType))
    .filter((detailType) => said.has(detailType))
    .map((detailType) => `it reacts to ${detailType} and emits it: it would never end`)
}

function isOfOthers({ conditions: { step } }: Subscription<never>, name: string): boolean {
  return Array.isArray(step) && !step.includes(name)
}

function sizeProblems(value: unknown, max: Readonly<Record<string, number>>): readonly string[] {
  const resources = isRecord(value) ? value : {}
  return [
    ...integer('resources.memoryMb', resources['memoryMb'], 128, 10_240),
    ...Object.entries(max).flatMap(([field, most]) => integer(`resources.${field}`, resources[field], 1, most)),
  ]
}

function concurrencyProblems(value: unknown): readonly string[] {
  // An event source mapping takes no maximum below 2.
  return integer('resources.concurrency', isRecord(value) ? value['concurrency'] : undefined, 2, 1_000)
}

function prefixProblems(value: unknown, fields: readonly string[]): readonly string[] {
  if (!isRecord(value)) return ['its access to objects is not declared; `{}` is none']
  return fields.flatMap((field) =>
    prefixesOf({ [field]: value[field] })
      .filter((prefix) => !/^[a-z0-9][a-z0-9/_-]*\/$/.test(prefix))
      .map((prefix) => `${field} has the prefix "${prefix}"; it looks like images/original/`),
  )
}

function prefixesOf(value: unknown): readonly string[] {
  const fields = ['reads', 'writes', 'deletes', 'lists', 'tags', 'prefixes']
  return isRecord(value) ? fields.flatMap((field) => strings(value[field])) : []
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}

function integer(field: string, value: unknown, min: number, max: number): readonly string[] {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
    ? []
    : [`${field} is ${String(value)}; it is a whole number from ${min} to ${max}`]
}

function described({ description }: Fields): readonly string[] {
  return typeof description === 'string' && description.length > 0 && description.length <= 256
    ? []
    : ['`description` must be one sentence of at most 256 characters']
}

function unknownFields(value: Fields, known: readonly string[]): readonly string[] {
  return Object.keys(value)
    .filter((field) => !known.includes(field))
    .map((field) => `\`${field}\` means nothing here; fields: ${known.join(', ')}`)
}

function doubles(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
