import { type Schedule, scheduleWithNode } from '../alarm.ts'
import { serveJson } from '../aws-json/serve.ts'
import type { Cloud, Deliver, Provisioner, WireService } from '../cloud.ts'
import { type ArchivedEvent, openArchives } from './archive.ts'
import { createBuses } from './buses.ts'
import { notFound, wording } from './errors.ts'
import { envelop, type ServiceEvent } from './event.ts'
import { openHoldings } from './holdings.ts'
import { createOperations, notRunning } from './operations.ts'
import { createProvisioners } from './provision.ts'
import { createRedelivery } from './redelivery.ts'
import { createReplays } from './replays.ts'
import { createRouter, type Observe } from './router.ts'
import { createScheduler } from './schedule.ts'

export interface EventBridgeOptions {
  /** Takes what rules send, by the target's ARN; what it throws goes to the target's dead-letter queue. */
  readonly deliver: Deliver
  /** How timers run; node's where absent. */
  readonly schedule?: Schedule
  readonly observe?: Observe
}

export interface EventBridge extends WireService {
  /** By CloudFormation type. */
  readonly provisioners: Readonly<Record<string, Provisioner>>
  /** Once everything is declared: goes on with replays and retries that a stop, or a kill, has cut off. */
  start(): void
  /** A service's event onto the default bus, in the open transaction where there is one. */
  publish(event: ServiceEvent): void
  /**
   * What an archive holds of `from` (included) to `to` (left out), both in milliseconds since 1970, by event time.
   * @throws AwsError ResourceNotFoundException
   */
  read(archiveArn: string, from: number, to: number): Iterable<ArchivedEvent>
}

/** EventBridge: buses, rules, archives and replays, on the wire and in process. */
export function createEventBridge(cloud: Cloud, options: EventBridgeOptions): EventBridge {
  const schedule = options.schedule ?? scheduleWithNode
  const buses = createBuses(cloud)
  const archives = openArchives(cloud)
  const redelivery = createRedelivery(cloud, { buses, router: () => router, schedule })
  const router = createRouter(cloud, {
    buses,
    archives,
    deliver: options.deliver,
    onTransient: redelivery.later,
    observe: options.observe ?? (() => {}),
  })
  const scheduler = createScheduler(cloud, buses, router, schedule)
  const holdings = openHoldings(cloud, { buses, archives, scheduler })
  const replays = createReplays(cloud, { buses, archives, router, schedule })
  holdings.restore(buses.get(undefined))

  return {
    signingNames: ['events'],
    provisioners: createProvisioners(buses, holdings),
    handle: serveJson(cloud, {
      signingName: 'events',
      target: 'AWSEvents',
      version: '1.1',
      // A megabyte of entries, escaped.
      maxBodyBytes: 8 * 1_048_576,
      wording,
      operations: createOperations(cloud, { buses, archives, router, holdings, replays }),
      notRunning,
    }),
    start() {
      replays.resume()
      redelivery.start()
    },
    async stop() {
      scheduler.stop()
      replays.stop()
      redelivery.stop()
    },
    publish(event) {
      const { source, resources, detail } = event
      const time = Date.parse(event.time)
      const parts = { source, detailType: event['detail-type'], resources, time, detail }
      router.route(buses.get(undefined), envelop(cloud, { ...parts, detailJson: JSON.stringify(detail) }))
    },
    read(archiveArn, from, to) {
      const archive = buses.archives().find(({ arn }) => arn === archiveArn)
      if (!archive) throw notFound(`Archive ${archiveArn}`)
      return archives.read(archive, from, to)
    },
  }
}
