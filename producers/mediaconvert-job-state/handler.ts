import { queueHandler } from '../runtime/queue-handler.ts'
import { handleStateChange } from './handle.ts'

export const handler = queueHandler('mediaconvert-job-state', process.env, {
  variables: ['environment'],
  ports: (live, { environment }) => ({ ...live, environment }),
  handle: handleStateChange,
})
