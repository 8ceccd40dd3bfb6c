import { violationsOf } from '../contracts/event-contract.ts'
import { readMeta } from '../contracts/generated/validators.js'
import { EVENT_SOURCE } from './bus.ts'
import { below, detailTypeOf, type MediaEvent, type Meta } from './envelope.ts'

/**
 * The same event by the attributes of CloudEvents 1.0, for buses and tools that speak it. Names of extensions have
 * small letters and digits only, as the specification has it; `traceparent` is its own distributed tracing extension.
 */
export interface CloudEvent<D = unknown> {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: string
  /** `<name>.v<major>`, the detail-type. */
  readonly type: string
  readonly time: string
  readonly subject: string
  readonly dataschema: string
  readonly datacontenttype: 'application/json'
  readonly data: D
  /** `<major>.<minor>` that the data was written by. */
  readonly dataversion: string
  readonly run: string
  readonly correlationid: string
  readonly causationid: string
  readonly traceparent: string
  readonly actor?: string
  readonly replayid?: string
  readonly replaymode?: string
  readonly replayepoch?: number
  /** With commas between: attributes have no lists. */
  readonly replaylanes?: string
}

export type FromCloudEvent =
  | { readonly ok: true; readonly event: MediaEvent /** For `parseEvent`. */; readonly detailType: string }
  | { readonly ok: false /** One sentence for operators. */; readonly problem: string }

/** One to one: nothing of the event is lost, and nothing is added. */
export function toCloudEvent<D>(event: MediaEvent<D>): CloudEvent<D> {
  const { meta, data } = event
  return {
    specversion: '1.0',
    id: meta.id,
    source: EVENT_SOURCE,
    type: detailTypeOf(event),
    time: meta.time,
    subject: meta.subject,
    dataschema: meta.dataschema,
    datacontenttype: 'application/json',
    data,
    dataversion: meta.version,
    run: meta.run,
    correlationid: meta.correlationId,
    causationid: meta.causationId,
    traceparent: meta.traceparent,
    ...(meta.actor !== undefined && { actor: meta.actor }),
    ...(meta.replay !== undefined && {
      replayid: meta.replay.id,
      replaymode: meta.replay.mode,
      replayepoch: meta.replay.epoch,
      ...(meta.replay.lanes !== undefined && { replaylanes: meta.replay.lanes.join() }),
    }),
  }
}

/** Back again. The envelope is checked here; the data by `parseEvent`, which also lifts older majors. */
export function fromCloudEvent(cloudEvent: unknown): FromCloudEvent {
  if (typeof cloudEvent !== 'object' || cloudEvent === null) return refused('it is no object')
  const attributes = cloudEvent as Readonly<Record<string, unknown>>
  if (attributes['specversion'] !== '1.0') return refused('/specversion must be "1.0"')
  if (attributes['source'] !== EVENT_SOURCE) return refused(`/source must be "${EVENT_SOURCE}"`)
  const detailType = attributes['type']
  const [, type, major] = /^([A-Za-z0-9]+)\.v([1-9]\d*)$/.exec(String(detailType)) ?? []
  if (typeof detailType !== 'string' || type === undefined) return refused('/type must be "<name>.v<major>"')

  const meta: unknown = metaOf(attributes, type)
  if (!readMeta(meta))
    return refused(
      below('/meta', violationsOf(readMeta, meta))
        .map(({ pointer, problem }) => `${pointer} ${problem}`)
        .join('; '),
    )
  if (meta.version.split('.')[0] !== major)
    return refused(`/dataversion is ${meta.version}, of another major than /type`)
  return { ok: true, event: { meta, data: attributes['data'] }, detailType }
}

function metaOf(attributes: Readonly<Record<string, unknown>>, type: string): Readonly<Record<keyof Meta, unknown>> {
  const { id, time, subject, dataschema, run, traceparent, actor } = attributes
  const { dataversion, correlationid, causationid, replayid, replaymode, replayepoch, replaylanes } = attributes
  const lanes = typeof replaylanes === 'string' ? replaylanes.split(',') : replaylanes
  const replay = { id: replayid, mode: replaymode, epoch: replayepoch, ...(lanes !== undefined && { lanes }) }
  const isReplay = Object.values(replay).some((value) => value !== undefined)
  return {
    id,
    type,
    version: dataversion,
    time,
    dataschema,
    subject,
    run,
    correlationId: correlationid,
    causationId: causationid,
    traceparent,
    ...(actor !== undefined && { actor }),
    ...(isReplay && { replay }),
  } as Readonly<Record<keyof Meta, unknown>>
}

function refused(problem: string): FromCloudEvent {
  return { ok: false, problem: `this is none of our events as CloudEvents has them: ${problem}` }
}
