import type { APIGatewayAuthorizerEvent, APIGatewayAuthorizerWithContextResult } from 'aws-lambda'
import type { Log } from '../log.ts'
import { type Caller, headerOf } from '../request.ts'
import type { Accounts } from './accounts.ts'
import type { VerifyToken } from './verify-token.ts'

export interface AuthorizePorts {
  readonly verify: VerifyToken
  readonly accounts: Accounts
  readonly log: Log
}

/**
 * Says who calls: a policy for the whole stage, so that API Gateway may keep it for every route of this token.
 *
 * @throws Error('Unauthorized'), which API Gateway turns into 401; any other error becomes its 500.
 */
export async function handle(
  event: APIGatewayAuthorizerEvent,
  { verify, accounts, log }: AuthorizePorts,
): Promise<APIGatewayAuthorizerWithContextResult<Caller>> {
  const refuse = (reason: string): Error => {
    log('refused a caller', { reason })
    return new Error('Unauthorized')
  }

  const token = /^Bearer ([\w.~+/=-]+)$/i.exec(authorizationOf(event))?.[1]
  if (token === undefined) throw refuse('no bearer token')
  const verified = await verify(token)
  if (!verified.ok) throw refuse(verified.reason)
  const validSince = await accounts.validSince(verified.uid)
  if (validSince === undefined) throw refuse('the account is disabled or gone')
  if (verified.authTime < validSince) throw refuse('the session was revoked')

  return {
    principalId: verified.uid,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: wholeStage(event.methodArn) }],
    },
    context: { uid: verified.uid, ...(verified.moderator && { moderator: 'true' as const }) },
  }
}

function authorizationOf(event: APIGatewayAuthorizerEvent): string {
  return (event.type === 'TOKEN' ? event.authorizationToken : headerOf(event, 'Authorization')) ?? ''
}

/** `arn:…:api-id/stage/GET/media/42` → `arn:…:api-id/stage/*`. */
function wholeStage(methodArn: string): string {
  return `${methodArn.split('/').slice(0, 2).join('/')}/*`
}
