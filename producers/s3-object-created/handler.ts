import { checksOf } from '../../ports/environment/environment.ts'
import { queueHandler } from '../runtime/queue-handler.ts'
import { handleNotification } from './handle.ts'

export const handler = queueHandler('s3-object-created', process.env, {
  variables: ['checks'],
  ports: (live, { checks }) => ({ ...live, checks: checksOf(checks) }),
  handle: handleNotification,
})
