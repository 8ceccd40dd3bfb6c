import { DetectFacesCommand, type FaceDetail, RekognitionClient } from '@aws-sdk/client-rekognition'
import { unlookable } from '../rekognition/unlookable.ts'
import type { Face, Faces } from './faces.ts'

/**
 * Amazon Rekognition's DetectFaces, which keeps nothing of a face. The picture's bytes never come here: Rekognition reads
 * the object with the rights of the function.
 */
export function rekognitionFaces(options: { readonly client?: RekognitionClient } = {}): Faces {
  const client = options.client ?? new RekognitionClient()
  return {
    async find({ bucket, key, versionId }) {
      try {
        const { FaceDetails = [] } = await client.send(
          new DetectFacesCommand({
            Image: { S3Object: { Bucket: bucket, Name: key, Version: versionId } },
            // Box, landmarks, pose and quality; never age, gender or feelings.
            Attributes: ['DEFAULT'],
          }),
        )
        const faces = FaceDetails.map(toFace).sort((a, b) => b.width * b.height - a.width * a.height)
        return { ok: true, faces }
      } catch (error) {
        const reason = unlookable(error)
        if (reason === undefined) throw error
        return { ok: false, reason }
      }
    },
  }
}

function toFace({ BoundingBox, Quality, Confidence }: FaceDetail): Face {
  return {
    left: BoundingBox?.Left ?? 0,
    top: BoundingBox?.Top ?? 0,
    width: BoundingBox?.Width ?? 0,
    height: BoundingBox?.Height ?? 0,
    confidence: Confidence ?? 0,
    sharpness: Quality?.Sharpness ?? 0,
    brightness: Quality?.Brightness ?? 0,
  }
}
