import { sniff } from '../images/sniff.ts'

/** What the first bytes say a file is. */
export type Container =
  | { readonly kind: 'empty' }
  /** `family` is how it is read, which is less than the format: MP4, QuickTime, 3GP and M4A are one. */
  | { readonly kind: 'accepted'; readonly family: Family }
  | { readonly kind: 'picture' }
  | { readonly kind: 'refused'; readonly name: string }
  | { readonly kind: 'unknown' }

export type Family = 'isobmff' | 'matroska' | 'ogg' | 'mp3' | 'wav' | 'adts' | 'flac' | 'avi' | 'amr'

/** So much of a file is enough for `containerOf`. */
export const HEAD_BYTES = 4096

type Magic = (text: string) => boolean

const begins =
  (magic: string): Magic =>
  (text) =>
    text.startsWith(magic)

/** Four bytes of something in between. */
const frames =
  (first: string, second: string): Magic =>
  (text) =>
    text.startsWith(first) && text.startsWith(second, 8)

const FIRST_BOXES = ['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip', 'pnot', 'styp']

const MAGIC: readonly (readonly [family: Family, is: Magic])[] = [
  ['isobmff', (text) => FIRST_BOXES.includes(text.slice(4, 8))],
  ['matroska', begins('\x1A\x45\xDF\xA3')],
  ['ogg', begins('OggS')],
  ['wav', frames('RIFF', 'WAVE')],
  ['wav', frames('RF64', 'WAVE')],
  ['avi', frames('RIFF', 'AVI ')],
  ['flac', begins('fLaC')],
  ['amr', begins('#!AMR')],
  ['mp3', begins('ID3')],
  // Eleven bits of sync, then the layer: 00 where ADTS is, another where MPEG audio is.
  ['adts', (text) => /^\xFF[\xF0\xF1\xF8\xF9]/.test(text)],
  ['mp3', (text) => /^\xFF[\xE2-\xE7\xF2-\xF7\xFA-\xFF]/.test(text)],
]

const PLAYLIST = 'a playlist that points at other files'

const REFUSED: readonly (readonly [name: string, is: Magic])[] = [
  ['a Windows Media file', begins('\x30\x26\xB2\x75\x8E\x66\xCF\x11')],
  ['a Flash video', begins('FLV')],
  ['a broadcast recording (MPEG-TS)', (text) => text[0] === 'G' && text[188] === 'G'],
  ['an MPEG program stream', (text) => text.startsWith('\0\0\x01\xBA') || text.startsWith('\0\0\x01\xB3')],
  [PLAYLIST, (text) => /^(?:\xEF\xBB\xBF)?\s*(?:#EXTM3U|ffconcat)/.test(text)],
  [PLAYLIST, (text) => /^(?:\xEF\xBB\xBF)?\s*(?:<\?xml[^>]*>\s*)?<(?:MPD|smil)\b/i.test(text)],
]

/** Reads the magic number of a file's first bytes. Names and declared types are never asked. */
export function containerOf(head: Uint8Array): Container {
  if (head.length === 0) return { kind: 'empty' }
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, HEAD_BYTES)).toString('latin1')
  // Pictures of phones are ISO files too, and say so in their brands.
  const picture = sniff(head)
  if (picture.kind === 'accepted') return { kind: 'picture' }
  const accepted = MAGIC.find(([, is]) => is(text))
  if (accepted) return { kind: 'accepted', family: accepted[0] }
  const refused = REFUSED.find(([, is]) => is(text))
  if (refused) return { kind: 'refused', name: refused[0] }
  return picture.kind === 'refused' ? { kind: 'refused', name: picture.name } : { kind: 'unknown' }
}
