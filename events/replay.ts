import type { ReplayMark } from './envelope.ts'

/**
 * The plan that an archive's replay carries in its name, as `<name>[.<consumer>]…`: what is published because of the
 * replay reaches the lanes of these consumers. EventBridge has no other place for it: a replay has a name of up to 64
 * letters, digits, dots, dashes and underscores, which is all that a replayed event tells of it.
 */
export function replayNamed(name: string): ReplayMark {
  const [, ...named] = name.split('.')
  const lanes = [...new Set(named)].filter((lane) => /^[a-z][a-z0-9-]*$/.test(lane))
  return { id: name, mode: 'default', epoch: 0, ...(lanes.length > 0 && { lanes }) }
}
