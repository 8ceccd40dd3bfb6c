import { parseArgs } from 'node:util'
import { ENVIRONMENTS, type Environment } from '../config/config.ts'

/** The environment that `--env` names. @throws Error naming the allowed ones. */
export function readEnvironment(value: string | undefined): Environment {
  const environment = ENVIRONMENTS.find((known) => known === value)
  if (environment === undefined) {
    const given = value === undefined ? '--env is missing' : `there is no environment "${value}"`
    throw new Error(`${given}; allowed: ${ENVIRONMENTS.map((known) => `--env ${known}`).join(', ')}`)
  }
  return environment
}

export interface SynthOptions {
  readonly environment: Environment
  readonly validate: boolean
  readonly nag: boolean
}

/** @throws Error for options that `npm run synth` does not have. */
export function synthOptions(args: readonly string[]): SynthOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { env: { type: 'string' }, validate: { type: 'boolean' }, nag: { type: 'boolean' } },
  })
  return {
    environment: readEnvironment(values.env),
    validate: values.validate ?? false,
    nag: values.nag ?? false,
  }
}

export interface DeployOptions {
  readonly environment: Environment
  /** Asks nobody before permissions widen. */
  readonly yes: boolean
}

/** @throws Error for options that `npm run deploy` does not have. */
export function deployOptions(args: readonly string[]): DeployOptions {
  const { values } = parseArgs({ args: [...args], options: { env: { type: 'string' }, yes: { type: 'boolean' } } })
  return { environment: readEnvironment(values.env), yes: values.yes ?? false }
}
