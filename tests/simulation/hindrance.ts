import { MediaUploadRequestedV1 } from '../../contracts/generated/events.ts'
import { FIRST_RUN } from '../../contracts/run.ts'
import { createEvent, type MediaEvent } from '../../events/envelope.ts'
import { rootId } from '../../events/ids.ts'
import { traceparentOf } from '../../events/traceparent.ts'
import { debtPath, owe } from '../../ports/outbox/outbox.ts'
import type { Data } from '../../ports/read-model/read-model.ts'
import type { Ports } from './ports.ts'
import type { Store } from './store.ts'

const AT = '2026-03-01T10:00:00.000Z'
const [ID, OTHER_ID] = [rootId(['hindrance']), rootId(['behind the hindrance'])]
const MEDIA = `media/${ID}`
const [EVENT, OTHER_EVENT] = [requested(ID), requested(OTHER_ID)]
const DEBT = debtPath(EVENT)

/**
 * A reservation and a debt that are due before all others, and of which nothing can be made as long as anything else
 * waits for a sweep, such as one more debt: who always lets them go first lets nobody go.
 */
export class Hindrance {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  begin(): void {
    const media = {
      version: '1.0',
      mediaId: ID,
      ownerId: 'nobody',
      conversationId: 'none',
      kind: 'image',
      declared: { contentType: 'image/jpeg', bytes: 1 },
      reservedAt: AT,
      expiresAt: AT,
      deadlineAt: AT,
      life: 0,
      retry: 0,
      steps: {},
    } as const satisfies Data
    const since = Date.parse(AT)
    this.#store.commit([
      { kind: 'create', path: MEDIA, data: media },
      owe({ event: EVENT }, since),
      owe({ event: OTHER_EVENT }, since + 1),
    ])
  }

  /** Once it is all that is left, it has done its worst. */
  endIfAlone(): void {
    if (!this.#store.documents.has(MEDIA)) return
    const others = [
      ...this.#store.below('media').filter(({ path, data }) => path !== MEDIA && data['deadlineAt'] !== undefined),
      ...this.#store.below('outbox').filter(({ path }) => path !== DEBT),
    ]
    if (others.length > 0) return
    this.#store.commit([
      { kind: 'delete', path: MEDIA },
      { kind: 'delete', path: DEBT },
    ])
  }

  /** The ports as a sweep finds them. */
  within({ objects, bus, ...ports }: Ports): Ports {
    const refusal = { ok: false, code: 'MalformedDetail', message: 'refused each time' } as const
    return {
      ...ports,
      objects: {
        ...objects,
        versions: (key) =>
          key.includes(ID) ? Promise.reject(new Error(`${key} can't be looked at`)) : objects.versions(key),
      },
      bus: {
        put: (entries) =>
          entries.some(({ detail }) => detail.includes(ID))
            ? Promise.resolve(entries.map(() => refusal))
            : bus.put(entries),
      },
    }
  }
}

function requested(mediaId: string): MediaEvent {
  return createEvent(
    MediaUploadRequestedV1,
    { mediaId, kind: 'image', contentType: 'image/jpeg', bytes: 1, expiresAt: AT },
    {
      id: mediaId,
      time: Date.parse(AT),
      subject: mediaId,
      run: FIRST_RUN,
      correlationId: mediaId,
      causationId: mediaId,
      traceparent: traceparentOf(mediaId),
    },
  )
}
