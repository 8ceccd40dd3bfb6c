import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { npmCommand, PACKAGE_NAME, packContracts } from '../infra/build/contracts-package.ts'

const ROOT = join(import.meta.dirname, '..')
const { resolve } = createRequire(join(ROOT, 'package.json'))
const TSC = join(dirname(resolve('typescript/package.json')), 'bin/tsc')
const [RECORDED] = JSON.parse(readFileSync(join(ROOT, 'events/recorded.json'), 'utf8')) as readonly object[]

/** A backend of another team, which knows the package and nothing else of us. */
const STRANGER = `
import { fold, isWanted, livePattern, parseEvent, ThumbnailReadyV2, toCloudEvent, type MediaDocument } from '${PACKAGE_NAME}'

const on = [ThumbnailReadyV2.where({ kind: ['image'] })]

/** What their queue brings, as EventBridge wraps it. */
export function handle(message: string): string {
  const { 'detail-type': detailType, detail } = JSON.parse(message)
  const parsed = parseEvent(detail, detailType)
  if (!parsed.ok) return 'refused: ' + parsed.problem
  if (!isWanted(on, parsed)) return 'ignored'
  const { data, meta } = parsed.event as import('${PACKAGE_NAME}').MediaEvent<import('${PACKAGE_NAME}').ThumbnailReadyV2Data>
  const placeholder: string = data.placeholder.kind === 'thumbhash' ? data.placeholder.value : ''
  return [meta.version, data.thumbnails[0]?.name, placeholder, toCloudEvent(parsed.event).type].join(' ')
}

// @ts-expect-error A condition on a field that the contract doesn't have.
ThumbnailReadyV2.where({ colour: ['red'] })

// @ts-expect-error What is read is not to be written.
export const change = (document: MediaDocument) => { document.life = 3 }
export const statusOf = (document: MediaDocument): string => fold(document).status

console.log(JSON.stringify([handle(process.argv[2] ?? ''), handle('{"detail-type":"MediaLost.v1"}'), livePattern(on)]))
`

describe('the package of the contracts', () => {
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stranger-'))
    const tarball = await packContracts(ROOT, join(folder, 'packed'))
    writeJson('package.json', { name: 'stranger', private: true, type: 'module' })
    const npm = npmCommand(['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', tarball])
    execFileSync(npm.command, npm.args, { cwd: folder, stdio: 'pipe' })
  }, 60_000)
  afterAll(() => rmSync(folder, { recursive: true }))

  function writeJson(name: string, value: object): void {
    writeFileSync(join(folder, name), JSON.stringify(value))
  }

  it('brings no other package with it', () => {
    expect(globSync('node_modules/{*,@*/*}/package.json', { cwd: folder })).toEqual([
      join('node_modules', PACKAGE_NAME, 'package.json'),
    ])
  })

  it.each([
    ['ES modules', 'module', 'esm'],
    ['CommonJS', 'commonjs', 'cjs'],
  ])('types and runs in a stranger of %s', (_name, type, home) => {
    mkdirSync(join(folder, home))
    writeJson(join(home, 'package.json'), { type })
    writeFileSync(join(folder, home, 'consumer.ts'), STRANGER)
    writeJson(join(home, 'tsconfig.json'), {
      compilerOptions: {
        target: 'es2023',
        lib: ['es2024'],
        module: 'nodenext',
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        types: ['node'],
        typeRoots: [join(ROOT, 'node_modules/@types')],
        outDir: 'out',
        rootDir: '.',
      },
      files: ['consumer.ts'],
    })
    const compiled = () => execFileSync(process.execPath, [TSC, '--project', join(folder, home)], { stdio: 'pipe' })
    expect(outputOf(compiled)).toBe('')

    const message = JSON.stringify({
      'detail-type': 'ThumbnailReady.v1',
      detail: Reflect.get(RECORDED ?? {}, 'detail'),
    })
    const output = execFileSync(process.execPath, [join(folder, home, 'out/consumer.js'), message], {
      encoding: 'utf8',
    })
    expect(JSON.parse(output)).toEqual([
      '2.1 thumb 1QcSHQRnh493V4dIh4eXh1h4kJUI ThumbnailReady.v2',
      'refused: "MediaLost.v1" is not known to this build',
      expect.objectContaining({ source: ['messageai.media'] }),
    ])
  })
})

/** What a program said, also where it failed. */
function outputOf(program: () => Buffer): string {
  try {
    return program().toString()
  } catch (error) {
    const { stdout } = error as { readonly stdout?: Buffer }
    return stdout?.toString() ?? String(error)
  }
}
