import type { Kind } from '../../contracts/limits.ts'

/** Where clients upload, by kind of media. */
const PREFIXES: Readonly<Record<Kind, string>> = {
  image: 'images/original/',
  video: 'videos/original/',
  voice: 'voice/original/',
  file: 'files/original/',
  profile: 'profiles/original/',
}

/** The prefixes below which clients upload, one for each kind of media. */
export const ORIGINAL_PREFIXES: readonly string[] = Object.values(PREFIXES)

const ORIGINAL = /^(?:images|videos|voice|files|profiles)\/original\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

/**
 * The key under which a media's original is uploaded.
 * @throws Error for a kind that is not known.
 */
export function originalKey({ mediaId, kind }: { readonly mediaId: string; readonly kind: string }): string {
  const prefix: string | undefined = (PREFIXES as Readonly<Record<string, string>>)[kind]
  if (prefix === undefined) throw new Error(`media of the kind "${kind}" have no originals`)
  return `${prefix}${mediaId}`
}

/** Whose original lies under this key; undefined for derived objects and for anything that this product did not name. */
export function mediaIdOf(key: string): string | undefined {
  return ORIGINAL.exec(key)?.[1]
}
