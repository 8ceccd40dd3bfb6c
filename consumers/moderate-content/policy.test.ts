import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { judge, NOT_LOOKED_AT, POLICY, UNKNOWN_CATEGORY } from './policy.ts'

const label = (name: string, confidence: number, parent?: string) => ({ name, confidence, ...(parent && { parent }) })
const NAMES = Object.keys(POLICY)

it('approves where nothing is seen', () => {
  expect(judge([])).toEqual({ verdict: 'approved', because: [] })
})

it.each(Object.entries(POLICY))('does with %s exactly what its rule says, to the percent', (name, rule) => {
  const { flaggedFrom = 101, blockedFrom = 101 } = rule
  for (const confidence of [0, 49.9, flaggedFrom - 0.1, flaggedFrom, blockedFrom - 0.1, blockedFrom, 100]) {
    const expected = confidence >= blockedFrom ? 'blocked' : confidence >= flaggedFrom ? 'flagged' : 'approved'
    if (confidence >= 0 && confidence <= 100) expect(judge([label(name, confidence)]).verdict).toBe(expected)
  }
})

it('flags a category that is new to it, and leaves what is below a known one to that one', () => {
  expect(judge([label('Brand New Category', 85)]).verdict).toBe('flagged')
  expect(judge([label('Brand New Category', 79)]).verdict).toBe('approved')
  expect(judge([label('Kissing on the Lips', 99, 'Non-Explicit Nudity')]).verdict).toBe('approved')
})

it('never gets milder by seeing more, and says which labels were the worst', () => {
  const seen = fc.array(
    fc.record({ name: fc.constantFrom(...NAMES, 'Other'), confidence: fc.double({ min: 0, max: 100, noNaN: true }) }),
  )
  const rank = { approved: 0, flagged: 1, blocked: 2 }
  fc.assert(
    fc.property(seen, seen, (some, others) => {
      const all = judge([...some, ...others])
      expect(rank[all.verdict]).toBe(Math.max(rank[judge(some).verdict], rank[judge(others).verdict]))
      for (const one of all.because) expect(judge([one]).verdict).toBe(all.verdict)
      expect(all.because.length > 0).toBe(all.verdict !== 'approved')
    }),
  )
})

it('blocks only from where it would flag, too', () => {
  for (const { flaggedFrom, blockedFrom } of Object.values(POLICY)) {
    if (blockedFrom !== undefined) expect(blockedFrom).toBeGreaterThan(flaggedFrom ?? 101)
  }
})

it('is the table of docs/moderation.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/moderation.md'), 'utf8')
  const rows = [...page.matchAll(/^\| ([^|`]+) \| (\d+ %|–) \| (\d+ %|–) \|$/gm)].map(([, ...cells]) => cells)
  const percent = (value: number | undefined) => (value === undefined ? '–' : `${value} %`)
  const table = [...Object.entries(POLICY), ['any other category', UNKNOWN_CATEGORY] as const]
  expect(rows).toEqual(table.map(([name, rule]) => [name, percent(rule.flaggedFrom), percent(rule.blockedFrom)]))
  expect(NAMES).toContain(NOT_LOOKED_AT)
})
