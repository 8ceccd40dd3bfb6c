/** The prefixes below which clients upload, one for each kind of media. */
export const ORIGINAL_PREFIXES = ['images/original/'] as const

const ORIGINAL = /^images\/original\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

/** The key under which a media's original is uploaded. */
export function originalKey(mediaId: string): string {
  return `${ORIGINAL_PREFIXES[0]}${mediaId}`
}

/** Whose original lies under this key; undefined for derived objects and for anything that this product did not name. */
export function mediaIdOf(key: string): string | undefined {
  return ORIGINAL.exec(key)?.[1]
}
