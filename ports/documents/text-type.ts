import type { FileType } from './file-type.ts'

// https://mimesniff.spec.whatwg.org/#identifying-a-resource-with-an-unknown-mime-type, and what else a browser runs.
const HTML_TAGS =
  'html|head|script|iframe|h[1-6]|div|font|table|a|style|title|b|body|br|p|form|img|meta|link|base|object|embed|math'
const HTML = new RegExp(`^<(?:!doctype\\s+html|(?:${HTML_TAGS})(?:[\\s/>]|$))`, 'i')
const SVG = /^<(?:svg(?:[\s/>]|$)|!doctype\s+svg)/i
/** What may stand before the first tag that counts. */
const PROLOGUE = /^(?:\s+|<\?[\s\S]*?\?>|<!--[\s\S]*?(?:-->|$)|<!doctype\s+(?!html|svg)[^>[]*(?:\[[\s\S]*?\])?[^>]*>)/i

/** How a text begins, as far as it decides what it is; undefined where the bytes are no text. */
export function textType(head: Uint8Array, isWhole: boolean): FileType | undefined {
  const text = decode(head, isWhole)
  if (text === undefined) return undefined
  let rest = text
  for (let prologue = PROLOGUE.exec(rest); prologue?.[0]; prologue = PROLOGUE.exec(rest)) {
    rest = rest.slice(prologue[0].length)
  }
  if (HTML.test(rest) || /^\s*<!--/.test(rest)) return { format: 'html', type: 'html', contentType: 'text/html' }
  if (SVG.test(rest)) return { format: 'html', type: 'svg', contentType: 'image/svg+xml' }
  // With a stylesheet or in a browser's own vocabulary, any XML can be a page.
  if (/^\s*<\?xml/i.test(text)) return { format: 'html', type: 'xml', contentType: 'application/xml' }
  if (/^\s*BEGIN:VCARD/i.test(text)) return { format: 'text', type: 'vcard', contentType: 'text/vcard' }
  if (/^\s*BEGIN:VCALENDAR/i.test(text)) return { format: 'text', type: 'ics', contentType: 'text/calendar' }
  if (/^\s*(?:\{\s*["}]|\[\s*(?:["{[\]\d-]|true|false|null))/.test(text)) {
    return { format: 'text', type: 'json', contentType: 'application/json' }
  }
  if (isTable(text)) return { format: 'text', type: 'csv', contentType: 'text/csv' }
  return { format: 'text', type: 'txt', contentType: 'text/plain' }
}

/** UTF-8, or UTF-16 with its mark; any other encoding shows as text where it has no control characters. */
function decode(head: Uint8Array, isWhole: boolean): string | undefined {
  const mark = Buffer.from(head.subarray(0, 2)).toString('hex')
  if (mark === 'fffe' || mark === 'feff') {
    return withoutControls(new TextDecoder(mark === 'fffe' ? 'utf-16le' : 'utf-16be').decode(head))
  }
  try {
    return withoutControls(new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: !isWhole }))
  } catch {
    return withoutControls(new TextDecoder('windows-1252').decode(head))
  }
}

function withoutControls(text: string): string | undefined {
  return [...text].every((character) => isPrinted(character.codePointAt(0) ?? 0)) ? text : undefined
}

/** Tabs, line ends, form feeds and the escape of old terminals are part of texts; other control characters are not. */
function isPrinted(code: number): boolean {
  return code >= 0x20 ? code !== 0x7f : (code >= 0x09 && code <= 0x0d) || code === 0x1b
}

/** Lines of the same number of fields, two at least. */
function isTable(text: string): boolean {
  const lines = text.split(/\r?\n/, 6)
  // The last one may be cut off.
  const whole = lines.slice(0, -1).filter((line) => line !== '')
  return [',', ';', '\t'].some((separator) => {
    const counts = whole.map((line) => line.replace(/"(?:[^"]|"")*"/g, '').split(separator).length)
    return counts.length >= 2 && (counts[0] ?? 0) >= 2 && counts.every((count) => count === counts[0])
  })
}
