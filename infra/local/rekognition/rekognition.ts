import { serveJson } from '../aws-json/serve.ts'
import type { Cloud, WireService } from '../cloud.ts'
import { wording } from './errors.ts'
import type { FindObject } from './image.ts'
import { createOperations, notRunning } from './operations.ts'

export interface RekognitionOptions {
  /** Finds the objects that callers name instead of sending bytes. */
  readonly findObject: FindObject
}

/**
 * A stand-in for Amazon Rekognition: it takes the service's calls, limits and pictures, and answers what the picture's
 * marker asks for. It sees nothing; docs/decisions/016-local-rekognition.md says why.
 */
export function createRekognition(cloud: Cloud, { findObject }: RekognitionOptions): WireService {
  return {
    signingNames: ['rekognition'],
    handle: serveJson(cloud, {
      signingName: 'rekognition',
      target: 'RekognitionService',
      version: '1.1',
      // 5 MiB of picture in base64, and its frame.
      maxBodyBytes: 8 * 1_048_576,
      wording,
      operations: createOperations(findObject),
      notRunning,
    }),
    stop: async () => {},
  }
}
