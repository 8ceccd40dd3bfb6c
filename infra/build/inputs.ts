import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Everything that a build reads; tests and suites are not in it. */
const SOURCES = [
  '{contracts,events,ports,producers,consumers}/**/*.{ts,js,json}',
  'infra/{stacks,constructs,config,build}/**/*.ts',
  'infra/*.ts',
  'infra/layers/*/nodejs/package.json',
  // npm's own account of what is installed in a layer, once it is.
  'infra/layers/*/nodejs/node_modules/.package-lock.json',
  'package-lock.json',
]
const NOT_BUILT = /\.(test|suite)\.ts$|\.invalid\.json$/

/**
 * A name for what a build would make: the same for the same sources, packages, Node and settings.
 * @param root the repository's folder, absolute.
 * @param settings what else decides; told apart by its JSON.
 */
export function hashOfInputs(root: string, settings: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify([process.version, settings]))
  for (const file of globSync(SOURCES, { cwd: root }).sort()) {
    if (!NOT_BUILT.test(file)) hash.update(`\0${file}\0`).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex').slice(0, 20)
}
