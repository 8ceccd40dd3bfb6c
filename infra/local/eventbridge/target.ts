import {
  objectProperty,
  onlyProperties,
  optionalNumber,
  optionalString,
  requiredString,
  stringMap,
} from '../assembly/properties.ts'
import type { RoutedEvent } from './event.ts'
import { type InputTransformer, type Reserved, readInputTransformer, transformInput } from './input-transformer.ts'
import { parsePath, valueAt } from './json-path.ts'

export interface Target {
  readonly id: string
  readonly arn: string
  readonly deadLetterArn: string | undefined
  /** What the target receives instead of the event: a constant JSON text, the part at a path, or a filled template. */
  readonly input:
    | { readonly constant: string }
    | { readonly path: readonly string[] }
    | { readonly transformer: InputTransformer }
    | undefined
  readonly retry: RetryPolicy
  /** For FIFO queues. */
  readonly messageGroupId: string | undefined
  /** As it was declared, for those who ask. */
  readonly declared: Readonly<Record<string, unknown>>
}

export interface RetryPolicy {
  readonly maximumAttempts: number
  readonly maximumAgeSeconds: number
}

const NO_IAM = 'everyone with the local credentials may do everything'
const DAY_SECONDS = 86_400

/**
 * Reads a target as templates and PutTargets have it.
 * @param name how to call it where it is refused.
 * @throws Error naming what does not run here.
 */
export function readTarget(declared: unknown, name: string): Target {
  const target = objectProperty({ [name]: declared }, name)
  onlyProperties(
    { properties: target },
    ['Id', 'Arn', 'DeadLetterConfig', 'Input', 'InputPath', 'InputTransformer', 'RetryPolicy', 'SqsParameters'],
    { RoleArn: NO_IAM },
  )
  const arn = requiredString(target, 'Arn')
  const id = requiredString(target, 'Id')
  if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(id)) throw new Error(`${name}: Id ${JSON.stringify(id)} is no id of a target`)
  if (!/^arn:aws:(sqs:[^:]+:\d{12}:|lambda:[^:]+:\d{12}:function:|events:[^:]+:\d{12}:event-bus\/)/.test(arn))
    throw new Error(
      `${name}: ${arn} does not run locally as a target: an SQS queue, a Lambda function or an event bus does`,
    )
  const messageGroupId = optionalString(objectProperty(target, 'SqsParameters'), 'MessageGroupId')
  if (arn.endsWith('.fifo') && messageGroupId === undefined)
    throw new Error(`${name}: a FIFO queue needs SqsParameters.MessageGroupId`)
  return {
    id,
    arn,
    deadLetterArn: optionalString(objectProperty(target, 'DeadLetterConfig'), 'Arn'),
    input: readInput(target, name),
    retry: readRetryPolicy(objectProperty(target, 'RetryPolicy')),
    messageGroupId,
    declared: target,
  }
}

function readInput(target: Readonly<Record<string, unknown>>, name: string): Target['input'] {
  const constant = optionalString(target, 'Input')
  const path = optionalString(target, 'InputPath')
  const transformer = target['InputTransformer'] === undefined ? undefined : objectProperty(target, 'InputTransformer')
  if ([constant, path, transformer].filter((one) => one !== undefined).length > 1)
    throw new Error(`${name}: one of Input, InputPath and InputTransformer, not more`)
  if (constant !== undefined) return { constant }
  if (path !== undefined) return { path: parsePath(path) }
  if (!transformer) return undefined
  return {
    transformer: readInputTransformer(
      stringMap(transformer, 'InputPathsMap'),
      optionalString(transformer, 'InputTemplate'),
    ),
  }
}

function readRetryPolicy(policy: Readonly<Record<string, unknown>>): RetryPolicy {
  const within = (member: string, min: number, max: number): number => {
    const value = optionalNumber(policy, member) ?? max
    if (Number.isInteger(value) && value >= min && value <= max) return value
    throw new Error(`RetryPolicy.${member} must be an integer from ${min} to ${max}`)
  }
  return {
    maximumAttempts: within('MaximumRetryAttempts', 0, 185),
    maximumAgeSeconds: within('MaximumEventAgeInSeconds', 60, DAY_SECONDS),
  }
}

/**
 * The text that the target receives for the event.
 * @throws InvalidJsonError where a template gives none.
 */
export function renderInput({ input }: Target, event: RoutedEvent, reserved: Reserved): string {
  if (!input) return event.json
  if ('constant' in input) return input.constant
  if ('path' in input) return JSON.stringify(valueAt(event.envelope, input.path) ?? null)
  return transformInput(input.transformer, event, reserved)
}
