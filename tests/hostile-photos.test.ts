import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Result } from '../infra/dev/journey.ts'
import { HOSTILE_PICTURES } from './fixtures/hostile.ts'
import { assertNoMetadata } from './fixtures/metadata.ts'
import { scene } from './fixtures/scene.ts'
import { type Ending, MAIN, run } from './program.ts'
import { type Recorded, readRecorded } from './recorded.ts'

// Every one of them is called a JPEG: the bytes decide.
const PICTURES = HOSTILE_PICTURES.map((picture, index) => ({ ...picture, file: `${index}.jpg` }))

let folder: string
let scratch: string
let ending: Ending
let results: ReadonlyMap<string, Result>
let recorded: Recorded

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hostile-'))
  scratch = mkdtempSync(join(tmpdir(), 'scratch-'))
  for (const { file, make } of PICTURES) writeFileSync(join(folder, file), await make())
  writeFileSync(join(folder, 'good.jpg'), await scene().jpeg().toBuffer())
  const files = [...PICTURES.map(({ file }) => file), 'good.jpg']
  ending = await run([...MAIN, '--once', ...files, '--json', '--data', 'state', '--port', '0'], {
    env: { INIT_CWD: folder, TMPDIR: scratch },
  }).ended
  results = new Map(
    ending.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Result)
      .map((result) => [basename(result.file), result]),
  )
  recorded = readRecorded(join(folder, 'state'))
}, 180_000)

afterAll(() => {
  rmSync(folder, { recursive: true })
  rmSync(scratch, { recursive: true })
})

describe.each(PICTURES)('$name', ({ file, answer, says = '' }) => {
  it(answer === 'rendered' ? 'comes out clean' : `is rejected as ${answer}, in words`, () => {
    const { status, reason = '', variants = [], mediaId } = results.get(file) ?? {}
    if (answer === 'rendered') {
      expect({ status, reason }).toEqual({ status: 'ready', reason: '' })
      expect(variants).toHaveLength(5)
      for (const { path } of variants) assertNoMetadata(readFileSync(path))
      return
    }
    expect({ status, variants }).toEqual({ status: 'rejected', variants: [] })
    expect(reason).toMatch(/^[A-Z].*[.]$/s)
    expect(reason).toContain(says)
    // An empty file is turned away before anything is reserved for it.
    if (mediaId === null) return
    const said = recorded.archived.filter(({ detail }) => detail.meta.subject === mediaId)
    const verdicts = said.filter((event) => event['detail-type'] === 'MediaRejected.v1')
    expect(verdicts.map(({ detail }) => (detail.data as { code?: string }).code)).toEqual([answer])
  })
})

it('takes nobody along: a good photo beside them is ready, and there are no dead letters', () => {
  expect(results.get('good.jpg')?.status).toBe('ready')
  expect(ending.code).toBe(1)
  expect([...recorded.waiting.keys()].filter((queue) => queue.endsWith('-dlq'))).toEqual([])
})

it('leaves no file behind, and kills no function', () => {
  expect(readdirSync(scratch)).toEqual([])
  expect(ending.stderr).not.toMatch(/^(warn|error) /m)
})
