import type { ServerResponse } from 'node:http'

/** Answers with a document of XML. */
export function answerXml(response: ServerResponse, document: string, statusCode = 200): void {
  const body = Buffer.from(document)
  response.writeHead(statusCode, { 'Content-Type': 'application/xml', 'Content-Length': body.length }).end(body)
}
