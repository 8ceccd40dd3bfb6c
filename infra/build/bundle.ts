import { copyFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { type BuildOptions, build as esbuild, type Metafile, type Plugin } from 'esbuild'
import { consumerEntry } from './consumer-entry.ts'
import type { Declarations } from './discover.ts'

/** One function, ready to be deployed or run: `<folder>/index.cjs` exports `handler`; beside it lies what it loads at need. */
export interface FunctionBundle {
  readonly name: string
  /** Absolute; holds the bundle and nothing else. */
  readonly folder: string
}

/** Packages with binaries of their own: a layer brings them on AWS, the repository's node_modules locally. */
const EXTERNAL = ['sharp']
const CONSUMER_ENTRY = 'consumer-entry'

/**
 * Large packages that few invocations need. Where they are imported by `import()` they become files of their own, so
 * that a function which starts reads none of them.
 */
const AT_NEED: ReadonlyMap<string, string> = new Map([['google-auth-library', 'google-auth-library']])

/** Code that runs as a thread of its own, in a file beside each bundle that holds what starts it. */
interface Thread {
  readonly startedBy: string
  readonly source: string
  readonly file: string
  /** What else it reads from its folder. */
  readonly beside: readonly string[]
}

const THREADS: readonly Thread[] = [
  {
    startedBy: 'ports/images/heic.ts',
    source: 'ports/images/heic-thread.ts',
    file: 'heic-thread',
    beside: [],
  },
  {
    startedBy: 'ports/documents/pdfium-documents.ts',
    source: 'ports/documents/pdfium-thread.ts',
    file: 'pdfium-thread',
    beside: ['@hyzyla/pdfium/pdfium.wasm'],
  },
  {
    startedBy: 'ports/probe/mediabunny-probe.ts',
    source: 'ports/probe/probe-thread.ts',
    file: 'probe-thread',
    beside: [],
  },
]

const SETTINGS = {
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node24',
  // ES modules first: they can be shaken, and functions start faster for it.
  mainFields: ['module', 'main'],
  // So that import() of another file of CommonJS gives all of its names.
  supported: { 'dynamic-import': false },
  // By which a bundle finds the threads beside it.
  define: { 'import.meta.filename': '__filename' },
  outExtension: { '.js': '.cjs' },
  external: [...EXTERNAL],
  legalComments: 'none',
  logLevel: 'silent',
} satisfies BuildOptions

/**
 * Bundles every declared function in one run, into `<outdir>/<name>/index.cjs`: CommonJS for Lambda's Node 24, not
 * minified, so that stack traces can be read as they are. The same sources give the same bytes wherever the repository lies.
 * @throws Error where a function needs a package of a layer that its declaration doesn't ask for.
 */
export async function bundle(
  root: string,
  declarations: Declarations,
  outdir: string,
): Promise<readonly FunctionBundle[]> {
  const { consumers, producers } = declarations
  const result = await esbuild({
    absWorkingDir: root,
    entryPoints: [
      ...consumers.map(({ declaration: { name } }) => ({ in: `${CONSUMER_ENTRY}:${name}`, out: `${name}/index` })),
      ...producers.map(({ declaration: { name }, file }) => ({
        in: join(dirname(file), 'handler.ts'),
        out: `${name}/index`,
      })),
    ],
    outdir,
    ...SETTINGS,
    metafile: true,
    plugins: [consumerEntries(root, declarations), atNeed],
  })
  await esbuild({
    absWorkingDir: root,
    entryPoints: filesAtNeed(relative(root, outdir), result.metafile),
    outdir,
    ...SETTINGS,
  })
  await bundleThreads(root, outdir, result.metafile)
  refuseUndeclaredLayers(root, declarations, outdir, result.metafile)
  return [...consumers, ...producers].map(({ declaration: { name } }) => ({ name, folder: join(outdir, name) }))
}

function consumerEntries(root: string, { consumers }: Declarations): Plugin {
  return {
    name: CONSUMER_ENTRY,
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${CONSUMER_ENTRY}:`) }, ({ path }) => ({
        path: path.slice(CONSUMER_ENTRY.length + 1),
        namespace: CONSUMER_ENTRY,
      }))
      build.onLoad({ filter: /.*/, namespace: CONSUMER_ENTRY }, ({ path: name }) => {
        const consumer = consumers.find(({ declaration }) => declaration.name === name)
        if (consumer === undefined) throw new Error(`there is no consumer ${name}`)
        const file = `./${relative(root, consumer.file)}`
        return { contents: consumerEntry(file, consumer.declaration.needs), loader: 'ts', resolveDir: root }
      })
    },
  }
}

const atNeed: Plugin = {
  name: 'at-need',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      const file = kind === 'dynamic-import' ? AT_NEED.get(path) : undefined
      return file === undefined ? undefined : { path: `./${file}.cjs`, external: true }
    })
  },
}

/** For each function, the packages that its bundle imports at need. */
function filesAtNeed(outdir: string, { outputs }: Metafile): { in: string; out: string }[] {
  return Object.entries(outputs).flatMap(([output, { imports }]) =>
    [...AT_NEED]
      .filter(([, file]) => imports.some(({ external, path }) => external && path === `./${file}.cjs`))
      .map(([name, file]) => ({ in: name, out: join(relative(outdir, dirname(output)), file) })),
  )
}

async function bundleThreads(root: string, outdir: string, { outputs }: Metafile): Promise<void> {
  const { resolve } = createRequire(join(root, 'package.json'))
  for (const { startedBy, source, file, beside } of THREADS) {
    const folders = Object.entries(outputs)
      .filter(([, { inputs }]) => startedBy in inputs)
      .map(([output]) => join(root, dirname(output)))
    await esbuild({
      absWorkingDir: root,
      entryPoints: folders.map((folder) => ({ in: source, out: join(relative(outdir, folder), file) })),
      outdir,
      ...SETTINGS,
      // Made for CommonJS: the other build asks for the address of its own module.
      alias: { '@hyzyla/pdfium': '@hyzyla/pdfium/dist/index.cjs' },
    })
    for (const folder of folders) {
      for (const asset of beside) await copyFile(resolve(asset), join(folder, basename(asset)))
    }
  }
}

function refuseUndeclaredLayers(
  root: string,
  { consumers }: Declarations,
  outdir: string,
  { outputs }: Metafile,
): void {
  const decodes = new Set(
    consumers
      .filter(({ declaration }) => declaration.needs.includes('images'))
      .map(({ declaration }) => declaration.name),
  )
  for (const [output, { imports }] of Object.entries(outputs)) {
    const name = relative(outdir, dirname(join(root, output)))
    const layered = imports.filter(({ external, path }) => external && EXTERNAL.includes(path))
    if (layered.length > 0 && !decodes.has(name)) {
      throw new Error(
        `${name} imports ${layered.map(({ path }) => path).join(', ')}, which only functions with the port "images" have`,
      )
    }
  }
}
