import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ROOT } from './program.ts'

/** What `npm run contracts` would make of the schema that the guide speaks of. */
const EVENTS = `export * from '${ROOT}/contracts/generated/events.ts'
import { EventContract } from '${ROOT}/contracts/event-contract.ts'

const anything = () => true
export const PanoramaFoundV1 = new EventContract<{
  readonly mediaId: string
  readonly kind: string
  readonly ratio: number
}>({ name: 'PanoramaFound', major: 1, minor: 0, dataschema: '', writer: anything, reader: anything })
`

const ASK = `const { consumer } = await import('./consumers/find-panoramas/consumer.ts')
const found = ([width, height]) => consumer.handle({ data: { mediaId: 'm', kind: 'image', width, height } }, {})
console.log(JSON.stringify(await Promise.all([[4000, 2000], [4000, 3000]].map(found))))`

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guide-'))
  const [, shown = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8')) ?? []
  const runtime = (module: string) => `export * from '${ROOT}/consumers/runtime/${module}'\n`
  const files = {
    'consumers/find-panoramas/consumer.ts': shown,
    'consumers/runtime/define-consumer.ts': runtime('define-consumer.ts'),
    'consumers/runtime/outcomes.ts': runtime('outcomes.ts'),
    'contracts/generated/events.ts': EVENTS,
    'package.json': '{ "type": "module" }',
    'tsconfig.json': JSON.stringify({
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions: { incremental: false, tsBuildInfoFile: null, typeRoots: [join(ROOT, 'node_modules/@types')] },
      include: ['consumers', 'contracts'],
    }),
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
})

afterAll(() => rmSync(folder, { recursive: true }))

describe('the consumer that ARCHITECTURE.md shows', () => {
  it('compiles as it stands there', () => {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
    expect(stdout).toBe('')
  }, 60_000)

  it('finds what is wide, and skips what is not', () => {
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', ASK], {
      cwd: folder,
      encoding: 'utf8',
    })
    const [wide, other] = JSON.parse(output)
    expect(wide).toMatchObject({ kind: 'emitted', drafts: [{ data: { mediaId: 'm', kind: 'image', ratio: 2 } }] })
    expect(other).toMatchObject({ kind: 'skipped' })
  })
})
