import { dirname, join, relative } from 'node:path'
import { build as esbuild, type Metafile, type Plugin } from 'esbuild'
import { consumerEntry } from './consumer-entry.ts'
import type { Declarations } from './discover.ts'

/** One function, ready to be deployed or run: `<folder>/index.cjs` exports `handler`. */
export interface FunctionBundle {
  readonly name: string
  /** Absolute; holds the bundle and nothing else. */
  readonly folder: string
}

/** Packages with binaries of their own: a layer brings them on AWS, the repository's node_modules locally. */
const EXTERNAL = ['sharp']
const CONSUMER_ENTRY = 'consumer-entry'

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
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    // ES modules first: they can be shaken, and functions start faster for it.
    mainFields: ['module', 'main'],
    external: [...EXTERNAL],
    metafile: true,
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [consumerEntries(root, declarations)],
  })
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
