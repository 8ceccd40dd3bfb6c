import { eventBridgeBus } from '../../../events/eventbridge-bus.ts'
import { systemClock } from '../../../ports/clock/clock.ts'
import { readEnvironment } from '../../../ports/environment/environment.ts'
import { randomIds } from '../../../ports/ids/ids.ts'
import { firestoreReadModel } from '../../../ports/read-model/firestore-read-model.ts'
import { mediaConvertJobs } from '../../../ports/transcoder/mediaconvert-jobs.ts'
import { logLines } from '../log.ts'
import type { ApiRequest } from '../request.ts'
import { handle, type OverridePorts } from './handle.ts'

const ports = portsFrom(process.env)

export const handler = (request: ApiRequest) => handle(request, ports)

function portsFrom(variables: NodeJS.ProcessEnv): OverridePorts {
  const { projectId, busName, environment, firestoreEmulatorHost } = readEnvironment(variables, [
    'projectId',
    'busName',
    'environment',
  ])
  return {
    readModel: firestoreReadModel({ projectId, emulatorHost: firestoreEmulatorHost }),
    bus: eventBridgeBus({ busName }),
    clock: systemClock,
    ids: randomIds,
    transcoder: mediaConvertJobs({ environment }),
    log: logLines,
  }
}
