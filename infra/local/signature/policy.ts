import { type Refusal, refuse } from './refusal.ts'
import { ALGORITHM, hmac, openScope, parseAmzDate, sameSignature, type Verifier } from './scope.ts'

/**
 * Judges the signature of a browser's upload form. `fields` holds the form's fields by lower-case name; whether they
 * meet the policy is the caller's business.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html
 */
export function verifyPolicySignature(
  fields: ReadonlyMap<string, string>,
  verifier: Verifier,
): { ok: true; accessKeyId: string } | Refusal {
  const policy = fields.get('policy')
  if (policy === undefined) return refuse('s3', 'missing')
  for (const name of ['x-amz-algorithm', 'x-amz-credential', 'x-amz-date', 'x-amz-signature']) {
    if (fields.has(name)) continue
    const message = `Bucket POST must contain a field named '${name}'. If it is specified, please check the order of the fields.`
    return { ok: false, statusCode: 400, code: 'InvalidArgument', message }
  }
  if (fields.get('x-amz-algorithm') !== ALGORITHM) return refuse('s3', 'unsupportedMechanism')
  if (fields.has('x-amz-security-token')) {
    return refuse('s3', 'unexpectedToken', 'these credentials have no session: leave AWS_SESSION_TOKEN unset')
  }
  const scope = openScope(fields.get('x-amz-credential') ?? '', verifier, 'malformedQuery')
  if ('ok' in scope) return scope
  const date = fields.get('x-amz-date') ?? ''
  if (parseAmzDate(date) === undefined || !date.startsWith(scope.date)) {
    return refuse('s3', 'malformedQuery', `X-Amz-Date must be a time of the credential's day, as ${scope.date}T000000Z`)
  }
  if (!sameSignature(hmac(scope.signingKey, policy), fields.get('x-amz-signature') ?? '')) {
    return refuse('s3', 'mismatch')
  }
  return { ok: true, accessKeyId: verifier.credentials.accessKeyId }
}
