import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..')

/** Each room, and the rooms that its code may import from; the first match of a path counts. */
const ROOMS: readonly { readonly room: string; readonly mayImport: readonly string[] }[] = [
  { room: 'contracts/', mayImport: ['contracts/'] },
  { room: 'events/', mayImport: ['events/', 'contracts/'] },
  { room: 'ports/', mayImport: ['ports/', 'events/', 'contracts/'] },
  { room: 'producers/', mayImport: ['producers/', 'ports/', 'events/', 'contracts/'] },
  { room: 'consumers/', mayImport: ['consumers/', 'ports/', 'events/', 'contracts/'] },
  // It would run anybody's assembly: it knows nothing of media.
  { room: 'infra/local/', mayImport: ['infra/local/'] },
  {
    room: 'infra/',
    mayImport: ['infra/', 'consumers/', 'producers/', 'ports/', 'events/', 'contracts/', 'tests/fixtures/'],
  },
]

/** Files that put the parts together for one process: they alone read its environment, its clock and its chance. */
const COMPOSITION = [
  /^producers\/[^/]+(\/[^/]+)?\/(handler|compose)\.ts$/,
  /^consumers\/runtime\/lambda\.ts$/,
  /^contracts\/build\//,
  /^ports\/clock\/clock\.ts$/,
  /^ports\/ids\/ids\.ts$/,
]

const CORE = /^(contracts|events|ports|producers|consumers)\//

const FORBIDDEN_IN_CORE: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'the clock', pattern: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bprocess\.hrtime\b/ },
  { what: 'a timer', pattern: /\bset(Timeout|Interval|Immediate)\(/ },
  { what: 'chance', pattern: /\bMath\.random\(|\brandom(UUID|Bytes|Int)\(/ },
  { what: 'the environment', pattern: /\bprocess\.(env|argv|cwd)\b/ },
]

const FILES = globSync('{contracts,events,ports,producers,consumers,infra}/**/*.ts', { cwd: ROOT }).map((file) => ({
  file,
  text: readFileSync(join(ROOT, file), 'utf8'),
}))
const isTest = (file: string) =>
  /\.(test|suite|types)\.ts$/.test(file) || /fixtures?|[-/]for-test|\/world\.ts$/.test(file)
const CODE = FILES.filter(({ file }) => !isTest(file))

/** The paths, from the root on, that a file imports relatively. */
function importsOf({ file, text }: { file: string; text: string }): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path = '']) =>
    relative(ROOT, resolve(ROOT, dirname(file), path)),
  )
}

const roomOf = (path: string) => ROOMS.find(({ room }) => path.startsWith(room))

describe('the house', () => {
  it('imports only downwards', () => {
    const wrong = CODE.flatMap((code) => {
      const room = roomOf(code.file)
      return importsOf(code)
        .filter((path) => !room?.mayImport.some((allowed) => path.startsWith(allowed)))
        .map((path) => `${code.file} imports ${path}; ${room?.room} may import ${room?.mayImport.join(', ')}`)
    })
    expect(wrong).toEqual([])
  })

  it('keeps consumers, and producers, from importing their siblings', () => {
    const folder = (path: string) => path.split('/').slice(0, 2).join('/')
    const wrong = CODE.filter(({ file }) => /^(consumers|producers)\/(?!runtime\/)/.test(file)).flatMap((code) =>
      importsOf(code)
        .filter((path) => /^(consumers|producers)\//.test(path))
        .filter((path) => folder(path) !== folder(code.file) && !/^(consumers|producers)\/runtime\//.test(path))
        .map((path) => `${code.file} imports ${path}`),
    )
    expect(wrong).toEqual([])
  })

  it('has a core that reads no clock, no timer, no chance and no environment of its own', () => {
    const wrong = CODE.filter(({ file }) => CORE.test(file) && !COMPOSITION.some((path) => path.test(file))).flatMap(
      ({ file, text }) => {
        const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
        return FORBIDDEN_IN_CORE.filter(({ pattern }) => pattern.test(code)).map(({ what }) => `${file} reads ${what}`)
      },
    )
    expect(wrong).toEqual([])
  })

  it('starts no thread but confined ones: what they read was made by strangers', () => {
    const starting = CODE.filter(({ file, text }) => CORE.test(file) && /\bnew Worker\(/.test(text))
    expect(starting.map(({ file }) => file)).toEqual(['ports/thread/confined.ts'])
  })

  it('has no folder for what belongs nowhere', () => {
    expect(
      FILES.map(({ file }) => file).filter((file) =>
        /(^|\/)(utils?|libs?|common|shared|helpers?)(\/|\.ts$)/.test(file),
      ),
    ).toEqual([])
  })

  it('projects every event that a consumer may say: without that, no commit of it would succeed', async () => {
    const { PROJECTED } = await import('../contracts/project.ts')
    const lacking: string[] = []
    for (const path of globSync('consumers/*/consumer.ts', { cwd: ROOT })) {
      const { consumer } = (await import(join(ROOT, path))) as { consumer: { emits: { detailType: string }[] } }
      const missing = consumer.emits.map(({ detailType }) => detailType).filter((one) => !PROJECTED.includes(one))
      lacking.push(...missing.map((one) => `${path}: ${one} needs a line in PROJECTIONS of contracts/project.ts`))
    }
    expect(lacking).toEqual([])
  })

  it('requires only steps that some consumer makes', async () => {
    const { REQUIREMENTS } = await import('../contracts/required-steps.ts')
    const consumers = globSync('consumers/*/consumer.ts', { cwd: ROOT }).map((path) => path.split('/')[1])
    for (const name of Object.values(REQUIREMENTS).flatMap(({ steps, checks }) => [...steps, ...checks]))
      expect(consumers).toContain(name)
  })
})
