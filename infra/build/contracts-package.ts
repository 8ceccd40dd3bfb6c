import { execFile } from 'node:child_process'
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'

export const PACKAGE_NAME = '@messageai/media-contracts'

const ENTRY = 'events/index.ts'
const run = promisify(execFile)
const { resolve: resolveModule } = createRequire(join(import.meta.dirname, 'contracts-package.ts'))

/**
 * Makes the package of the contracts as `npm pack` would publish it: types, constants, validators, `fold`, `parseEvent`
 * with its upcasters, the schemas and the documents made of them; both module systems, no dependency.
 * @param root the repository's folder, absolute.
 * @returns the tarball's path, in `folder`.
 */
export async function packContracts(root: string, folder: string): Promise<string> {
  const stage = mkdtempSync(join(tmpdir(), 'media-contracts-'))
  try {
    await Promise.all([bundles(root, stage), declarations(root, stage)])
    documents(root, stage)
    writeJson(stage, 'package.json', manifest(root))
    mkdirSync(folder, { recursive: true })
    const npm = npmCommand(['pack', '--json', '--ignore-scripts', '--pack-destination', resolve(folder)])
    const { stdout } = await run(npm.command, npm.args, { cwd: stage })
    const [packed] = JSON.parse(stdout) as readonly { readonly filename: string }[]
    if (!packed) throw new Error(`npm pack made nothing: ${stdout}`)
    return join(resolve(folder), packed.filename)
  } finally {
    rmSync(stage, { recursive: true })
  }
}

async function bundles(root: string, stage: string): Promise<void> {
  await Promise.all(
    (['esm', 'cjs'] as const).map((format) =>
      build({
        entryPoints: [join(root, ENTRY)],
        outfile: join(stage, format, 'index.js'),
        bundle: true,
        format,
        platform: 'node',
        target: 'node20',
        legalComments: 'none',
        logLevel: 'silent',
      }),
    ),
  )
}

/** By the compiler of the repository, with the endings that the declarations themselves have once they are installed. */
async function declarations(root: string, stage: string): Promise<void> {
  const types = join(stage, 'types')
  const compiler = join(dirname(resolveModule('typescript/package.json')), 'bin/tsc')
  const options = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    incremental: false,
    rootDir: root,
    outDir: types,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  }
  writeJson(stage, 'tsconfig.json', {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: options,
    include: [],
    files: [join(root, ENTRY)],
  })
  await run(process.execPath, [compiler, '--project', join(stage, 'tsconfig.json')]).catch(
    (error: { stdout?: string }) => {
      throw new Error(`the declarations can't be made:\n${error.stdout ?? String(error)}`)
    },
  )
  rmSync(join(stage, 'tsconfig.json'))
  cpSync(join(root, 'contracts/generated/validators.d.ts'), join(types, 'contracts/generated/validators.d.ts'))
  for (const file of globSync('**/*.d.ts', { cwd: types })) {
    const text = readFileSync(join(types, file), 'utf8')
    writeFileSync(join(types, file), text.replace(/(['"]\.[^'"]*)\.ts(?=['"])/g, '$1.js'))
  }
  // A declaration belongs to the module system of the nearest package.json.
  for (const [format, type] of [
    ['esm', 'module'],
    ['cjs', 'commonjs'],
  ] as const) {
    cpSync(types, join(stage, format), { recursive: true })
    writeJson(join(stage, format), 'package.json', { type })
  }
  rmSync(types, { recursive: true })
}

function documents(root: string, stage: string): void {
  for (const path of globSync(
    ['contracts/envelope.schema.json', 'contracts/{events,documents}/*/*.schema.json', 'contracts/generated/**/*.json'],
    { cwd: root },
  ))
    cpSync(join(root, path), join(stage, path.replace('contracts/generated/', '').replace('contracts/', 'schemas/')))
  const page = readFileSync(join(root, 'docs/events.md'), 'utf8')
  writeFileSync(join(stage, 'README.md'), page.replaceAll('](../contracts/', '](./schemas/'))
  cpSync(join(root, 'LICENSE'), join(stage, 'LICENSE'))
}

function manifest(root: string): object {
  const { version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly version: string
    readonly license: string
  }
  const entry = (format: string) => ({
    types: `./${format}/${ENTRY.replace('.ts', '.d.ts')}`,
    default: `./${format}/index.js`,
  })
  return {
    name: PACKAGE_NAME,
    version,
    license,
    description: 'The events and documents of MessageAI Media: types, validators, and how to read them.',
    engines: { node: '>=20' },
    sideEffects: false,
    exports: {
      '.': { import: entry('esm'), require: entry('cjs') },
      './asyncapi.json': './asyncapi.json',
      './registry/*.json': './registry/*.json',
      './schemas/*': './schemas/*',
      './package.json': './package.json',
    },
  }
}

/** npm's own script where npm runs this; else the npm that is found. */
export function npmCommand(args: readonly string[]): { readonly command: string; readonly args: readonly string[] } {
  const script = process.env['npm_execpath']
  return script?.endsWith('.js')
    ? { command: process.execPath, args: [script, ...args] }
    : { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', args }
}

function writeJson(folder: string, name: string, value: object): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), `${JSON.stringify(value, undefined, 2)}\n`)
}
