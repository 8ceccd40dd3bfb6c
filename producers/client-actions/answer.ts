import type { APIGatewayProxyResult } from 'aws-lambda'

/** Any page may call the API: callers prove who they are by a token, never by a cookie that a browser adds by itself. */
export const SECURITY_HEADERS = {
  'Access-Control-Allow-Origin': '*',
  'X-Content-Type-Options': 'nosniff',
} as const

export function jsonAnswer(
  status: number,
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>,
): APIGatewayProxyResult {
  return {
    statusCode: status,
    headers: { ...SECURITY_HEADERS, 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  }
}
