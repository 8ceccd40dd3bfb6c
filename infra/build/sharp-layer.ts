import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The layer's folder, absolute; Lambda unpacks it to /opt, where it looks below nodejs/node_modules for packages. */
export const SHARP_LAYER = join(import.meta.dirname, '../layers/sharp')

/** Whether the binaries for Lambda's machines are there. */
export function isSharpLayerBuilt(): boolean {
  return existsSync(join(SHARP_LAYER, 'nodejs/node_modules/@img/sharp-linux-arm64'))
}

/**
 * Installs sharp for Lambda's machines, whatever this one is: 20 MB from the npm registry.
 * @throws Error with npm's own words.
 */
export async function buildSharpLayer(): Promise<void> {
  await promisify(execFile)(
    'npm',
    [
      'install',
      '--os=linux',
      '--cpu=arm64',
      '--libc=glibc',
      '--no-package-lock',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
    ],
    { cwd: join(SHARP_LAYER, 'nodejs') },
  )
  if (!isSharpLayerBuilt()) throw new Error(`npm installed no sharp for linux arm64 below ${SHARP_LAYER}`)
}
