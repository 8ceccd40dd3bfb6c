import type { MediaDocument } from '../../contracts/generated/documents.ts'
import type { MediaUploadedV1Data } from '../../contracts/generated/events.ts'
import { MediaUploadedV1 } from '../../contracts/generated/events.ts'
import { createEvent, detailTypeOf, type MediaEvent } from '../../events/envelope.ts'
import { fakeBus } from '../../events/fake-bus.ts'
import { rootId } from '../../events/ids.ts'
import { toEntry } from '../../events/publish.ts'
import { traceparentOf } from '../../events/traceparent.ts'
import type { Clock } from '../../ports/clock/clock.ts'
import { fakeImages } from '../../ports/images/fake-images.ts'
import { fakeObjects } from '../../ports/objects/fake-objects.ts'
import { oldDebts, settleDebts } from '../../ports/outbox/outbox.ts'
import { fakeProbe } from '../../ports/probe/fake-probe.ts'
import { fakeQueue } from '../../ports/queue/fake-queue.ts'
import { fakeReadModel } from '../../ports/read-model/fake-read-model.ts'
import type { Data } from '../../ports/read-model/read-model.ts'
import { fakeVideo } from '../../ports/video/fake-video.ts'

export const MEDIA_ID = '5f0c6a52-0b57-5d3c-9a3f-2f1a5d0c7e11'
export const BUCKET = 'media'

/** One uploaded photo and everything around the consumers, in memory: for tests of the runtime. */
export async function makeWorld(bytes: Uint8Array = Buffer.from('a photo')) {
  const objects = fakeObjects({ bucket: BUCKET })
  const object = await objects.put(`images/original/${MEDIA_ID}`, bytes, { contentType: 'image/jpeg' })
  const media: MediaDocument = {
    version: '1.0',
    mediaId: MEDIA_ID,
    ownerId: 'owner',
    conversationId: 'conversation',
    kind: 'image',
    declared: { contentType: 'image/jpeg', bytes: bytes.length },
    reservedAt: '2026-03-01T10:00:00.000Z',
    expiresAt: '2026-03-01T10:10:00.000Z',
    life: 0,
    retry: 0,
    steps: {},
    object,
    uploadedAt: '2026-03-01T10:00:01.000Z',
    required: ['extract-metadata', 'optimize-image'],
    deadlineAt: '2026-03-01T10:15:01.000Z',
  }
  const path = `media/${MEDIA_ID}`
  const readModel = fakeReadModel({ [path]: media as unknown as Data })
  const bus = fakeBus()
  const queue = fakeQueue()
  let now = Date.parse('2026-03-01T10:00:02.000Z')
  const clock: Clock = {
    now: () => now++,
    async sleep(milliseconds) {
      now += milliseconds
    },
  }
  const id = rootId([object.key, object.versionId])
  const uploaded: MediaEvent<MediaUploadedV1Data> = createEvent(
    MediaUploadedV1,
    { mediaId: MEDIA_ID, kind: 'image', contentType: 'image/jpeg', object },
    {
      id,
      time: now,
      subject: MEDIA_ID,
      run: '0.0',
      correlationId: MEDIA_ID,
      causationId: id,
      traceparent: traceparentOf(id),
    },
  )
  return {
    objects,
    images: fakeImages(),
    video: fakeVideo(),
    probe: fakeProbe(),
    readModel,
    bus,
    queue,
    clock,
    uploaded,
    /** What the scheduled sweep does with what a crash left unsaid. */
    sweepOutbox: async () =>
      settleDebts({ readModel, bus, clock }, await oldDebts(readModel, Date.parse('2027-01-01T00:00:00Z'), 10)),
    media: () => readModel.documents.get(path) as MediaDocument | undefined,
    /** What was said, by detail-type and id, each once. */
    said: () => new Set(bus.events().map((event) => `${detailTypeOf(event)} ${event.meta.id}`)),
  }
}

export type World = Awaited<ReturnType<typeof makeWorld>>

/** The body of the SQS message in which an EventBridge rule delivers the event. */
export function messageOf(event: MediaEvent, envelope: Readonly<Record<string, unknown>> = {}): string {
  const { detailType, detail } = toEntry(event)
  return JSON.stringify({
    source: 'messageai.media',
    'detail-type': detailType,
    detail: JSON.parse(detail),
    ...envelope,
  })
}
