import { AwsError } from '../aws-json/error.ts'
import type { Wording } from '../aws-json/input.ts'

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html */
export const wording: Wording = {
  missing: (member) => validation(`Value null at '${member}' failed to satisfy constraint: Member must not be null`),
  invalid: (member, reason) => validation(`Value at '${member}' failed to satisfy constraint: ${reason}`),
}

export function validation(detail: string): AwsError {
  return new AwsError('ValidationException', `1 validation error detected: ${detail}`)
}

export function notFound(what: string): AwsError {
  return new AwsError('ResourceNotFoundException', `${what} does not exist.`)
}
