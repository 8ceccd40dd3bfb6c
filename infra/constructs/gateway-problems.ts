import { CfnGatewayResponse, type RestApi } from 'aws-cdk-lib/aws-apigateway'
import {
  GATEWAY_PROBLEMS,
  PROBLEMS,
  type ProblemCode,
  problemDocument,
} from '../../producers/client-actions/problem.ts'

/** What the gateway knows of the request that it refuses. */
const DETAILS: Readonly<Record<keyof typeof GATEWAY_PROBLEMS, string>> = {
  ACCESS_DENIED: 'This caller may not call this route.',
  AUTHORIZER_FAILURE: 'Who calls could not be found out.',
  BAD_REQUEST_BODY: 'The body does not fit the schema of this route.',
  BAD_REQUEST_PARAMETERS: 'A header, or a part of the address, is missing or does not fit.',
  DEFAULT_5XX: 'The request could not be answered.',
  MISSING_AUTHENTICATION_TOKEN: 'There is no such route, or not with this method.',
  REQUEST_TOO_LARGE: 'The body is larger than the API takes.',
  THROTTLED: 'All callers together send more requests than the API takes.',
  UNAUTHORIZED: 'The header Authorization is missing, or its token does not count.',
}

/** Where the gateway can't say what the functions' own words promise. */
const REMEDIES: { readonly [code in ProblemCode]?: { readonly remedy: string } } = {
  'invalid-request': { remedy: 'Compare the request with the fields that docs/api.md lists for this route.' },
}

const RETRY_AFTER_SECONDS = 1

/**
 * Words what the gateway refuses by itself as the functions word theirs: RFC 9457 problem documents, readable by any page.
 * Templates of gateway responses know variables and no escaping, so what callers sent never stands in the JSON.
 */
export function answerRefusals(api: RestApi): void {
  for (const [type, code] of Object.entries(GATEWAY_PROBLEMS) as [keyof typeof GATEWAY_PROBLEMS, ProblemCode][]) {
    const { status } = PROBLEMS[code]
    const document = { ...problemDocument({ code, detail: DETAILS[type] }), ...REMEDIES[code] }
    answer(api, type, JSON.stringify(document), {
      status,
      ...(status === 429 || status === 503 ? { 'Retry-After': `'${RETRY_AFTER_SECONDS}'` } : {}),
    })
  }
  // Rare ones (a firewall's block, an unsupported media type) have statuses of their own, which a template can't know.
  const other = {
    type: 'about:blank',
    title: 'Refused',
    code: '$context.error.responseType',
    detail: 'The API refused the request before any function saw it.',
    remedy: 'Compare the request with docs/api.md.',
  }
  answer(api, 'DEFAULT_4XX', JSON.stringify(other), {})
}

function answer(
  api: RestApi,
  responseType: string,
  document: string,
  { status, ...headers }: { readonly status?: number } & Readonly<Record<string, string | number>>,
): void {
  const all = {
    'Access-Control-Allow-Origin': "'*'",
    'Access-Control-Expose-Headers': "'Retry-After,x-amzn-RequestId'",
    'Cache-Control': "'no-store'",
    'Content-Type': "'application/problem+json'",
    'X-Content-Type-Options': "'nosniff'",
    ...headers,
  }
  const response = new CfnGatewayResponse(api, responseType, {
    restApiId: api.restApiId,
    responseType,
    ...(status === undefined ? {} : { statusCode: String(status) }),
    responseParameters: Object.fromEntries(
      Object.entries(all).map(([name, value]) => [`gatewayresponse.header.${name}`, String(value)]),
    ),
    // The gateway chooses by the caller's Accept, else JSON: both are the same document.
    responseTemplates: { 'application/json': document, 'application/problem+json': document },
  })
  api.latestDeployment?.node.addDependency(response)
  api.latestDeployment?.addToLogicalId({ [responseType]: { document, status, headers } })
}
