import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { confinedThread } from '../../ports/thread/confined.ts'
import { pdfOf } from '../../tests/fixtures/pdf.ts'
import { build, ROOT } from './build.ts'
import { bundle } from './bundle.ts'
import { deployCommand } from './deploy-command.ts'
import { type Declarations, discover } from './discover.ts'
import { deployOptions, synthOptions } from './options.ts'

// Below the repository, as builds are: bundles find sharp by node's ordinary resolution.
const scratch = join(ROOT, '.cache/test')
let out: string
beforeAll(() => {
  mkdirSync(scratch, { recursive: true })
  out = mkdtempSync(join(scratch, 'build-'))
})
afterAll(() => {
  rmSync(out, { recursive: true, force: true })
})

const readText = (file: string) => readFileSync(file, 'utf8')

/** Asset hashes by function name. */
function codeKeys(assemblyDir: string): Record<string, string> {
  const templates = readdirSync(assemblyDir).filter((file) => file.endsWith('.template.json'))
  const resources = templates.flatMap((file) =>
    Object.values<{ Type: string; Properties: { FunctionName: string; Code: { S3Key: string } } }>(
      JSON.parse(readText(join(assemblyDir, file))).Resources,
    ),
  )
  return Object.fromEntries(
    resources
      .filter(({ Type }) => Type === 'AWS::Lambda::Function')
      .map(({ Properties }) => [Properties.FunctionName, Properties.Code.S3Key]),
  )
}

describe('a build', () => {
  test('is made once, told as it goes, and then found in an instant', async () => {
    const lines: string[] = []
    const first = await build({ environment: 'dev', out, onProgress: (line) => lines.push(line) })
    expect(first.cached).toBe(false)
    // After them it names the layers that aren’t built.
    expect(lines.slice(0, 2)).toEqual([expect.stringMatching(/^bundling \d+ functions$/), 'synthesizing dev'])
    expect(existsSync(join(first.assemblyDir, 'manifest.json'))).toBe(true)

    // The best of some, as other work may have the processor.
    const milliseconds: number[] = []
    let second = first
    for (let run = 0; run < 3; run += 1) {
      const started = performance.now()
      second = await build({ environment: 'dev', out })
      milliseconds.push(performance.now() - started)
    }
    expect(Math.min(...milliseconds)).toBeLessThan(300)
    expect(second).toEqual({ ...first, cached: true })
    expect(readdirSync(out)).toHaveLength(1)
  }, 60_000)

  test('of another environment has the same functions, byte for byte', async () => {
    // What this repository was last built to; other tests run it.
    const local = await build({ environment: 'local' })
    const dev = await build({ environment: 'dev', out })
    expect(dev.assemblyDir).not.toBe(local.assemblyDir)
    const sorted = (keys: Record<string, string>) => Object.values(keys).sort()
    expect(sorted(codeKeys(dev.assemblyDir))).toEqual(sorted(codeKeys(local.assemblyDir)))
  }, 60_000)

  test('deploys no path of the machine that made it', async () => {
    const { assemblyDir } = await build({ environment: 'dev', out })
    const files = readdirSync(assemblyDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    // The CDK keeps its own diagnostics beside, which no deployment reads.
    const deployed = files.filter(({ name }) => !name.endsWith('.metadata.json'))
    const telling = deployed.filter((entry) => readText(join(entry.parentPath, entry.name)).includes(ROOT))
    expect(telling.map(({ name }) => name)).toEqual([])
  }, 60_000)
})

describe('a bundle', () => {
  let declarations: Declarations
  beforeAll(async () => {
    declarations = await discover(ROOT)
  })
  const only = (name: string): Declarations => ({
    consumers: declarations.consumers.filter(({ declaration }) => declaration.name === name),
    producers: declarations.producers.filter(({ declaration }) => declaration.name === name),
  })

  test('is a file of CommonJS that leaves sharp to its layer, and large packages beside it until they are needed', async () => {
    const folder = join(out, 'one')
    const bundles = await bundle(ROOT, only('generate-thumbnail'), folder)
    expect(bundles).toEqual([{ name: 'generate-thumbnail', folder: join(folder, 'generate-thumbnail') }])
    const files = readdirSync(join(folder, 'generate-thumbnail')).sort()
    expect(files).toEqual(['google-auth-library.cjs', 'heic-thread.cjs', 'index.cjs', 'probe-thread.cjs'])
    const code = readText(join(folder, 'generate-thumbnail/index.cjs'))
    expect(code).toContain('require("sharp")')
    expect(code).not.toContain('consumers/optimize-image')
    expect(code).not.toContain('node_modules/libheif-js')
  })

  test('finds what it loads at need by its names', async () => {
    const folder = join(out, 'names')
    await bundle(ROOT, only('generate-thumbnail'), folder)
    const load = (file: string): unknown => createRequire(join(folder, 'x'))(`./generate-thumbnail/${file}.cjs`)
    expect(load('google-auth-library')).toHaveProperty('GoogleAuth')
  })

  test('has beside it what runs as a thread of its own, which works from there', async () => {
    const folder = join(out, 'threads')
    await bundle(ROOT, only('process-file'), folder)
    const files = readdirSync(join(folder, 'process-file'))
    expect(files).toEqual(expect.arrayContaining(['pdfium-thread.cjs', 'pdfium.wasm']))
    expect(readText(join(folder, 'process-file/index.cjs'))).not.toContain('PDFiumLibrary')
    const workerData = { pdf: pdfOf(), maxSide: 64, maxMemoryBytes: 2 ** 28 }
    const thread = confinedThread(join(folder, 'process-file/pdfium-thread.cjs'), { workerData })
    const drawn = new Promise((resolve) =>
      thread.on('message', (message: { type: string }) => message.type !== 'pages' && resolve(message)),
    )
    expect(await drawn).toMatchObject({ type: 'drawn', width: 64, height: 64 })
    await thread.terminate()
  })

  test('decodes HEIC by a thread beside it, which holds the decoder', async () => {
    const folder = join(out, 'heic')
    await bundle(ROOT, only('optimize-image'), folder)
    const workerData = {
      heic: Buffer.from('no picture'),
      expected: { width: 1, height: 1 },
      maxMemoryBytes: 2 ** 28,
    }
    const thread = confinedThread(join(folder, 'optimize-image/heic-thread.cjs'), { workerData })
    const [answer] = await once(thread, 'message')
    expect(answer).toEqual({ type: 'failed', message: expect.stringContaining('heif: Invalid input'), ours: false })
    await thread.terminate()
  })

  test('probes by a thread beside it, and holds no parser itself', async () => {
    const folder = join(out, 'probes')
    await bundle(ROOT, only('process-voice'), folder)
    expect(readText(join(folder, 'process-voice/index.cjs'))).not.toContain('IsobmffDemuxer')
    const thread = confinedThread(join(folder, 'process-voice/probe-thread.cjs'), {})
    const [ready] = await once(thread, 'message')
    expect(ready).toEqual({ type: 'ready' })
    await thread.terminate()
  })

  test('is refused where it would load sharp without the layer', async () => {
    const folder = join(out, 'sly')
    mkdirSync(folder)
    writeFileSync(join(folder, 'handler.ts'), "import sharp from 'sharp'\nexport const handler = () => sharp\n")
    const sly = {
      consumers: [],
      producers: [
        {
          declaration: {
            name: 'sly',
            description: '',
            trigger: { kind: 'schedule', everyMinutes: 1 },
            emits: [],
            resources: { memoryMb: 128, timeoutSeconds: 1 },
            access: {},
          },
          file: join(folder, 'producer.ts'),
        },
      ],
    } as const
    await expect(bundle(ROOT, sly, join(out, 'sly-bundle'))).rejects.toThrow('sly imports sharp')
  })
})

describe('the commands', () => {
  test('name the environments where none was given', () => {
    expect(() => synthOptions([])).toThrow('--env is missing; allowed: --env local, --env dev, --env prod')
    expect(() => deployOptions(['--env', 'staging'])).toThrow('there is no environment "staging"')
    expect(synthOptions(['--env', 'dev', '--nag'])).toEqual({ environment: 'dev', validate: false, nag: true })
  })

  test('deploy a finished assembly, and ask before permissions widen', () => {
    expect(deployCommand('/a', { yes: false }).slice(1)).toEqual([
      'deploy',
      '--all',
      '--app',
      '/a',
      '--no-notices',
      '--require-approval',
      'broadening',
    ])
    expect(existsSync(deployCommand('/a', { yes: true })[0] ?? '')).toBe(true)
  })

  test('the layer brings the same sharp that the repository tests with', () => {
    const versionIn = (file: string) => JSON.parse(readText(join(ROOT, file))).dependencies.sharp
    expect(versionIn('infra/layers/sharp/nodejs/package.json')).toBe(versionIn('package.json'))
  })
})
