import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MAIN = join(import.meta.dirname, 'main.ts')
const WITH_DECLARATIONS = join(import.meta.dirname, '../../infra/build/contracts.ts')
const REPOSITORY = join(import.meta.dirname, '../..')

/** Each command reads all the schemas that there are, and takes longer for more: one of each kind will do. */
const SCHEMAS = ['envelope.schema.json', 'events/media-uploaded', 'documents/step']

interface Run {
  readonly status: number | null
  readonly output: string
}

function contracts(root: string, ...command: string[]): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, root, ...command], {
    encoding: 'utf8',
  })
  return { status, output: stdout + stderr }
}

function edit(path: string, change: (text: string) => string): void {
  writeFileSync(path, change(readFileSync(path, 'utf8')))
}

describe('npm run contracts', () => {
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'contracts-'))
    for (const path of SCHEMAS)
      cpSync(join(REPOSITORY, 'contracts', path), join(root, 'contracts', path), { recursive: true })
  })
  afterEach(() => rmSync(root, { recursive: true }))

  it('makes the same files again: check finds every one that was touched', () => {
    contracts(root)
    contracts(root, 'publish')
    const events = join(root, 'contracts/generated/events.ts')
    edit(events, (text) => `${text}\nexport const MINE = 1\n`)
    rmSync(join(root, 'docs/events.md'))
    writeFileSync(join(root, 'contracts/generated/old.ts'), '')
    expect(contracts(root, 'check')).toEqual({
      status: 1,
      output: `contracts/generated/events.ts: is not what the schemas give: npm run contracts
docs/events.md: is not what the schemas give: npm run contracts
contracts/generated/old.ts: is not what the schemas give: npm run contracts
`,
    })
    contracts(root)
    expect(existsSync(join(root, 'contracts/generated/old.ts'))).toBe(false)
    expect(contracts(root, 'check').status).toBe(0)
  })

  it('refuses a published version that was changed', () => {
    contracts(root, 'publish')
    const schema = join(root, 'contracts/events/media-uploaded/v1.schema.json')
    edit(schema, (text) => text.replace('"maxLength": 127', '"maxLength": 64'))
    const message = 'contracts/events/media-uploaded/v1.schema.json: 1.1 is published and was changed.'
    for (const command of ['check', 'publish'])
      expect(contracts(root, command)).toEqual({ status: 1, output: expect.stringContaining(message) })
  })

  it('refuses a minor that an older one cannot read, before it is published, and explains the difference', () => {
    contracts(root, 'publish')
    const schema = join(root, 'contracts/events/media-uploaded/v1.schema.json')
    edit(schema, (text) => text.replace('"1.1"', '"1.2"').replace('"maxLength": 127', '"maxLength": 64'))
    const where = 'events/media-uploaded 1.1 → 1.2: /data/contentType: maxLength was 127, is 64 now'
    for (const command of ['check', 'publish'])
      expect(contracts(root, command)).toEqual({ status: 1, output: expect.stringContaining(where) })
    expect(contracts(root, 'diff', 'MediaUploaded')).toEqual({
      status: 0,
      output: `events/media-uploaded 1.1 → 1.2 as it lies in contracts/events/media-uploaded/v1.schema.json
  /data/contentType: maxLength was 127, is 64 now: an older producer sends longer ones. Put it back to 127, or start v2.
1 of 1 changes break a reader; they can't be published as 1.2.
`,
    })
    edit(schema, (text) => text.replace('"maxLength": 64', '"maxLength": 127'))
    expect(contracts(root, 'publish')).toEqual({ status: 0, output: 'published events/media-uploaded 1.2\n' })
  })

  it('tells of what it publishes in the page at once', () => {
    contracts(root)
    const page = join(root, 'docs/events.md')
    expect(readFileSync(page, 'utf8')).toContain('not published yet')
    expect(contracts(root, 'publish').output).toMatch(/^published envelope 1\.\d+, /)
    expect(readFileSync(page, 'utf8')).not.toContain('not published yet')
    expect(contracts(root, 'check').status).toBe(0)
  })

  it.each([
    ['a schema that is no JSON', 'media-uploaded/v1.schema.json', /v1\.schema\.json: .*JSON/],
    ['bad values that are no list', 'media-uploaded/v1.invalid.json', /v1\.invalid\.json: /],
  ])('makes nothing of %s, and says where', (_case, file, message) => {
    writeFileSync(join(root, 'contracts/events', file), '{')
    const { status, output } = contracts(root)
    expect(status).toBe(1)
    expect(output).toMatch(message)
    expect(existsSync(join(root, 'contracts/generated'))).toBe(false)
  })

  it('explains itself where the command is unknown', () => {
    expect(contracts(root, 'chekc')).toEqual({
      status: 1,
      output: expect.stringContaining('npm run contracts -- check'),
    })
  })
})

describe('the generated files of this repository', () => {
  it('are what the schemas give, nothing published was changed or outgrown, and every event finds its way', () => {
    expect(() =>
      execFileSync(process.execPath, [WITH_DECLARATIONS, 'check'], { encoding: 'utf8', stdio: 'pipe' }),
    ).not.toThrow()
  })

  it('check events without ajv, or any other package', () => {
    const folder = mkdtempSync(join(tmpdir(), 'validators-'))
    const alone = join(folder, 'validators.mjs')
    cpSync(join(REPOSITORY, 'contracts/generated/validators.js'), alone)
    const script = `const { readMeta } = await import(process.argv[1]); console.log(readMeta({}), readMeta.errors.length)`
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script, alone], {
      encoding: 'utf8',
    })
    rmSync(folder, { recursive: true })
    expect(output).toBe('false 1\n')
  })
})
