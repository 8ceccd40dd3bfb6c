import { eventBridgeBus } from '../../../events/eventbridge-bus.ts'
import { systemClock } from '../../../ports/clock/clock.ts'
import { readEnvironment } from '../../../ports/environment/environment.ts'
import { randomIds } from '../../../ports/ids/ids.ts'
import { s3Objects } from '../../../ports/objects/s3-objects.ts'
import { firestoreReadModel } from '../../../ports/read-model/firestore-read-model.ts'
import { logLines } from '../log.ts'
import type { ApiRequest } from '../request.ts'
import { handle, type UploadPorts } from './handle.ts'

const ports = portsFrom(process.env)

export const handler = (request: ApiRequest) => handle(request, ports)

function portsFrom(variables: NodeJS.ProcessEnv): UploadPorts {
  const { projectId, mediaBucket, busName, firestoreEmulatorHost } = readEnvironment(variables, [
    'projectId',
    'mediaBucket',
    'busName',
  ])
  return {
    readModel: firestoreReadModel({ projectId, emulatorHost: firestoreEmulatorHost }),
    objects: s3Objects({ bucket: mediaBucket }),
    bus: eventBridgeBus({ busName }),
    clock: systemClock,
    ids: randomIds,
    log: logLines,
  }
}
