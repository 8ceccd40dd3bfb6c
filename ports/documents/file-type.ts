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
  /** `inline` where a browser may show it in place: docs/decisions/026-pictures-as-files.md says of what, and why. */
  readonly disposition: 'inline' | 'attachment'
}

const PLAIN_BYTES = 'application/octet-stream'

/**
 * Documents that browsers show by a viewer of their own, and that can't be made to run anything in it. Pictures, videos
 * and sound have kinds of their own, which are looked at before they are shown and keep no place: as files they are saved.
 */
const SHOWN: ReadonlySet<FileFormat> = new Set(['pdf'])

/** What browsers or systems would run, or that nobody knows, goes out as plain bytes, to be saved. */
const PLAIN: ReadonlySet<FileFormat> = new Set(['html', 'executable', 'other'])

/** How a file of this type is served: by what it is, never by what it was called. */
export function handlingOf({ format, contentType }: FileType): Handling {
  return {
    contentType: PLAIN.has(format) ? PLAIN_BYTES : contentType,
    disposition: SHOWN.has(format) ? 'inline' : 'attachment',
  }
}
