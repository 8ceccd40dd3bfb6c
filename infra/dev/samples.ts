import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Grows when the set changes, so that an older one is drawn anew. */
const SET = 'samples-2'

/** The sample set's files, drawn the first time. */
export async function sampleFiles(options: {
  readonly root: string
  /** Without it, the set has no video and no voice note. */
  readonly ffmpegPath: string | undefined
  readonly say: (line: string) => void
}): Promise<readonly string[]> {
  const { ffmpegPath } = options
  const folder = join(options.root, '.cache', ffmpegPath === undefined ? `${SET}-still` : SET)
  const found = list(folder)
  if (found.length > 0) return found
  options.say('making the sample files (once) …')
  await promisify(execFile)(process.execPath, [
    join(import.meta.dirname, 'make-samples.ts'),
    folder,
    ...(ffmpegPath === undefined ? [] : [ffmpegPath]),
  ])
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
