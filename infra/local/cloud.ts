import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Database } from './database.ts'

/** What every local service is handed; it reads no clock, no environment and no folder but these. */
export interface Cloud {
  readonly region: string
  readonly accountId: string
  /** One folder for everything durable; a service keeps files below `join(dataDir, '<service>')`. */
  readonly dataDir: string
  readonly db: Database
  readonly credentials: Credentials
  /** Milliseconds since 1970. */
  now(): number
  /** A new RFC 4122 id. */
  uuid(): string
  log(line: LogLine): void
}

/** The only pair of keys that the local endpoints accept; both are made anew for each data folder. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** Who says it: `s3`, `sqs`, `lambda:generate-thumbnail` … */
  readonly from: string
  readonly message: string
  readonly [field: string]: unknown
}

/** One AWS service on the wire: it answers requests of the AWS protocol that it speaks. */
export interface WireService {
  /** The names by which SigV4 scopes call it: `s3`, `sqs`, `events`, … */
  readonly signingNames: readonly string[]
  /** Verifies the request's signature, answers it, and never throws: what goes wrong becomes an AWS error answer. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Wakes what waits (long polls), ends timers; resolves once nothing of it runs. */
  stop(): Promise<void>
}

/** What provisioning one CloudFormation resource gives the templates that refer to it. */
export interface Provisioned {
  /** What `Ref` answers. */
  readonly ref: string
  /** What `Fn::GetAtt` answers, by attribute name; dots are part of the name. */
  readonly attributes: Readonly<Record<string, string>>
}

/** A resource of a synthesized template, its intrinsic functions already resolved. */
export interface ResourceDeclaration {
  readonly stack: string
  readonly logicalId: string
  /** `AWS::SQS::Queue` and so on. */
  readonly type: string
  readonly properties: Readonly<Record<string, unknown>>
  /** A physical name for resources whose template gives none: stable between starts, `<stack>-<logicalId>`. */
  readonly generatedName: string
}

/**
 * Makes resources of one type, again at each start: a resource that exists already keeps its data and takes the new
 * properties. Throws a sentence that names the property where the template asks for something that does not run here.
 */
export type Provisioner = (resource: ResourceDeclaration) => Provisioned

/** Takes what a rule, a redrive or an on-failure destination sends, by the target's ARN; synchronous, so that it joins
 * the open transaction. */
export type Deliver = (targetArn: string, body: string, options?: DeliverOptions) => void

export interface DeliverOptions {
  /** For FIFO queues. */
  readonly messageGroupId?: string
  readonly attributes?: Readonly<Record<string, { DataType: string; StringValue: string }>>
}

/** Something that can carry a signal to those who poll: a queue got a message, a function got an invocation. */
export interface QueueReader {
  /**
   * Hides up to `max` messages for `visibilityTimeoutSeconds` and returns them; an empty array at once where none is
   * visible.
   */
  receive(queueArn: string, max: number, visibilityTimeoutSeconds?: number): ReceivedMessage[]
  /** Deletes by receipt handle; a stale handle is ignored as SQS does. */
  delete(queueArn: string, receiptHandles: readonly string[]): void
  /** Sets when the message is visible again, counted from now, in seconds; 0 is at once. */
  changeVisibility(queueArn: string, receiptHandle: string, seconds: number): void
  /** Shows at once what was received and not deleted, whoever holds it; each keeps its number of receives. */
  releaseInFlight(queueArn: string): void
  /** Whether the queue holds a message with this text in its body, visible or not. */
  holds(queueArn: string, text: string): boolean
  /** Calls back whenever a message of the queue becomes visible (sent, delayed one due, timeout over). Returns the unsubscriber. */
  onVisible(queueArn: string, callback: () => void): () => void
}

/** One message as SQS gives it to a consumer. */
export interface ReceivedMessage {
  readonly messageId: string
  readonly receiptHandle: string
  readonly body: string
  readonly md5OfBody: string
  readonly attributes: Readonly<Record<string, string>>
  readonly messageAttributes: Readonly<Record<string, { DataType: string; StringValue?: string; BinaryValue?: string }>>
}
