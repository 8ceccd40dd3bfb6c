/** How a browser takes what it downloads: shown in its place, or saved, under a name. */
export interface Disposition {
  readonly type: 'inline' | 'attachment'
  /** Any text; what it is saved under is the browser's last word. */
  readonly fileName: string
}

/**
 * The value of a `Content-Disposition` header: the name in full for those who know RFC 8187, and without what isn't
 * ASCII for all others. https://www.rfc-editor.org/rfc/rfc6266#section-4.3
 */
export function contentDisposition({ type, fileName }: Disposition): string {
  const ascii = fileName.replace(/[^\x20-\x7E]|["\\%]/gu, '_')
  return `${type}; filename="${ascii}"; filename*=UTF-8''${encoded(fileName)}`
}

/** Beside what `encodeURIComponent` leaves: `'`, `(`, `)` and `*` have a meaning here. */
function encoded(fileName: string): string {
  return encodeURIComponent(fileName.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
