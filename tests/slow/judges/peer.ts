import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { S3Client } from '@aws-sdk/client-s3'
import { SQSClient } from '@aws-sdk/client-sqs'
import type { InitializeMiddleware } from '@smithy/types'

export const REGION = 'us-east-1'
export const ACCOUNT = '123456789012'

/** Buckets and a bus that every peer has before it is spoken to. */
export const BUCKET = 'judged'
export const VERSIONED_BUCKET = 'judged-versions'
export const BUS = 'judged'

/** Something that speaks AWS, and all that it answered. */
export interface Peer {
  readonly endpoint: string
  readonly s3: S3Client
  readonly sqs: SQSClient
  readonly events: EventBridgeClient
  /** In the order of the requests. */
  readonly answers: Answer[]
  close(): Promise<void>
}

/** What one request got. */
export interface Answer {
  /** `PutObject` and so on. */
  readonly operation: string
  /** The SDK's output; its `outcome` is the status, with the code of a refusal behind it. */
  readonly fields: Readonly<Record<string, unknown>>
}

export interface Place {
  readonly endpoint: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  stop(): Promise<void>
}

/** The SDK's clients as they are, pointed at a place; they note every answer. */
export function connect({ endpoint, credentials, stop }: Place): Peer {
  const options = { endpoint, credentials, region: REGION, maxAttempts: 1 }
  const s3 = new S3Client({ ...options, forcePathStyle: true })
  const sqs = new SQSClient(options)
  const events = new EventBridgeClient(options)
  const answers: Answer[] = []
  const note = listener(answers)
  const where = { step: 'initialize', priority: 'high' } as const
  s3.middlewareStack.add(note, where)
  sqs.middlewareStack.add(note, where)
  events.middlewareStack.add(note, where)
  return {
    endpoint,
    s3,
    sqs,
    events,
    answers,
    async close() {
      for (const client of [s3, sqs, events]) client.destroy()
      await stop()
    },
  }
}

// The three clients' types have no common form for a middleware that fits any command.
function listener(answers: Answer[]): InitializeMiddleware<object, { readonly $metadata: object }> {
  return (next, { commandName = '' }) =>
    async (args) => {
      const operation = commandName.replace(/Command$/, '')
      try {
        const result = await next(args)
        answers.push({ operation, fields: await successOf(result.output) })
        return result
      } catch (error) {
        answers.push({ operation, fields: refusalOf(error) })
        throw error
      }
    }
}

interface Metadata {
  readonly httpStatusCode?: number
}

async function successOf(output: object): Promise<Record<string, unknown>> {
  const { $metadata, Body, ...fields } = output as {
    readonly $metadata?: Metadata
    readonly Body?: { transformToString(): Promise<string> }
    readonly [field: string]: unknown
  }
  return {
    outcome: `${$metadata?.httpStatusCode}`,
    ...fields,
    ...(Body && { Body: await Body.transformToString() }),
  }
}

/** Its words are left out: AWS promises codes. */
function refusalOf(error: unknown): Record<string, unknown> {
  if (!isAnswer(error)) throw error
  return { outcome: '$fault' in error ? `${error.$metadata?.httpStatusCode} ${error.name}` : 'unreadable' }
}

/** Whether a peer answered with this: a refusal, or something that the SDK can't read. */
function isAnswer(error: unknown): error is Error & { readonly $metadata?: Metadata } {
  return error instanceof Error && ('$metadata' in error || '$response' in error)
}

/** Sends what should be refused, and goes on either way: what came is noted. */
export async function attempt(request: Promise<unknown>): Promise<void> {
  await request.catch((error: unknown) => {
    if (!isAnswer(error)) throw error
  })
}
