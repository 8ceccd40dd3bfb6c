import { ThumbnailReadyV1, ThumbnailReadyV2, type ThumbnailReadyV2Data } from '../../contracts/generated/events.ts'
import type { BusPort } from '../../events/bus.ts'
import { detailTypeOf, type MediaEvent, withReplay } from '../../events/envelope.ts'
import { derivedId } from '../../events/ids.ts'
import { toEntry } from '../../events/publish.ts'
import type { Data, ReadModel, Write } from '../../ports/read-model/read-model.ts'

/** The ports as the build before ThumbnailReady v2 used them: what it makes, and so writes down and says, is v1. */
export function asOlderBuild<P extends { readonly readModel: ReadModel; readonly bus: BusPort }>(ports: P): P {
  const made = new Map<string, MediaEvent>()
  return {
    ...ports,
    readModel: {
      ...ports.readModel,
      async commit(writes) {
        const olderWrites = writes.map(olderWrite)
        const answer = await ports.readModel.commit(olderWrites)
        if (answer === 'committed') {
          for (const [index, write] of writes.entries()) {
            const said = eventsOf(olderWrites[index] ?? write)
            for (const [position, { meta }] of eventsOf(write).entries()) {
              const event = said[position]
              if (event) made.set(meta.id, event)
            }
          }
        }
        return answer
      },
    },
    bus: {
      put: (entries) =>
        ports.bus.put(
          entries.map((entry) => {
            const { meta } = JSON.parse(entry.detail) as MediaEvent
            const event = made.get(meta.id)
            return event ? toEntry(withReplay(event, meta.replay)) : entry
          }),
        ),
    },
  }
}

function eventsOf(write: Write): readonly MediaEvent[] {
  const events = write.kind === 'create' ? write.data['events'] : undefined
  return Array.isArray(events) ? (events as unknown as readonly MediaEvent[]) : []
}

function olderWrite(write: Write): Write {
  const events = eventsOf(write).map(older)
  if (write.kind !== 'create' || events.length === 0) return write
  return { ...write, data: { ...write.data, events: events as unknown as Data[] } }
}

function older(event: MediaEvent): MediaEvent {
  if (detailTypeOf(event) !== ThumbnailReadyV2.detailType) return event
  const { placeholder, ...data } = event.data as ThumbnailReadyV2Data
  const { causationId: cause, run } = event.meta
  const { detailType, name: type, version, dataschema } = ThumbnailReadyV1
  const by = data.kind === 'video' ? 'generate-thumbnail' : 'optimize-image'
  const id = derivedId({ cause, by, variant: detailType, run })
  return { meta: { ...event.meta, id, type, version, dataschema }, data: { ...data, thumbhash: placeholder.value } }
}
