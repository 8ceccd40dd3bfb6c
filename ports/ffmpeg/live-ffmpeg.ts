import { once } from '../environment/environment.ts'
import { type Ffmpeg, findFfmpeg, type Missing } from './find.ts'

/**
 * The ffmpeg of a function, looked for when it is first needed. The guards that the machine doesn't offer go into the
 * log then, once in the life of a sandbox.
 */
export function liveFfmpeg(
  variables: NodeJS.ProcessEnv,
  log: (line: string) => void = console.warn,
): () => Promise<Ffmpeg | Missing> {
  return once(async () => {
    const ffmpeg = await findFfmpeg(variables)
    const notes = ffmpeg.found ? ffmpeg.notes : [ffmpeg.message]
    if (notes.length > 0) log(JSON.stringify({ message: 'ffmpeg lacks something here', notes }))
    return ffmpeg
  })
}
