import type { ByteSource } from '../probe/probe.ts'
import type { FileType } from './file-type.ts'

/** Files at large: what they are, and what the first page of a PDF looks like. Nothing of a file is run or unpacked. */
export interface Documents {
  /**
   * What a file is, by its bytes and never by its name: a few reads of some kilobytes, whatever its size.
   * @throws what `source.read` throws, and nothing else
   */
  inspect(source: ByteSource): Promise<FileType>
  /**
   * Counts the pages of a PDF and draws its first one, within limits of size, time and memory. A PDF that can't be
   * drawn is an answer, whoever is at fault: it can be handed out all the same. Never rejects.
   */
  draw(pdf: Uint8Array): Promise<Drawn>
  /** Names the settings and the version of what draws: the same recipe of the same bytes gives the same picture. */
  recipe(): string
}

export type Drawn =
  | { readonly ok: true; readonly pages: number; readonly firstPage: Page }
  | {
      readonly ok: false
      readonly reason: NotDrawn
      readonly pages?: number
      /** Of what is broken, for whoever has to mend it. */
      readonly detail?: string
    }

/** A page as it is printed: upright, on white. */
export interface Page {
  /** PNG, of `width` by `height` pixels. */
  readonly png: Uint8Array
  readonly width: number
  readonly height: number
}

/** Why there is no picture: of what was read before that, pages may have been counted. */
export type NotDrawn =
  /** It has more bytes than are read. */
  | 'too-large'
  /** It opens with a password only. */
  | 'encrypted'
  | 'damaged'
  /** It has no pages. */
  | 'empty'
  /** It took all the time, or all the memory, that there is. */
  | 'exhausting'
  /** What draws is at fault, and not the document: `detail` has its words. */
  | 'broken'

/** What a drawing may take; docs/decisions/021-files.md says why. */
export const DRAWING = {
  maxBytes: 50 * 1024 * 1024,
  /** The longer side of the page, in pixels; the shorter one has one at least. */
  maxSide: 1280,
  seconds: 10,
  /** Of WebAssembly memory, the document in it. */
  maxMemoryBytes: 384 * 1024 * 1024,
  /** More are no count that anybody wrote. */
  maxPages: 1_000_000,
} as const
