import { mediaConvertJobs } from '../../ports/transcoder/mediaconvert-jobs.ts'
import { queueHandler } from '../runtime/queue-handler.ts'
import { handleStateChange } from './handle.ts'

export const handler = queueHandler('mediaconvert-job-state', process.env, {
  variables: ['environment'],
  ports: (live, { environment }) => ({ ...live, transcoder: mediaConvertJobs({ environment }), environment }),
  handle: handleStateChange,
})
