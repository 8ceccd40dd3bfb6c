import { isVerdict, winningRun } from '../../contracts/fold.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import type { TranscodeJobs } from '../../ports/transcoder/transcoder.ts'
import { inquire as inquireScan } from '../runtime/malware-scan.ts'
import { inquire as inquireJob } from '../runtime/transcode-job.ts'
import type { Inquiry } from './handle.ts'

/** Asks the bytes themselves, which carry the scanner's verdict. */
export function scanInquiry(objects: Pick<Objects, 'tags'>): Inquiry {
  return async (media, now) => {
    const known = winningRun(media.steps['scan-malware'] ?? {})
    // A scan that failed may have been done again.
    if (!media.required?.includes('scan-malware') || (known && isVerdict(known.result))) return []
    const event = await inquireScan(media, { objects }, now)
    return event ? [event] : []
  }
}

/** Asks the transcoder for the job that a video waits for. */
export function transcodeInquiry(transcoder: Pick<TranscodeJobs, 'get'>): Inquiry {
  return (media, now) => inquireJob(media, { transcoder }, now)
}
