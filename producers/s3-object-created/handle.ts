import type { SourceQueue } from '../../ports/queue/queue.ts'
import { type BindPorts, bindUpload } from '../runtime/bind-upload.ts'
import { mediaIdOf } from '../runtime/original-key.ts'
import { readNotification } from './notification.ts'

export interface Ports extends BindPorts {
  readonly queue: Pick<SourceQueue, 'deadLetter'>
}

/**
 * Takes one notification of S3's to its end; returns what became of it, in words for the log.
 * @throws whatever is transient; the notification then comes again.
 */
export async function handleNotification(ports: Ports, body: string): Promise<string> {
  const notification = readNotification(body)
  switch (notification.kind) {
    case 'unreadable':
      await ports.queue.deadLetter(body, notification.problem)
      return `unreadable: ${notification.problem}`
    case 'other':
      return `ignored: ${notification.reason}`
    case 'created': {
      const mediaId = mediaIdOf(notification.object.key)
      if (mediaId === undefined) return 'ignored: not an original'
      const binding = await bindUpload(ports, mediaId, notification.object)
      return binding.kind === 'bound' ? `bound to ${mediaId}` : `${binding.kind}: ${binding.reason}`
    }
  }
}
