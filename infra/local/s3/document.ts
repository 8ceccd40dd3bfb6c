import { Writable } from 'node:stream'
import { bodyError, expectBody } from './body.ts'
import { malformedXml } from './errors.ts'
import { receiveInto } from './receive.ts'
import type { SignedCall } from './s3.ts'
import { parseXml } from './xml.ts'

const MAX_BYTES = 8 * 1024 * 1024

/**
 * Reads the document that is a request's body, and holds it to what its sender said of it.
 * @throws S3Error as for an object's bytes
 */
export async function readDocument({ headers, payload, request }: SignedCall): Promise<string> {
  const body = expectBody(headers, payload, { maxBytes: MAX_BYTES })
  const pieces: Buffer[] = []
  const sink = new Writable({
    write(piece: Buffer, _encoding, done) {
      pieces.push(piece)
      done()
    },
  })
  try {
    body.verify(await receiveInto(sink, request, body.options))
  } catch (error) {
    throw bodyError(error)
  }
  return Buffer.concat(pieces).toString('utf8')
}

/**
 * A document's elements as nested objects of texts; `lists` names those that become arrays.
 * @throws S3Error MalformedXML
 */
export function readXml(document: string, lists: readonly string[]): unknown {
  try {
    return parseXml(document, lists)
  } catch {
    throw malformedXml()
  }
}

/** @throws S3Error MalformedXML where an element has no elements in it. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  throw malformedXml()
}
