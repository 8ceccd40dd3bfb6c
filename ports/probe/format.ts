import type { Family } from './container.ts'
import type { MediaFormat } from './probe.ts'

const AS_VIDEO: Readonly<Record<MediaFormat, string>> = {
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  '3gp': 'video/3gpp',
  webm: 'video/webm',
  matroska: 'video/x-matroska',
  avi: 'video/x-msvideo',
  ogg: 'video/ogg',
  m4a: 'video/mp4',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  aac: 'audio/aac',
  flac: 'audio/flac',
  amr: 'audio/amr',
}

const AS_AUDIO: Readonly<Partial<Record<MediaFormat, string>>> = {
  mp4: 'audio/mp4',
  m4a: 'audio/mp4',
  '3gp': 'audio/3gpp',
  webm: 'audio/webm',
  matroska: 'audio/x-matroska',
  ogg: 'audio/ogg',
}

export function contentTypeOf(format: MediaFormat, hasVideo: boolean): string {
  return (hasVideo ? undefined : AS_AUDIO[format]) ?? AS_VIDEO[format]
}

/** @param head the first bytes of the file */
export function formatOf(family: Family, head: Uint8Array, hasVideo: boolean): MediaFormat {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 64)).toString('latin1')
  switch (family) {
    case 'isobmff':
      return isobmffFormat(text, hasVideo)
    case 'matroska':
      // The document type of an EBML header, which is among its first elements (RFC 8794, 11.2.6).
      return text.includes('webm') ? 'webm' : 'matroska'
    case 'adts':
      return 'aac'
    default:
      return family
  }
}

/** By the major brand (ISO/IEC 14496-12, 4.3); a file without any is QuickTime's of before there were brands. */
function isobmffFormat(text: string, hasVideo: boolean): MediaFormat {
  const brand = text.startsWith('ftyp', 4) ? text.slice(8, 12) : 'qt  '
  if (brand === 'qt  ') return 'mov'
  if (/^3g[pgrs2]/.test(brand)) return '3gp'
  return hasVideo ? 'mp4' : 'm4a'
}
