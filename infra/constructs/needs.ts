import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Need } from '../../consumers/runtime/define-consumer.ts'
import { FFMPEG_ON_LAMBDA, type LayerName } from '../build/layers.ts'
import type { Platform } from './node-function.ts'
import type { Transcoding } from './transcoding.ts'

/** What a port asks of the function that uses it, beside the objects and the read model that every consumer has. */
export interface NeedGrant {
  readonly layers?: readonly LayerName[]
  readonly statements?: (platform: Platform) => readonly PolicyStatement[]
  readonly variables?: (platform: Platform) => Readonly<Record<string, string>>
}

/** Whoever runs ffmpeg. Locally functions are told of this machine's own ffmpeg by whoever runs them. */
export const FFMPEG: NeedGrant = {
  layers: ['ffmpeg'],
  variables: ({ config }) => (config.environment === 'local' ? {} : { FFMPEG_BIN: FFMPEG_ON_LAMBDA }),
}

/**
 * Rekognition reads the object with the rights of the function, by the prefixes that its declaration names. Its own
 * actions know no resource to name.
 */
function calls(action: `rekognition:${string}`): NeedGrant {
  return { statements: () => [new PolicyStatement({ actions: [action], resources: ['*'] })] }
}

const GRANTS: Readonly<Record<Need, NeedGrant>> = {
  objects: {},
  images: { layers: ['sharp'] },
  ids: {},
  moderation: calls('rekognition:DetectModerationLabels'),
  verdicts: {},
  faces: calls('rekognition:DetectFaces'),
  probe: {},
  voice: FFMPEG,
  video: FFMPEG,
  documents: {},
  transcoder: {
    statements: (platform) => transcodingOf(platform).startStatements(),
    variables: (platform) => transcodingOf(platform).variables,
  },
}

function transcodingOf({ transcoding }: Platform): Transcoding {
  if (!transcoding) throw new Error('this stack has no transcoder')
  return transcoding
}

/** All that a consumer's needs ask for, together. */
export function grantsOf(
  needs: readonly Need[],
  platform: Platform,
): {
  readonly layers: readonly LayerName[]
  readonly statements: readonly PolicyStatement[]
  readonly variables: Readonly<Record<string, string>>
} {
  const grants = needs.map((need) => GRANTS[need])
  return {
    layers: [...new Set(grants.flatMap(({ layers }) => layers ?? []))],
    statements: grants.flatMap(({ statements }) => statements?.(platform) ?? []),
    variables: Object.assign({}, ...grants.map(({ variables }) => variables?.(platform) ?? {})),
  }
}
