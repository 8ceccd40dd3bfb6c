import { MediaUploadedV1 } from '../contracts/generated/events.ts'
import { createEvent, type MediaEvent, type Origin } from './envelope.ts'
import { rootId } from './ids.ts'

/** A valid upload for tests; the number tells one from another. */
export function uploadedEvent(number = 0, origin: Partial<Origin> = {}): MediaEvent {
  const mediaId = rootId(['media', String(number)])
  const id = rootId(['upload', String(number)])
  return createEvent(
    MediaUploadedV1,
    {
      mediaId,
      kind: 'image',
      contentType: 'image/jpeg',
      object: {
        bucket: 'messageai-media-dev',
        key: `images/original/${mediaId}`,
        versionId: `v${number}`,
        etag: 'e',
        bytes: 42,
      },
    },
    {
      id,
      time: Date.UTC(2026, 2, 1, 10),
      subject: mediaId,
      run: '0.0',
      correlationId: id,
      causationId: id,
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      ...origin,
    },
  )
}
