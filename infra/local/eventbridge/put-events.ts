import { AwsError } from '../aws-json/error.ts'
import type { Input } from '../aws-json/input.ts'
import type { Cloud } from '../cloud.ts'
import type { Buses } from './buses.ts'
import { validation } from './errors.ts'
import { type EventParts, envelop } from './event.ts'
import type { Router } from './router.ts'

const MAX_ENTRIES = 10
/** Bytes of all entries of a request. */
const MAX_BYTES = 1_048_576
const MAX_DETAIL_TYPE = 128
const MAX_SOURCE = 256

export interface PutEventsAnswer {
  readonly FailedEntryCount: number
  /** In the order of the request: `EventId`, or `ErrorCode` and `ErrorMessage`. */
  readonly Entries: readonly object[]
}

/**
 * PutEvents: every entry is taken or refused by itself.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export function putEvents(cloud: Cloud, buses: Buses, router: Router, input: Input): PutEventsAnswer {
  const entries = input.inputs('Entries')
  if (entries.length < 1 || entries.length > MAX_ENTRIES)
    throw validation(
      `Value '[${entries.length} entries]' at 'entries' failed to satisfy constraint: Member must have length less than or equal to ${MAX_ENTRIES} and greater than or equal to 1`,
    )
  if (input.optionalText('EndpointId') !== undefined)
    throw new AwsError('NotImplemented', 'Global endpoints (EndpointId) do not run locally.', 501)
  const bytes = entries.reduce((sum, entry) => sum + bytesOf(entry), 0)
  if (bytes >= MAX_BYTES) throw validation(`Total size of the entries in the request is over the limit.`)

  let failed = 0
  const answers = entries.map((entry) => {
    try {
      const parts = readEntry(entry, cloud.now())
      // AWS answers success for a bus that does not exist, and the event is lost.
      const bus = buses.get(entry.optionalText('EventBusName'))
      const event = envelop(cloud, parts)
      router.route(bus, event)
      return { EventId: event.envelope.id }
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      failed++
      return { ErrorCode: error.code, ErrorMessage: error.message }
    }
  })
  return { FailedEntryCount: failed, Entries: answers }
}

function readEntry(entry: Input, now: number): EventParts {
  const source = required(entry, 'Source', MAX_SOURCE)
  // AWS takes a longer detail-type and loses the event.
  const detailType = required(entry, 'DetailType', MAX_DETAIL_TYPE)
  const detailJson = required(entry, 'Detail', Number.POSITIVE_INFINITY)
  if (source.startsWith('aws.')) throw new AwsError('NotAuthorizedForSourceException', 'Not authorized for the source.')
  const time = entry.optionalTime('Time') ?? now
  return { source, detailType, resources: entry.texts('Resources'), time, detailJson, detail: parseDetail(detailJson) }
}

function parseDetail(json: string): unknown {
  let detail: unknown
  try {
    detail = JSON.parse(json)
  } catch {
    throw malformedDetail()
  }
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) throw malformedDetail()
  return detail
}

function malformedDetail(): AwsError {
  return new AwsError('MalformedDetail', 'Detail is malformed.')
}

function required(entry: Input, member: string, max: number): string {
  const value = entry.optionalText(member)
  if (!value) throw invalidArgument(member, `${member} is a required argument`)
  if (value.length > max) throw invalidArgument(member, `${member} is longer than ${max} characters`)
  return value
}

function invalidArgument(member: string, reason: string): AwsError {
  return new AwsError('InvalidArgument', `Parameter ${member} is not valid. Reason: ${reason}.`)
}

/** As AWS counts: a time is 14 bytes, texts are their UTF-8. */
function bytesOf(entry: Input): number {
  const texts = [entry.optionalText('Source'), entry.optionalText('DetailType'), entry.optionalText('Detail')]
  const time = entry.optionalTime('Time') === undefined ? 0 : 14
  return [...texts, ...entry.texts('Resources')].reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), time)
}
