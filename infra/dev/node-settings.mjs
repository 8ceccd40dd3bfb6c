// How the pinned Node is run, by bootstrap.mjs and by what measures the runtime. Plain JavaScript, as any Node reads it.
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Each function's thread has a small heap beside large pictures, which V8 counts too: by its own rule it would mark the
 * whole heap some four times a photo, an eighth of all CPU time. Heaps that may grow to four times what lives in them
 * are marked once.
 */
export const NODE_FLAGS = ['--heap-growing-percent=300']

/** What the compile cache may grow to before it is begun anew: Node itself never removes anything. */
const MAX_COMPILED_BYTES = 300e6

/** @param {string} root the repository */
const compiled = (root) => join(root, '.cache', 'compiled')

/**
 * Its environment, below the person's own.
 * @param {string} root
 */
export function nodeEnvironment(root) {
  return {
    NODE_NO_WARNINGS: '1',
    // Types are stripped and code is compiled once, not at each start.
    NODE_COMPILE_CACHE: compiled(root),
    // glibc gives threads arenas of their own, and what pictures leave in those is hardly ever used again.
    MALLOC_ARENA_MAX: '2',
    // Left to itself, glibc raises both after the first large picture and then keeps what later ones gave back.
    MALLOC_MMAP_THRESHOLD_: '1048576',
    MALLOC_TRIM_THRESHOLD_: '1048576',
  }
}

/**
 * Empties the compile cache where it has grown too large.
 * @param {string} root
 */
export function emptyFullCache(root) {
  const folder = compiled(root)
  try {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => statSync(join(folder, name)))
    const bytes = files.reduce((sum, { size }) => sum + size, 0)
    if (bytes > MAX_COMPILED_BYTES) rmSync(folder, { recursive: true, force: true })
  } catch (error) {
    // It was never made, or another process changes it just now.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error
  }
}
