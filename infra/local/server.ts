import type { IncomingMessage, ServerResponse } from 'node:http'
import type { WireService } from './cloud.ts'

/**
 * Hands a request to the service that its credential scope names: in the Authorization header, or in the query of a
 * presigned URL. Without a scope it is for S3: uploads by form, preflights, unsigned requests.
 */
export function dispatch(
  services: readonly WireService[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const name = signingName(request) ?? 's3'
  const service = services.find(({ signingNames }) => signingNames.includes(name))
  if (service) return service.handle(request, response)
  refuse(
    name,
    services.flatMap(({ signingNames }) => signingNames),
    request,
    response,
  )
  return Promise.resolve()
}

function signingName({ headers, url }: IncomingMessage): string | undefined {
  const credential =
    /Credential=([^,\s]+)/.exec(headers.authorization ?? '')?.[1] ??
    new URLSearchParams(url?.split('?')[1]).get('X-Amz-Credential')
  // <access key>/<date>/<region>/<service>/aws4_request
  return credential?.split('/').at(-2)
}

function refuse(name: string, running: readonly string[], request: IncomingMessage, response: ServerResponse): void {
  const code = 'ServiceNotRunningLocally'
  const message = `The service ${JSON.stringify(name)} does not run locally. These do: ${running.join(', ')}.`
  const isQuery = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true
  const body = isQuery
    ? `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error></ErrorResponse>`
    : JSON.stringify({ __type: code, message })
  response.writeHead(501, {
    'content-type': isQuery ? 'text/xml' : 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-amzn-errortype': code,
    connection: 'close',
  })
  response.end(body)
  request.resume()
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
