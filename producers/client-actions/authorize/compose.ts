import { createRemoteJWKSet } from 'jose'
import { systemClock } from '../../../ports/clock/clock.ts'
import { readEnvironment } from '../../../ports/environment/environment.ts'
import { logLines } from '../log.ts'
import { everyAccount, firebaseAccounts } from './accounts.ts'
import type { AuthorizePorts } from './handle.ts'
import { emulatorTokens, firebaseTokens } from './verify-token.ts'

const GOOGLE_KEYS = 'https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com'

/** @throws Error where the emulator's unsigned tokens would count anywhere but on a developer's machine. */
export function portsFrom(variables: NodeJS.ProcessEnv): AuthorizePorts {
  const { projectId, authMode } = readEnvironment(variables, ['projectId', 'authMode'])
  const rules = { projectId, clock: systemClock }
  switch (authMode) {
    case 'firebase': {
      const keys = createRemoteJWKSet(new URL(GOOGLE_KEYS))
      return { verify: firebaseTokens({ ...rules, keys }), accounts: firebaseAccounts({ projectId }), log: logLines }
    }
    case 'emulator':
      if (readEnvironment(variables, ['environment']).environment !== 'local') {
        throw new Error('AUTH_MODE=emulator takes tokens that anybody can make: it is for ENVIRONMENT=local alone')
      }
      return { verify: emulatorTokens(rules), accounts: everyAccount, log: logLines }
    default:
      throw new Error(`AUTH_MODE is firebase or emulator, not "${authMode}"`)
  }
}
