import type { Need } from '../../consumers/runtime/define-consumer.ts'

/** How each port that a consumer may need is made on AWS. */
export const ADAPTERS: Readonly<
  Record<Need, { readonly module: string; readonly name: string; readonly make: string }>
> = {
  objects: {
    module: './ports/objects/s3-objects.ts',
    name: 's3Objects',
    make: '({ bucket }) => s3Objects({ bucket })',
  },
  images: { module: './ports/images/sharp-images.ts', name: 'sharpImages', make: '() => sharpImages()' },
  moderation: {
    module: './ports/moderation/rekognition-moderation.ts',
    name: 'rekognitionModeration',
    make: '() => rekognitionModeration()',
  },
  verdicts: {
    module: './ports/verdicts/read-model-verdicts.ts',
    name: 'readModelVerdicts',
    make: '({ readModel, clock }) => readModelVerdicts({ readModel, clock })',
  },
  faces: { module: './ports/faces/rekognition-faces.ts', name: 'rekognitionFaces', make: '() => rekognitionFaces()' },
  probe: { module: './ports/probe/live-probe.ts', name: 'liveProbe', make: '({ variables }) => liveProbe(variables)' },
  voice: { module: './ports/voice/live-voice.ts', name: 'liveVoice', make: '({ variables }) => liveVoice(variables)' },
  video: { module: './ports/video/live-video.ts', name: 'liveVideo', make: '({ variables }) => liveVideo(variables)' },
  documents: {
    module: './ports/documents/pdfium-documents.ts',
    name: 'pdfiumDocuments',
    make: '() => pdfiumDocuments()',
  },
  transcoder: {
    module: './ports/transcoder/live-transcoder.ts',
    name: 'liveTranscoder',
    make: '({ variables }) => liveTranscoder(variables)',
  },
  ids: { module: './ports/ids/ids.ts', name: 'randomIds', make: '() => randomIds' },
}

/**
 * The source of a consumer's function: the runtime, the consumer, and the adapters of the ports that it needs, so that
 * a bundle holds no other.
 * @param file the consumer's, from the repository's folder on: `./consumers/…/consumer.ts`.
 */
export function consumerEntry(file: string, needs: readonly Need[]): string {
  const adapters = needs.map((need) => ({ need, ...ADAPTERS[need] }))
  return [
    `import { consumer } from ${JSON.stringify(file)}`,
    "import { lambdaHandler } from './consumers/runtime/lambda.ts'",
    ...adapters.map(({ module, name }) => `import { ${name} } from ${JSON.stringify(module)}`),
    'export const handler = lambdaHandler(consumer, process.env, {',
    ...adapters.map(({ need, make }) => `  ${need}: ${make},`),
    '})',
    '',
  ].join('\n')
}
