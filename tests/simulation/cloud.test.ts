import { globSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import type { Kind } from '../../contracts/limits.ts'
import { REQUIREMENTS } from '../../contracts/required-steps.ts'
import { CONSUMERS, consumersOf } from './cloud.ts'

const FOLDERS = globSync('consumers/*/consumer.ts', { cwd: resolve(import.meta.dirname, '../..') })
  .map((file) => basename(dirname(file)))
  .sort()

it.each(FOLDERS)('%s is simulated', (name) => {
  const names = CONSUMERS.map((consumer) => consumer.name)
  const problem = names.includes(name)
    ? undefined
    : `consumers/${name} is not simulated: import its consumer in tests/simulation/cloud.ts, and add it to CONSUMERS there`
  expect(problem).toBeUndefined()
})

it('every consumer is replayed, forced and stopped for some kind of media', () => {
  const kinds = Object.keys(REQUIREMENTS) as Kind[]
  const reached = new Set(kinds.flatMap((kind) => consumersOf(kind).map(({ name }) => name)))
  const left = CONSUMERS.map(({ name }) => name).filter((name) => !reached.has(name))
  expect(
    left.map((name) => `${name} is required for no kind: name it in OPTIONAL of tests/simulation/cloud.ts`),
  ).toEqual([])
})
