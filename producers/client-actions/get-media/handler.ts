import { systemClock } from '../../../ports/clock/clock.ts'
import { s3Objects } from '../../../ports/objects/s3-objects.ts'
import { firestoreReadModel } from '../../../ports/read-model/firestore-read-model.ts'
import { required } from '../environment.ts'
import type { ApiRequest } from '../request.ts'
import { type GetMediaPorts, handle } from './handle.ts'

const ports = portsFrom(process.env)

export const handler = (request: ApiRequest) => handle(request, ports)

function portsFrom(environment: NodeJS.ProcessEnv): GetMediaPorts {
  return {
    readModel: firestoreReadModel({
      projectId: required(environment, 'PROJECT_ID'),
      emulatorHost: environment['FIRESTORE_EMULATOR_HOST'],
    }),
    objects: s3Objects({ bucket: required(environment, 'MEDIA_BUCKET') }),
    clock: systemClock,
  }
}
