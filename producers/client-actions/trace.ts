import { traceparentOf } from '../../events/traceparent.ts'
import { type ApiRequest, headerOf } from './request.ts'

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/
/** `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`; API Gateway may leave out all but Root. */
const XRAY = /(?:^|;)Root=1-([0-9a-f]{8})-([0-9a-f]{24})(?:;|$)/

/**
 * The W3C trace that the request belongs to: the client's own, else the one that X-Ray gave it, else one made of the
 * event's id.
 */
export function traceparentFrom(request: Pick<ApiRequest, 'headers'>, eventId: string): string {
  const own = headerOf(request, 'traceparent')
  if (own !== undefined && TRACEPARENT.test(own)) return own
  const made = traceparentOf(eventId)
  const [, time, random] = XRAY.exec(headerOf(request, 'X-Amzn-Trace-Id') ?? '') ?? []
  return time === undefined || random === undefined ? made : made.replace(/^00-[0-9a-f]{32}/, `00-${time}${random}`)
}
