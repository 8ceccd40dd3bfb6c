import { defineProducer } from '../../runtime/define-producer.ts'

export const producer = defineProducer({
  name: 'authorize',
  description: 'Says who calls the API, by the Firebase ID token of the request.',
  trigger: { kind: 'authorizer' },
  emits: [],
  resources: { memoryMb: 256, timeoutSeconds: 10 },
  access: {},
})
