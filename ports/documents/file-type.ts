/** What a file is, from its bytes. */
export interface FileType {
  /** The family, as events name it. */
  readonly format: FileFormat
  /** `docx`, `mp4`, `exe` …; `other` where nobody knows. */
  readonly type: string
  /** That of the bytes. */
  readonly contentType: string
}

export type FileFormat =
  | 'pdf'
  | 'zip'
  | 'office'
  | 'text'
  | 'image'
  | 'video'
  | 'audio'
  | 'html'
  | 'executable'
  | 'other'

/** How a file may be handed out. */
export interface Handling {
  readonly contentType: string
  /** `inline` where a browser shows it in place, and can't be made to run anything of it. */
  readonly disposition: 'inline' | 'attachment'
}

const PLAIN_BYTES = 'application/octet-stream'

/** What browsers show by decoders alone. HEIC, TIFF and their like they would offer to save anyway. */
const SHOWN: ReadonlySet<string> = new Set([
  'application/pdf',
  'image/jpeg',
  'image/png',
  'image/gif',
  'image/webp',
  'image/avif',
  'video/mp4',
  'video/webm',
  'audio/mpeg',
  'audio/mp4',
  'audio/ogg',
  'audio/wav',
  'audio/flac',
  'audio/aac',
])

/** What browsers or systems would run, or that nobody knows, goes out as plain bytes, to be saved. */
const PLAIN: ReadonlySet<FileFormat> = new Set(['html', 'executable', 'other'])

/** How a file of this type is served: by what it is, never by what it was called. */
export function handlingOf({ format, contentType }: FileType): Handling {
  return {
    contentType: PLAIN.has(format) ? PLAIN_BYTES : contentType,
    disposition: SHOWN.has(contentType) ? 'inline' : 'attachment',
  }
}
