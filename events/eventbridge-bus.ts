import { EventBridgeClient, EventBridgeServiceException, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { type BusPort, BusRefused, EVENT_SOURCE } from './bus.ts'

export interface EventBridgeBusOptions {
  /** Name or ARN of the custom bus. */
  readonly busName: string
  /** Made from the environment where not given. */
  readonly client?: EventBridgeClient
}

/**
 * The bus on EventBridge. The role needs `events:PutEvents` on it. The SDK itself tries again where a whole call fails
 * for a while; an entry that EventBridge refuses within a call that it took is the caller's.
 */
export function eventBridgeBus({ busName, client = new EventBridgeClient({}) }: EventBridgeBusOptions): BusPort {
  return {
    async put(entries) {
      const answer = await client
        .send(
          new PutEventsCommand({
            Entries: entries.map(({ detailType, detail, time, resources }) => ({
              EventBusName: busName,
              Source: EVENT_SOURCE,
              DetailType: detailType,
              Detail: detail,
              Time: new Date(time),
              ...(resources && { Resources: [...resources] }),
            })),
          }),
        )
        .catch((error: unknown) => {
          throw isRefusal(error) ? new BusRefused(`${error.name}: ${error.message}`, { cause: error }) : error
        })
      return (answer.Entries ?? []).map(({ EventId, ErrorCode, ErrorMessage }) =>
        EventId !== undefined && ErrorCode === undefined
          ? { ok: true, id: EventId }
          : { ok: false, code: ErrorCode ?? 'Unknown', message: ErrorMessage ?? 'EventBridge gave no reason' },
      )
    },
  }
}

/** The caller's fault, as the service sees it, and not for being too fast or late. */
function isRefusal(error: unknown): error is EventBridgeServiceException {
  if (!(error instanceof EventBridgeServiceException) || error.$fault !== 'client') return false
  const status = error.$metadata.httpStatusCode
  return !error.$retryable && !TRANSIENT.test(error.name) && status !== 429 && status !== 408
}

const TRANSIENT = /Throttl|TooManyRequests|LimitExceeded|Expired|RequestTimeout|SlowDown/
