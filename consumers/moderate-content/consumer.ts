import {
  ContentModeratedV1,
  ImageOptimizedV1,
  type ImageOptimizedV1Data,
  MediaRejectedV1,
  VideoFramesSampledV1,
  type VideoFramesSampledV1Data,
} from '../../contracts/generated/events.ts'
import type { Label } from '../../contracts/generated/shapes.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'
import { defineConsumer } from '../runtime/define-consumer.ts'
import { emit, rejected } from '../runtime/outcomes.ts'
import { lookOnce } from './look-once.ts'
import { judge } from './policy.ts'

/** As many as the event takes. */
const MAX_LABELS = 64

export const consumer = defineConsumer<
  ImageOptimizedV1Data | VideoFramesSampledV1Data,
  'objects' | 'moderation' | 'verdicts'
>({
  name: 'moderate-content',
  description:
    'Has a look taken at what a picture or a video shows, and decides what follows: shown, flagged or blocked.',
  on: [ImageOptimizedV1, VideoFramesSampledV1],
  emits: [ContentModeratedV1, MediaRejectedV1],
  // Of a video up to 32 pictures, one after the other.
  resources: { memoryMb: 256, timeoutSeconds: 120, batchSize: 1, concurrency: 20 },
  needs: ['objects', 'moderation', 'verdicts'],
  objectAccess: { reads: ['images/optimized/', 'profiles/optimized/', 'videos/frames/'] },
  async handle({ data }, ports) {
    const { mediaId, kind } = data
    const { contentHash, seen } = await lookOnce(ports, picturesOf(data))
    const all = surestOfEach(seen.flatMap((one) => one.labels))
    // By all of them: what the event has no room for may be what is not allowed.
    const { verdict, because } = judge(all)
    const labels = all.slice(0, MAX_LABELS)
    const [{ model } = { model: 'unknown' }] = seen
    const moderated = emit(ContentModeratedV1, { mediaId, kind, verdict, labels, model, contentHash })
    if (verdict !== 'blocked') return moderated
    return rejected({ code: 'not-allowed', message: refusal(kind, because) }, moderated)
  },
})

/** Of a photo the JPEG, as moderation takes no WebP, and stills where it moves; of a video its sampled frames. */
function picturesOf(data: ImageOptimizedV1Data | VideoFramesSampledV1Data): readonly StoredObject[] {
  if ('frames' in data) return data.frames.map(({ object }) => object)
  const jpegs = data.variants.filter(({ contentType }) => contentType === 'image/jpeg')
  if (jpegs.length === 0) throw new Error(`ImageOptimized of ${data.mediaId} names no JPEG to look at`)
  return [...jpegs, ...(data.stills ?? [])].map(({ object }) => object)
}

/** Each label once, as sure as it was in any of the pictures; surest first. */
function surestOfEach(labels: readonly Label[]): readonly Label[] {
  const surest = new Map<string, Label>()
  for (const label of labels) {
    if (label.confidence > (surest.get(label.name)?.confidence ?? -1)) surest.set(label.name, label)
  }
  return [...surest.values()].sort((a, b) => b.confidence - a.confidence)
}

function refusal(kind: string, because: readonly Label[]): string {
  const what = kind === 'video' ? 'video' : 'picture'
  const why = because.map(({ name }) => name).join(', ')
  return `This ${what} may not be sent here (${why}). Choose another one; if this is a mistake, ask a moderator to look at it.`
}
