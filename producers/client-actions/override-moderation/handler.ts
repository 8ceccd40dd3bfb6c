import { eventBridgeBus } from '../../../events/eventbridge-bus.ts'
import { systemClock } from '../../../ports/clock/clock.ts'
import { randomIds } from '../../../ports/ids/ids.ts'
import { firestoreReadModel } from '../../../ports/read-model/firestore-read-model.ts'
import { required } from '../environment.ts'
import { logLines } from '../log.ts'
import type { ApiRequest } from '../request.ts'
import { handle, type OverridePorts } from './handle.ts'

const ports = portsFrom(process.env)

export const handler = (request: ApiRequest) => handle(request, ports)

function portsFrom(environment: NodeJS.ProcessEnv): OverridePorts {
  return {
    readModel: firestoreReadModel({
      projectId: required(environment, 'PROJECT_ID'),
      emulatorHost: environment['FIRESTORE_EMULATOR_HOST'],
    }),
    bus: eventBridgeBus({ busName: required(environment, 'BUS_NAME') }),
    clock: systemClock,
    ids: randomIds,
    log: logLines,
  }
}
