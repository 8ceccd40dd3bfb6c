import type { RoutedEvent } from './event.ts'
import { parsePath, valueAt } from './json-path.ts'

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html */
export interface InputTransformer {
  /** The keys of each variable's path. */
  readonly paths: Readonly<Record<string, readonly string[]>>
  readonly template: string
}

/** What a template may name without a path for it. */
export interface Reserved {
  readonly ruleArn: string
  readonly ruleName: string
  /** Milliseconds since 1970. */
  readonly ingestedAt: number
}

/** What came out is no JSON: the target gets nothing. */
export class InvalidJsonError extends Error {
  override readonly name = 'InvalidJsonError'
}

const MAX_PATHS = 100
const MAX_TEMPLATE = 8192

/**
 * Reads `InputPathsMap` and `InputTemplate`.
 * @throws Error saying what EventBridge would refuse.
 */
export function readInputTransformer(
  paths: Readonly<Record<string, string>>,
  template: string | undefined,
): InputTransformer {
  if (!template) throw new Error('InputTransformer.InputTemplate is required')
  if (template.length > MAX_TEMPLATE) throw new Error(`InputTransformer.InputTemplate takes ${MAX_TEMPLATE} characters`)
  const names = Object.keys(paths)
  if (names.length > MAX_PATHS) throw new Error(`InputTransformer.InputPathsMap takes ${MAX_PATHS} variables`)
  for (const name of names) {
    if (!/^[A-Za-z0-9_-]+$/.test(name) || name.toLowerCase().startsWith('aws'))
      throw new Error(`InputTransformer.InputPathsMap: ${JSON.stringify(name)} is no name of a variable`)
  }
  for (const [, name = ''] of template.matchAll(PLACEHOLDER)) {
    if (!Object.hasOwn(paths, name) && !RESERVED.has(name))
      throw new Error(`InputTransformer.InputTemplate: <${name}> is not in InputPathsMap`)
  }
  return {
    paths: Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, parsePath(path)])),
    template,
  }
}

const PLACEHOLDER = /<([A-Za-z0-9_.-]+)>/g
const RESERVED = new Set([
  'aws.events.rule-arn',
  'aws.events.rule-name',
  'aws.events.event.ingestion-time',
  'aws.events.event',
  'aws.events.event.json',
])

/**
 * Fills in the template. A variable stands for its JSON outside quotes and for its bare text within them; one whose path
 * is nowhere in the event leaves nothing behind.
 * @throws InvalidJsonError
 */
export function transformInput({ paths, template }: InputTransformer, event: RoutedEvent, reserved: Reserved): string {
  const variable = (name: string): unknown => {
    switch (name) {
      case 'aws.events.rule-arn':
        return reserved.ruleArn
      case 'aws.events.rule-name':
        return reserved.ruleName
      case 'aws.events.event.ingestion-time':
        return new Date(reserved.ingestedAt).toISOString().replace(/\.\d{3}Z$/, 'Z')
      case 'aws.events.event': {
        const { detail: _, ...head } = event.envelope
        return head
      }
      case 'aws.events.event.json':
        return event.envelope
      default:
        return valueAt(event.envelope, paths[name] ?? [])
    }
  }
  let inText = false
  const filled = template.replace(/\\.|"|<([A-Za-z0-9_.-]+)>/g, (token, name: string | undefined) => {
    if (token === '"') inText = !inText
    if (name === undefined) return token
    const value = variable(name)
    if (value === undefined) return ''
    const json = JSON.stringify(value)
    if (!inText) return json
    return typeof value === 'string' ? json.slice(1, -1) : JSON.stringify(json).slice(1, -1)
  })
  try {
    JSON.parse(filled)
  } catch (error) {
    throw new InvalidJsonError(`The input template gives no JSON: ${error instanceof Error ? error.message : error}`)
  }
  return filled
}
