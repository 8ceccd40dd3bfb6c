import { XMLParser } from 'fast-xml-parser'

/** One element as text; its content is text to escape, or elements made by this function. */
export function element(name: string, content: string | number | boolean | readonly string[]): string {
  return `<${name}>${Array.isArray(content) ? content.join('') : escapeXml(String(content))}</${name}>`
}

export function xmlDocument(root: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}`
}

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/'

/** The root element of an answer of S3, in its namespace. */
export function s3Document(name: string, content: readonly string[]): string {
  return xmlDocument(`<${name} xmlns="${NAMESPACE}">${content.join('')}</${name}>`)
}

/** Characters that XML 1.0 has no way to write become U+FFFD: clients that need them ask for `encoding-type=url`. */
export function escapeXml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/\r/g, '&#13;')
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
}

/**
 * Reads a request document into nested objects of texts; `lists` names the elements that become arrays.
 * @throws Error where it is not well-formed, or has a document type.
 */
export function parseXml(text: string, lists: readonly string[]): unknown {
  if (/<!DOCTYPE/i.test(text)) throw new Error('a document type is not allowed')
  const parser = new XMLParser({
    parseTagValue: false,
    trimValues: false,
    ignoreAttributes: true,
    ignoreDeclaration: true,
    htmlEntities: true,
    isArray: (name) => lists.includes(name),
  })
  return parser.parse(text, true)
}
