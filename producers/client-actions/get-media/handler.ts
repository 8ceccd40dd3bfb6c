import { systemClock } from '../../../ports/clock/clock.ts'
import { readEnvironment } from '../../../ports/environment/environment.ts'
import { s3Objects } from '../../../ports/objects/s3-objects.ts'
import { firestoreReadModel } from '../../../ports/read-model/firestore-read-model.ts'
import type { ApiRequest } from '../request.ts'
import { type GetMediaPorts, handle } from './handle.ts'

const ports = portsFrom(process.env)

export const handler = (request: ApiRequest) => handle(request, ports)

function portsFrom(variables: NodeJS.ProcessEnv): GetMediaPorts {
  const { projectId, mediaBucket, firestoreEmulatorHost } = readEnvironment(variables, ['projectId', 'mediaBucket'])
  return {
    readModel: firestoreReadModel({ projectId, emulatorHost: firestoreEmulatorHost }),
    objects: s3Objects({ bucket: mediaBucket }),
    clock: systemClock,
  }
}
