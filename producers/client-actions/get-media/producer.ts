import { defineProducer } from '../../runtime/define-producer.ts'

export const producer = defineProducer({
  name: 'get-media',
  description:
    'Shows one media to its owner and to the members of its conversation, with signed URLs of what is there.',
  trigger: { kind: 'api', method: 'GET', path: '/media/{id}' },
  emits: [],
  resources: { memoryMb: 512, timeoutSeconds: 10 },
  access: {
    // What is shown to people; sampled frames are not.
    reads: [
      'images/thumbnails/',
      'images/optimized/',
      'profiles/thumbnails/',
      'profiles/optimized/',
      'videos/thumbnails/',
      'videos/compressed/',
      'voice/processed/',
      'files/previews/',
      // A file is handed out as it came.
      'files/original/',
    ],
    readModel: true,
  },
})
