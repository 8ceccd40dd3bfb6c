import type { ApiRequest, Caller } from './request.ts'

interface RequestFields {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly resource: string
  readonly uid?: string
  readonly moderator?: boolean
  readonly body?: string | null
  readonly isBase64Encoded?: boolean
  readonly headers?: Readonly<Record<string, string>>
  readonly pathParameters?: Readonly<Record<string, string>>
}

/** A request with everything that API Gateway's REST proxy integration sends. */
export function apiRequest({
  method,
  path,
  resource,
  uid = 'alice',
  moderator = false,
  body = null,
  isBase64Encoded = false,
  headers = {},
  pathParameters,
}: RequestFields): ApiRequest {
  const allHeaders = {
    Accept: 'application/json',
    Authorization: 'Bearer redacted',
    'CloudFront-Forwarded-Proto': 'https',
    'content-type': 'application/json',
    Host: 'a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com',
    'User-Agent': 'okhttp/4.12.0',
    'X-Amzn-Trace-Id': 'Root=1-67891233-abcdef012345678912345678',
    'X-Forwarded-For': '203.0.113.7',
    'X-Forwarded-Port': '443',
    'X-Forwarded-Proto': 'https',
    ...headers,
  }
  return {
    resource,
    path,
    httpMethod: method,
    headers: allHeaders,
    multiValueHeaders: Object.fromEntries(Object.entries(allHeaders).map(([name, value]) => [name, [value]])),
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: pathParameters ?? null,
    stageVariables: null,
    requestContext: {
      accountId: '123456789012',
      apiId: 'a1b2c3d4e5',
      authorizer: { uid, principalId: uid, integrationLatency: 41, ...(moderator && { moderator: 'true' }) } as Caller,
      protocol: 'HTTP/1.1',
      httpMethod: method,
      identity: {
        accessKey: null,
        accountId: null,
        apiKey: null,
        apiKeyId: null,
        caller: null,
        clientCert: null,
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp: '203.0.113.7',
        user: null,
        userAgent: 'okhttp/4.12.0',
        userArn: null,
      },
      path: `/v1${path}`,
      stage: 'v1',
      requestId: '7b1f8f6e-4f2b-4a0e-9d5c-1d7f5f0a9c11',
      requestTimeEpoch: 1772359200000,
      resourceId: 'k3x9qz',
      resourcePath: resource,
    },
    body,
    isBase64Encoded,
  }
}
