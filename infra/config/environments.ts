import { checkConfig, ENVIRONMENTS, type Environment, type EnvironmentConfig } from './config.ts'
import { dev } from './dev.ts'
import { local } from './local.ts'
import { prod } from './prod.ts'

const configs: Readonly<Record<Environment, EnvironmentConfig>> = { local, dev, prod }

/**
 * The checked configuration of an environment.
 * @throws Error for a name that is none; ConfigError naming every value that can't be used.
 */
export function configFor(environment: string): EnvironmentConfig {
  const name = ENVIRONMENTS.find((known) => known === environment)
  if (name === undefined) {
    throw new Error(`there is no environment "${environment}"; allowed: ${ENVIRONMENTS.join(', ')}`)
  }
  return checkConfig(configs[name])
}
