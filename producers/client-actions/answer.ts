import type { APIGatewayProxyResult } from 'aws-lambda'

/** Any page may call the API: callers prove who they are by a token, never by a cookie that a browser adds by itself. */
export const BROWSER_HEADERS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Location,Retry-After,x-amzn-RequestId',
  'X-Content-Type-Options': 'nosniff',
} as const

export function jsonAnswer(
  status: number,
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>,
): APIGatewayProxyResult {
  return {
    statusCode: status,
    headers: { ...BROWSER_HEADERS, 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  }
}
