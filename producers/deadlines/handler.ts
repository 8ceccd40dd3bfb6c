import type { Context } from 'aws-lambda'
import { eventBridgeBus } from '../../events/eventbridge-bus.ts'
import { systemClock } from '../../ports/clock/clock.ts'
import { checksOf, once, readEnvironment } from '../../ports/environment/environment.ts'
import { s3Objects } from '../../ports/objects/s3-objects.ts'
import { firestoreReadModel } from '../../ports/read-model/firestore-read-model.ts'
import { mediaConvertJobs } from '../../ports/transcoder/mediaconvert-jobs.ts'
import { type Ports, type Sweep, SweepIncomplete, sweep } from './handle.ts'
import { scanInquiry, transcodeInquiry } from './inquiries.ts'

const compose = once((): Omit<Ports, 'timeLeft'> => {
  const environment = readEnvironment(process.env, ['busName', 'mediaBucket', 'projectId', 'checks', 'environment'])
  const objects = s3Objects({ bucket: environment.mediaBucket })
  return {
    bus: eventBridgeBus({ busName: environment.busName }),
    objects,
    readModel: firestoreReadModel({
      projectId: environment.projectId,
      emulatorHost: environment.firestoreEmulatorHost,
    }),
    clock: systemClock,
    checks: checksOf(environment.checks),
    inquiries: [scanInquiry(objects), transcodeInquiry(mediaConvertJobs(environment))],
    onError(what, error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      console.error(JSON.stringify({ producer: 'deadlines', what, error: text }))
    },
    onGivenUp(mediaId, steps) {
      // An alarm counts these lines, as it does those of a step that failed.
      console.error(JSON.stringify({ producer: 'deadlines', mediaId, outcome: 'failed', steps }))
    },
  }
})

/** @throws where something of it could not be done: a later sweep takes it up again, and the alarm on errors tells of it. */
export async function handler(_: unknown, context: Context): Promise<void> {
  const tell = (done: Sweep) => console.log(JSON.stringify({ producer: 'deadlines', ...done }))
  try {
    tell(await sweep({ ...compose(), timeLeft: () => context.getRemainingTimeInMillis() }))
  } catch (error) {
    if (error instanceof SweepIncomplete) tell(error.done)
    throw error
  }
}
