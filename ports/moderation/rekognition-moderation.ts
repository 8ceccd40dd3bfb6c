import { DetectModerationLabelsCommand, type ModerationLabel, RekognitionClient } from '@aws-sdk/client-rekognition'
import type { Label } from '../../contracts/generated/shapes.ts'
import { unlookable } from '../rekognition/unlookable.ts'
import type { Moderation } from './moderation.ts'

/** Percent; below it Rekognition keeps a guess to itself. Asked for so that a stricter policy needs no second look. */
const MIN_CONFIDENCE = 50
/** Raise it with Rekognition's own: what an older model saw is then looked at again. */
const MODEL_MAJOR = 7

/**
 * Amazon Rekognition's DetectModerationLabels. The picture's bytes never come here: Rekognition reads the object with
 * the rights of the function.
 */
export function rekognitionModeration(options: { readonly client?: RekognitionClient } = {}): Moderation {
  const client = options.client ?? new RekognitionClient()
  return {
    recipe: `rekognition-${MODEL_MAJOR}/min-${MIN_CONFIDENCE}`,
    async look({ bucket, key, versionId }) {
      try {
        const { ModerationLabels = [], ModerationModelVersion = 'unknown' } = await client.send(
          new DetectModerationLabelsCommand({
            Image: { S3Object: { Bucket: bucket, Name: key, Version: versionId } },
            MinConfidence: MIN_CONFIDENCE,
          }),
        )
        const labels = ModerationLabels.flatMap(toLabel).sort((a, b) => b.confidence - a.confidence)
        return { ok: true, labels, model: `rekognition-${ModerationModelVersion}` }
      } catch (error) {
        const reason = unlookable(error)
        if (reason === undefined) throw error
        return { ok: false, reason }
      }
    },
  }
}

function toLabel({ Name, ParentName, Confidence = 0 }: ModerationLabel): Label[] {
  if (!Name) return []
  return [{ name: Name, ...(ParentName && { parent: ParentName }), confidence: Confidence }]
}
