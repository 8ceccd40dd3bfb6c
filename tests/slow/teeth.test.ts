import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { MUTANTS } from '../simulation/mutants.ts'
import type { Bite } from '../simulation/teeth.ts'

let bites: readonly Bite[]

/** A process of its own, as the program is loaded anew for each rule that is taken out. */
beforeAll(async () => {
  const args = [
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, '../simulation/teeth.ts'),
    '--seeds',
    '1000',
  ]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  bites = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Bite)
}, 240_000)

describe('the simulation notices within 1,000 schedules when a rule is taken out:', () => {
  it.each(MUTANTS.map(({ rule }) => rule))('%s', (rule) => {
    expect(bites.find((bite) => bite.rule === rule)).toMatchObject({
      seed: expect.any(Number),
      problem: expect.stringMatching(/^(I\d+|liveness): /),
    })
  })
})
