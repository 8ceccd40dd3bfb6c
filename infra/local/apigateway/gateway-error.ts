/** What the gateway itself answers, by type: status, and the name in `x-amzn-errortype`. */
export const responseTypes = {
  ACCESS_DENIED: [403, 'AccessDeniedException'],
  AUTHORIZER_CONFIGURATION_ERROR: [500, 'AuthorizerConfigurationException'],
  AUTHORIZER_FAILURE: [500, 'AuthorizerConfigurationException'],
  BAD_REQUEST_BODY: [400, 'BadRequestException'],
  BAD_REQUEST_PARAMETERS: [400, 'BadRequestException'],
  DEFAULT_4XX: [400, 'BadRequestException'],
  DEFAULT_5XX: [500, 'InternalServerErrorException'],
  INTEGRATION_FAILURE: [504, 'InternalServerErrorException'],
  INTEGRATION_TIMEOUT: [504, 'InternalServerErrorException'],
  INVALID_API_KEY: [403, 'ForbiddenException'],
  MISSING_AUTHENTICATION_TOKEN: [403, 'MissingAuthenticationTokenException'],
  REQUEST_TOO_LARGE: [413, 'RequestEntityTooLargeException'],
  THROTTLED: [429, 'TooManyRequestsException'],
  UNAUTHORIZED: [401, 'UnauthorizedException'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>

export type ResponseType = keyof typeof responseTypes

/** Types that a template may declare, but which nothing here ever answers. */
export const unusedResponseTypes: readonly string[] = [
  'API_CONFIGURATION_ERROR',
  'EXPIRED_TOKEN',
  'INVALID_SIGNATURE',
  'QUOTA_EXCEEDED',
  'RESOURCE_NOT_FOUND',
  'UNSUPPORTED_MEDIA_TYPE',
  'WAF_FILTERED',
]

/** A refusal or failure of the gateway itself; a GatewayResponse of the template words it. */
export class GatewayError extends Error {
  readonly type: ResponseType
  readonly statusCode: number
  readonly validationErrors: string | undefined

  constructor(type: ResponseType, message: string, options: { statusCode?: number; validationErrors?: string } = {}) {
    super(message)
    this.name = 'GatewayError'
    this.type = type
    this.statusCode = options.statusCode ?? responseTypes[type][0]
    this.validationErrors = options.validationErrors
  }
}
