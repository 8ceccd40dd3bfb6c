import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Grows when the set changes, so that an older one is drawn anew. */
const SET = 'samples-1'

/** The sample set's files, drawn the first time. */
export async function sampleFiles(options: {
  readonly root: string
  readonly say: (line: string) => void
}): Promise<readonly string[]> {
  const folder = join(options.root, '.cache', SET)
  const found = list(folder)
  if (found.length > 0) return found
  options.say('drawing the sample photos (once) …')
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'make-samples.ts'), folder])
  return list(folder)
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => join(folder, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
