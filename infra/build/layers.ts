import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** What functions on Lambda need beside their bundle. */
export interface Layer {
  readonly name: LayerName
  readonly description: string
  /** Absolute; Lambda unpacks it to /opt, where it looks below nodejs/node_modules for packages. */
  readonly folder: string
  /** Below `folder`: what is there once the layer is built. */
  readonly proof: string
  /** How npm is told for which machine it installs. */
  readonly install: { readonly args: readonly string[]; readonly variables: Readonly<Record<string, string>> }
}

export type LayerName = 'sharp' | 'ffmpeg'

const folderOf = (name: LayerName) => join(import.meta.dirname, '../layers', name)

export const LAYERS: readonly Layer[] = [
  {
    name: 'sharp',
    description: 'sharp and libvips for linux, arm64, glibc',
    folder: folderOf('sharp'),
    proof: 'nodejs/node_modules/@img/sharp-linux-arm64',
    install: { args: ['--os=linux', '--cpu=arm64', '--libc=glibc', '--ignore-scripts'], variables: {} },
  },
  {
    name: 'ffmpeg',
    description: 'ffmpeg for linux, arm64: a static build, under the GPL',
    folder: folderOf('ffmpeg'),
    proof: 'nodejs/node_modules/ffmpeg-static/ffmpeg',
    // Its install script downloads the program, for the machine that these name.
    install: { args: [], variables: { npm_config_platform: 'linux', npm_config_arch: 'arm64' } },
  },
]

/** Where a function on Lambda finds ffmpeg. */
export const FFMPEG_ON_LAMBDA = '/opt/nodejs/node_modules/ffmpeg-static/ffmpeg'

/** Whether the layer's files for Lambda's machines are there. */
export function isLayerBuilt({ folder, proof }: Layer): boolean {
  return existsSync(join(folder, proof))
}

/**
 * Installs a layer for Lambda's machines, whatever this one is.
 * @throws Error with npm's own words, or naming what is still missing.
 */
export async function buildLayer(layer: Layer): Promise<void> {
  const { name, folder, proof, install } = layer
  await promisify(execFile)('npm', ['install', ...install.args, '--no-package-lock', '--no-audit', '--no-fund'], {
    cwd: join(folder, 'nodejs'),
    env: { ...process.env, ...install.variables },
  })
  if (!isLayerBuilt(layer))
    throw new Error(`npm installed no ${name} for linux arm64: ${join(folder, proof)} is missing`)
}
