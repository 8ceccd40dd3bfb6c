import { MediaRejectedV1, MediaUploadedV1, MetadataExtractedV2 } from '../../contracts/generated/events.ts'
import type { Kind } from '../../contracts/limits.ts'
import { type ConsumerPorts, defineConsumer } from '../runtime/define-consumer.ts'
import { emit, rejected, skipped } from '../runtime/outcomes.ts'
import { tooLarge } from '../runtime/too-large.ts'
import type { Extracted, Upload } from './extracted.ts'
import { fileFacts } from './file.ts'
import { pictureFacts } from './picture.ts'
import { videoFacts, voiceFacts } from './playable.ts'

type Ports = Pick<ConsumerPorts, 'objects' | 'images' | 'probe'>

const EXTRACT: Readonly<Record<Kind, (upload: Upload, ports: Ports) => Promise<Extracted>>> = {
  image: pictureFacts,
  profile: pictureFacts,
  video: videoFacts,
  voice: voiceFacts,
  file: fileFacts,
}

export const consumer = defineConsumer({
  name: 'extract-metadata',
  description:
    'Reads what a media says of itself from its bytes: format, upright size, duration, codecs, when a photo was taken; never where.',
  on: [MediaUploadedV1],
  emits: [MetadataExtractedV2, MediaRejectedV1],
  // What a probe may read and hold at most, 100 MB, stands beside a function's own 130.
  resources: { memoryMb: 512, timeoutSeconds: 10, batchSize: 1, concurrency: 50 },
  needs: ['objects', 'images', 'probe'],
  objectAccess: {
    reads: ['images/original/', 'profiles/original/', 'videos/original/', 'voice/original/', 'files/original/'],
  },
  async handle({ data }, ports) {
    const { mediaId, kind, object } = data
    const extract = isKnown(kind) ? EXTRACT[kind] : undefined
    if (extract === undefined) return skipped(`nothing is known of ${kind}`)
    const refusal = tooLarge(kind, object.bytes)
    if (refusal) return rejected(refusal)
    const extracted = await extract({ kind, object }, ports)
    if (!extracted.ok) return rejected(extracted)
    return emit(MetadataExtractedV2, { mediaId, kind, bytes: object.bytes, ...extracted.facts })
  },
})

const isKnown = (kind: string): kind is Kind => Object.hasOwn(EXTRACT, kind)
