import { KINDS, type Kind, LIMITS } from '../../contracts/limits.ts'

const MEGABYTE = 1024 * 1024

const NOUNS: Readonly<Record<Kind, string>> = {
  image: 'photo',
  profile: 'picture',
  video: 'video',
  voice: 'recording',
  file: 'file',
}

/** The refusal of what is larger than its kind may be; undefined of what isn't. Nothing needs to be read for it. */
export function tooLarge(kind: string, bytes: number): { readonly code: string; readonly message: string } | undefined {
  const known = KINDS.find((one) => one === kind)
  if (known === undefined || bytes <= LIMITS[known].maxBytes) return undefined
  // Rounded up, so that what is just above the limit never reads as allowed.
  const has = (Math.ceil((bytes / MEGABYTE) * 10) / 10).toFixed(1)
  const allowed = (LIMITS[known].maxBytes / MEGABYTE).toFixed(1)
  return {
    code: 'too-large',
    message: `The ${NOUNS[known]} has ${has} MB; at most ${allowed} MB are taken. Send a smaller one.`,
  }
}
