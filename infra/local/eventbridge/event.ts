import type { Cloud } from '../cloud.ts'

/** What targets receive. https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
export interface EventEnvelope {
  readonly version: '0'
  readonly id: string
  readonly 'detail-type': string
  readonly source: string
  readonly account: string
  /** ISO 8601, to the second. */
  readonly time: string
  readonly region: string
  readonly resources: readonly string[]
  readonly detail: unknown
  /** On what a replay sends, and nowhere else. */
  readonly 'replay-name'?: string
}

/** What a service tells the default bus of; the bus adds the rest. */
export type ServiceEvent = Omit<EventEnvelope, 'version' | 'id' | 'detail'> & { readonly detail: object }

/** An event on its way: as a value for patterns, and as the text that targets and archives get. */
export interface RoutedEvent {
  readonly envelope: EventEnvelope
  readonly json: string
  /** Milliseconds since 1970. */
  readonly time: number
}

export interface EventParts {
  readonly source: string
  readonly detailType: string
  readonly resources: readonly string[]
  /** Milliseconds since 1970. */
  readonly time: number
  /** A JSON object. It reaches the targets with the very characters that its sender chose. */
  readonly detailJson: string
  /** The same, parsed. */
  readonly detail: unknown
}

/** Gives an event its id and its envelope. */
export function envelop(cloud: Cloud, parts: EventParts): RoutedEvent {
  const head = {
    version: '0',
    id: cloud.uuid(),
    'detail-type': parts.detailType,
    source: parts.source,
    account: cloud.accountId,
    time: new Date(parts.time).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region: cloud.region,
    resources: parts.resources,
  } as const
  return {
    envelope: { ...head, detail: parts.detail },
    json: `${JSON.stringify(head).slice(0, -1)},"detail":${parts.detailJson}}`,
    time: parts.time,
  }
}

/**
 * An archived event as a replay sends it: with an id of its own and the replay's name, and otherwise as it was, down to
 * the characters of its detail.
 */
export function replayed(cloud: Cloud, archived: { json: string; time: number }, replayName: string): RoutedEvent {
  const { detail, ...head } = JSON.parse(archived.json) as EventEnvelope
  const prefix = `${JSON.stringify(head).slice(0, -1)},"detail":`
  if (!archived.json.startsWith(prefix)) throw new Error(`the archived event ${head.id} is not as it was written`)
  const marked = { ...head, id: cloud.uuid(), 'replay-name': replayName }
  return {
    envelope: { ...marked, detail },
    json: `${JSON.stringify(marked).slice(0, -1)},"detail":${archived.json.slice(prefix.length)}`,
    time: archived.time,
  }
}
