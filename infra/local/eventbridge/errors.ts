import { AwsError } from '../aws-json/error.ts'
import type { Wording } from '../aws-json/input.ts'
import { InvalidPatternError } from './pattern.ts'

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html */
export const wording: Wording = {
  missing: (member) => validation(`Value null at '${member}' failed to satisfy constraint: Member must not be null`),
  invalid: (member, reason) => validation(`Value at '${member}' failed to satisfy constraint: ${reason}`),
}

export function validation(detail: string): AwsError {
  return new AwsError('ValidationException', `1 validation error detected: ${detail}`)
}

export function invalidParameter(name: string, reason: string): AwsError {
  return new AwsError('ValidationException', `Parameter ${name} is not valid. Reason: ${reason}.`)
}

export function notFound(what: string): AwsError {
  return new AwsError('ResourceNotFoundException', `${what} does not exist.`)
}

/** What the service answers where a pattern is refused; any other error stays what it is. */
export function invalidPattern(error: unknown): unknown {
  if (!(error instanceof InvalidPatternError)) return error
  return new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${error.message}`)
}

/** Reads a declaration for a request: what it refuses is the caller's fault. */
export function forCaller<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof AwsError || isDatabaseFailure(error)) throw error
    if (error instanceof SyntaxError)
      throw new AwsError('InvalidEventPatternException', 'Event pattern is not valid. Reason: it is not JSON.')
    if (error instanceof InvalidPatternError || !(error instanceof Error)) throw invalidPattern(error)
    throw validation(error.message)
  }
}

/** An error of the database, which is nobody's fault but ours. */
export function isDatabaseFailure(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SQLITE_ERROR'
}
