/** Why a request is not let in, in AWS's words. */
export interface Refusal {
  readonly ok: false
  readonly statusCode: number
  readonly code: string
  readonly message: string
}

type Reason =
  | 'missing'
  | 'malformedHeader'
  | 'malformedQuery'
  | 'unsupportedMechanism'
  | 'unknownKey'
  | 'unexpectedToken'
  | 'skewed'
  | 'expired'
  | 'notYetValid'
  | 'unsignedHeaders'
  | 'mismatch'

interface Wording {
  readonly statusCode: number
  readonly code: string
  readonly message: string
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
const S3: Readonly<Record<Reason, Wording>> = {
  missing: { statusCode: 403, code: 'AccessDenied', message: 'Access Denied' },
  malformedHeader: {
    statusCode: 400,
    code: 'AuthorizationHeaderMalformed',
    message: 'The authorization header is malformed',
  },
  malformedQuery: {
    statusCode: 400,
    code: 'AuthorizationQueryParametersError',
    message: 'The authorization query parameters are malformed',
  },
  unsupportedMechanism: {
    statusCode: 400,
    code: 'InvalidRequest',
    message: 'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
  },
  unknownKey: {
    statusCode: 403,
    code: 'InvalidAccessKeyId',
    message: 'The AWS Access Key Id you provided does not exist in our records.',
  },
  unexpectedToken: {
    statusCode: 400,
    code: 'InvalidToken',
    message: 'The provided token is malformed or otherwise invalid.',
  },
  skewed: {
    statusCode: 403,
    code: 'RequestTimeTooSkewed',
    message: 'The difference between the request time and the current time is too large.',
  },
  expired: { statusCode: 403, code: 'AccessDenied', message: 'Request has expired' },
  notYetValid: { statusCode: 403, code: 'AccessDenied', message: 'Request is not yet valid' },
  unsignedHeaders: {
    statusCode: 403,
    code: 'AccessDenied',
    message: 'There were headers present in the request which were not signed',
  },
  mismatch: {
    statusCode: 403,
    code: 'SignatureDoesNotMatch',
    message:
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  },
}

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
const COMMON: Readonly<Record<Reason, Wording>> = {
  missing: {
    statusCode: 403,
    code: 'MissingAuthenticationToken',
    message: 'The request must contain either a valid (registered) AWS access key ID or X.509 certificate.',
  },
  malformedHeader: {
    statusCode: 400,
    code: 'IncompleteSignature',
    message: 'The request signature does not conform to AWS standards',
  },
  malformedQuery: {
    statusCode: 400,
    code: 'IncompleteSignature',
    message: 'The request signature does not conform to AWS standards',
  },
  unsupportedMechanism: {
    statusCode: 400,
    code: 'IncompleteSignature',
    message: 'The authorization mechanism is not supported. Please use AWS4-HMAC-SHA256.',
  },
  unknownKey: {
    statusCode: 403,
    code: 'InvalidClientTokenId',
    message: 'The security token included in the request is invalid.',
  },
  unexpectedToken: {
    statusCode: 403,
    code: 'InvalidClientTokenId',
    message: 'The security token included in the request is invalid.',
  },
  skewed: { ...S3.skewed },
  expired: { statusCode: 400, code: 'RequestExpired', message: 'Request has expired' },
  notYetValid: { statusCode: 400, code: 'RequestExpired', message: 'Request is not yet valid' },
  unsignedHeaders: {
    statusCode: 403,
    code: 'SignatureDoesNotMatch',
    message: 'There were headers present in the request which were not signed',
  },
  mismatch: { ...S3.mismatch },
}

/** The service's own wording of `reason`; `detail` says what exactly is at fault. */
export function refuse(service: string, reason: Reason, detail?: string): Refusal {
  const wording = (service === 's3' ? S3 : COMMON)[reason]
  return { ok: false, ...wording, message: detail ? `${wording.message}; ${detail}` : wording.message }
}
