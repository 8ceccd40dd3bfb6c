/** A JSON object that somebody else wrote: each field may be missing, or be anything. */
export type Fields = Readonly<Record<string, unknown>>

/** What nobody will ever be able to read. */
export interface Unreadable {
  readonly kind: 'unreadable'
  readonly problem: string
}

/** What can be read, and is none of this producer's business. */
export interface Other {
  readonly kind: 'other'
  readonly reason: string
}

/** An event of an AWS service on the default bus. */
export interface AwsEvent {
  readonly kind: 'event'
  /** All of it: `time`, `detail` and so on. */
  readonly event: Fields
}

/** By whom an event is sent, and how it is called. */
export interface AwsEventName {
  readonly source: string
  readonly detailType: string
}

/** Reads the body of an SQS message as the event of this name, which an EventBridge rule sent. */
export function readAwsEvent(body: string, name: AwsEventName): AwsEvent | Other | Unreadable {
  const message = readBody(body)
  return message.kind === 'unreadable' ? message : eventNamed(name, message.fields)
}

/** The body of an SQS message, whatever it is about. */
export function readBody(body: string): { readonly kind: 'read'; readonly fields: Fields } | Unreadable {
  try {
    return { kind: 'read', fields: fieldsOf(JSON.parse(body)) }
  } catch (error) {
    return { kind: 'unreadable', problem: `not JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
}

export function eventNamed({ source, detailType }: AwsEventName, event: Fields): AwsEvent | Other {
  if (event['source'] === source && event['detail-type'] === detailType) return { kind: 'event', event }
  return { kind: 'other', reason: `${String(event['source'])} says ${String(event['detail-type'])}` }
}

/** A value's fields; none where it is no object. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}
