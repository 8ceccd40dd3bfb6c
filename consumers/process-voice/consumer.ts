import {
  MediaRejectedV1,
  MediaUploadedV1,
  ProcessingFailedV1,
  VoiceProcessedV1,
} from '../../contracts/generated/events.ts'
import { LIMITS } from '../../contracts/limits.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import { bytesSource } from '../../ports/probe/bytes.ts'
import type { RenderedAudio } from '../../ports/voice/voice.ts'
import { defineConsumer } from '../runtime/define-consumer.ts'
import { emit, rejected } from '../runtime/outcomes.ts'
import { tooLarge } from '../runtime/too-large.ts'
import { unmade } from '../runtime/unmade.ts'

export const consumer = defineConsumer({
  name: 'process-voice',
  description:
    'Makes the forms of a voice note that every phone plays, AAC and Opus beside it, evenly loud; with its wave for the bubble.',
  on: [MediaUploadedV1.where({ kind: ['voice'] })],
  emits: [VoiceProcessedV1, MediaRejectedV1, ProcessingFailedV1],
  // From here on a Lambda has a whole processor; the dearest recording of an hour takes two minutes of it.
  resources: { memoryMb: 1769, timeoutSeconds: 420, batchSize: 1, concurrency: 50 },
  needs: ['objects', 'probe', 'voice'],
  objectAccess: { reads: ['voice/original/'], writes: ['voice/processed/'] },
  async handle({ data }, { objects, probe, voice }) {
    const { mediaId, kind, object } = data
    const refusal = tooLarge(kind, object.bytes)
    if (refusal) return rejected(refusal)
    const original = await objects.read(object, LIMITS.voice.maxBytes)
    const probed = await probe.probe(bytesSource(original))
    if (!probed.ok) return rejected(probed)
    const rendered = await voice.render(original, probed.facts)
    if (!rendered.ok) return unmade(rendered)
    const { durationMs, peaks, loudness } = rendered
    const folder = `voice/processed/${mediaId}/${await voice.recipe()}`
    const audios = await Promise.all(rendered.audios.map((audio) => store(objects, folder, audio)))
    return emit(VoiceProcessedV1, {
      mediaId,
      kind,
      durationMs,
      peaks,
      ...(loudness !== undefined && { loudness }),
      audios,
    })
  },
})

async function store(objects: Objects, folder: string, { bytes, extension, ...audio }: RenderedAudio) {
  const key = `${folder}/${audio.name}.${extension}`
  return { ...audio, object: await objects.put(key, bytes, { contentType: audio.contentType }) }
}
