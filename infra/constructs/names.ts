import type { EnvironmentConfig } from '../config/config.ts'

/**
 * The name of a queue, function, rule or role: `messageai-<environment>-<what>`. Operators type it, and replays name rules by it.
 * @throws Error where it is longer than the 64 characters that functions, rules and roles may have.
 */
export function physicalName({ environment }: EnvironmentConfig, ...what: readonly string[]): string {
  const name = ['messageai', environment, ...what].join('-')
  if (name.length > 64) throw new Error(`the name ${name} has ${name.length} characters; AWS takes 64`)
  return name
}
