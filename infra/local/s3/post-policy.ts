import { accessDenied, S3Error } from './errors.ts'

/** What a form's policy demands, once its fields have passed. */
export interface PostPolicy {
  /** Bytes, both inclusive; undefined where the policy leaves the size open. */
  readonly contentLength: { readonly min: number; readonly max: number } | undefined
}

interface Policy {
  readonly expiration: number
  readonly conditions: readonly Condition[]
}

type Condition =
  | { readonly operator: 'eq' | 'starts-with'; readonly field: string; readonly value: string }
  | { readonly operator: 'content-length-range'; readonly min: number; readonly max: number }

/** Fields that need no condition; `x-ignore-…` are free too. */
const FREE_FIELDS = ['policy', 'x-amz-signature', 'file']

/**
 * Holds a form's fields to their policy, as S3 does.
 * @param fields by lower-case name, `${filename}` replaced already.
 * @throws S3Error InvalidPolicyDocument, AccessDenied
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
export function enforcePolicy(
  encoded: string,
  fields: ReadonlyMap<string, string>,
  bucketName: string,
  now: number,
): PostPolicy {
  const policy = parsePolicy(encoded)
  if (policy.expiration <= now) throw accessDenied('Invalid according to Policy: Policy expired.')

  const values = new Map([...fields, ['bucket', bucketName] as const])
  const covered = new Set(FREE_FIELDS)
  let contentLength: PostPolicy['contentLength']
  for (const condition of policy.conditions) {
    if (condition.operator === 'content-length-range') {
      contentLength = narrower(contentLength, condition)
      continue
    }
    covered.add(condition.field)
    if (holds(condition, values.get(condition.field))) continue
    const { operator, field, value } = condition
    throw accessDenied(
      `Invalid according to Policy: Policy Condition failed: ${JSON.stringify([operator, `$${field}`, value])}`,
    )
  }
  const given = fields.get('bucket')
  if (given !== undefined && given !== bucketName) {
    throw accessDenied('Invalid according to Policy: the field bucket names another bucket than the request')
  }
  const extra = [...fields.keys()].filter((name) => !covered.has(name) && !name.startsWith('x-ignore-'))
  if (extra.length > 0) throw accessDenied(`Invalid according to Policy: Extra input fields: ${extra.join(', ')}`)
  return { contentLength }
}

function narrower(
  known: PostPolicy['contentLength'],
  { min, max }: { min: number; max: number },
): { min: number; max: number } {
  return known ? { min: Math.max(known.min, min), max: Math.min(known.max, max) } : { min, max }
}

function holds({ operator, field, value }: Extract<Condition, { field: string }>, given: string | undefined): boolean {
  if (given === undefined) return operator === 'starts-with' && value === ''
  if (operator === 'eq') return given === value
  // Content types alone are read as a list, of which every item must begin so.
  if (field === 'content-type') return given.split(',').every((item) => item.trim().startsWith(value))
  return given.startsWith(value)
}

function parsePolicy(encoded: string): Policy {
  let policy: unknown
  try {
    policy = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'))
  } catch {
    throw invalidPolicy('Invalid JSON.')
  }
  if (typeof policy !== 'object' || policy === null) throw invalidPolicy('it must be an object.')
  const { expiration, conditions } = policy as Record<string, unknown>
  const expires = typeof expiration === 'string' ? Date.parse(expiration) : Number.NaN
  if (Number.isNaN(expires)) throw invalidPolicy("Invalid 'expiration' value.")
  if (!Array.isArray(conditions)) throw invalidPolicy("Missing or invalid 'conditions'.")
  return { expiration: expires, conditions: conditions.flatMap(parseCondition) }
}

function parseCondition(condition: unknown): Condition[] {
  if (Array.isArray(condition)) return [parseTriple(condition)]
  if (typeof condition !== 'object' || condition === null) throw invalidCondition(condition)
  return Object.entries(condition).map(([name, value]) => {
    if (typeof value !== 'string') throw invalidCondition(condition)
    return { operator: 'eq', field: name.toLowerCase(), value }
  })
}

function parseTriple(condition: readonly unknown[]): Condition {
  const [operator, second, third] = condition
  if (condition.length !== 3 || typeof operator !== 'string') throw invalidCondition(condition)
  switch (operator.toLowerCase()) {
    case 'content-length-range': {
      const [min, max] = [Number(second), Number(third)]
      if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || min < 0) throw invalidCondition(condition)
      return { operator: 'content-length-range', min, max }
    }
    case 'eq':
    case 'starts-with':
      if (typeof second !== 'string' || !second.startsWith('$') || typeof third !== 'string') {
        throw invalidCondition(condition)
      }
      return {
        operator: operator.toLowerCase() === 'eq' ? 'eq' : 'starts-with',
        field: second.slice(1).toLowerCase(),
        value: third,
      }
    default:
      throw invalidCondition(condition)
  }
}

const invalidCondition = (condition: unknown): S3Error =>
  invalidPolicy(`Invalid Policy: Invalid condition ${JSON.stringify(condition)}`)

const invalidPolicy = (message: string): S3Error =>
  new S3Error(400, 'InvalidPolicyDocument', `Invalid Policy: ${message.replace(/^Invalid Policy: /, '')}`)
