// How the pinned Node is run, by bootstrap.mjs and by what measures the runtime. Plain JavaScript, as any Node reads it.
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Each function's thread has a small heap beside large pictures, which V8 counts too: by its own rule it would mark the
 * whole heap some four times a photo, an eighth of all CPU time. Heaps that may grow to four times what lives in them
 * are marked once.
 */
export const NODE_FLAGS = ['--heap-growing-percent=300']

/** Files in the compile cache, beyond which it is emptied: Node never does. */
const MAX_COMPILED = 5000

/**
 * Its environment, below the person's own.
 * @param {string} root the repository
 */
export function nodeEnvironment(root) {
  const compiled = join(root, '.cache', 'compiled')
  emptyWhereFull(compiled)
  return {
    NODE_NO_WARNINGS: '1',
    // Types are stripped and code is compiled once, not at each start.
    NODE_COMPILE_CACHE: compiled,
    // glibc gives threads arenas of their own, and what pictures leave in those is hardly ever used again.
    MALLOC_ARENA_MAX: '2',
  }
}

/** @param {string} folder */
function emptyWhereFull(folder) {
  try {
    if (readdirSync(folder, { recursive: true }).length > MAX_COMPILED) rmSync(folder, { recursive: true, force: true })
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error
  }
}
