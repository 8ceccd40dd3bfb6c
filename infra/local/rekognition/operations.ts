import type { Input } from '../aws-json/input.ts'
import type { Operation } from '../aws-json/serve.ts'
import { invalidParameter } from './errors.ts'
import type { SeenFace, SeenLabel } from './fixtures.ts'
import { type FindObject, readImage } from './image.ts'
import { look, type Seen } from './look.ts'

/** The first version whose taxonomy has three levels. */
const MODERATION_MODEL_VERSION = '7.0'
const DEFAULT_MIN_CONFIDENCE = 50

const ELSEWHERE = 'it is not stood in for.'
export const notRunning: Readonly<Record<string, string>> = Object.fromEntries(
  ['DetectLabels', 'DetectText', 'DetectProtectiveEquipment', 'CompareFaces', 'RecognizeCelebrities', 'IndexFaces'].map(
    (operation) => [operation, ELSEWHERE],
  ),
)

/** https://docs.aws.amazon.com/rekognition/latest/APIReference/API_Operations.html */
export function createOperations(findObject: FindObject): Readonly<Record<string, Operation>> {
  return {
    async DetectModerationLabels(input) {
      refuseMembers(input, ['HumanLoopConfig', 'ProjectVersion'])
      const least = percent(input, 'MinConfidence') ?? DEFAULT_MIN_CONFIDENCE
      const { labels } = await look(await readImage(input, findObject))
      return {
        ModerationLabels: labels.filter(({ confidence }) => confidence >= least).flatMap(describeLabel),
        ModerationModelVersion: MODERATION_MODEL_VERSION,
        ContentTypes: [],
      }
    },
    async DetectFaces(input) {
      const attributes = input.texts('Attributes').filter((attribute) => attribute !== 'DEFAULT')
      if (attributes.length > 0)
        throw invalidParameter(`Attributes ${attributes.join(', ')} do not run locally; DEFAULT does`)
      const seen = await look(await readImage(input, findObject))
      return { FaceDetails: seen.faces.map((face) => describeFace(face, seen)) }
    },
  }
}

/** A label and all that it belongs to, the deepest first. */
function describeLabel({ path, confidence }: SeenLabel): object[] {
  return path
    .map((name, level) => ({
      Confidence: confidence,
      Name: name,
      ParentName: path[level - 1] ?? '',
      TaxonomyLevel: level + 1,
    }))
    .reverse()
}

/** A face is a quarter higher than wide; what it has is where it is in most. */
function describeFace({ centre, size, sharpness, brightness, confidence }: SeenFace, { width, height }: Seen): object {
  const side = size * Math.min(width, height)
  const box = { width: side / width, height: (side * 1.25) / height }
  const at = (across: number, down: number) => ({ X: centre.x + across * box.width, Y: centre.y + down * box.height })
  return {
    BoundingBox: {
      Width: box.width,
      Height: box.height,
      Left: centre.x - box.width / 2,
      Top: centre.y - box.height / 2,
    },
    Landmarks: [
      { Type: 'eyeLeft', ...at(-0.2, -0.1) },
      { Type: 'eyeRight', ...at(0.2, -0.1) },
      { Type: 'mouthLeft', ...at(-0.15, 0.25) },
      { Type: 'mouthRight', ...at(0.15, 0.25) },
      { Type: 'nose', ...at(0, 0.08) },
    ],
    Pose: { Roll: 0, Yaw: 0, Pitch: 0 },
    Quality: { Brightness: brightness, Sharpness: sharpness },
    Confidence: confidence,
  }
}

function percent(input: Input, member: string): number | undefined {
  const value = input.members[member]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && value >= 0 && value <= 100) return value
  throw invalidParameter(`${member} must be from 0 to 100`)
}

function refuseMembers(input: Input, members: readonly string[]): void {
  const given = members.filter((member) => input.members[member] !== undefined && input.members[member] !== null)
  if (given.length > 0) throw invalidParameter(`${given.join(', ')} does not run locally`)
}
