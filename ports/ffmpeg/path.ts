import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'

/**
 * The first executable of that name in a PATH, absolute; relative folders of a PATH are passed over.
 * @param path as in the variable: folders with the system's delimiter between them.
 */
export async function firstOnPath(name: string, path: string | undefined): Promise<string | undefined> {
  const file = process.platform === 'win32' ? `${name}.exe` : name
  for (const folder of (path ?? '').split(delimiter).filter(isAbsolute)) {
    const found = join(folder, file)
    const runs = await access(found, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (runs) return found
  }
  return undefined
}
