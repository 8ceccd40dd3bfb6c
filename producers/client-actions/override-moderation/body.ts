import { Ajv } from 'ajv'
import { fieldErrors } from '../field-errors.ts'
import { accepted, type Checked, refused } from '../problem.ts'

/** What a moderator decides. */
export interface Decision {
  readonly verdict: 'approved' | 'blocked'
}

const validate = new Ajv({ allErrors: true, ownProperties: true }).compile<Decision>({
  title: 'ModerationOverride',
  type: 'object',
  additionalProperties: false,
  required: ['verdict'],
  properties: { verdict: { type: 'string', enum: ['approved', 'blocked'] } },
})

export function checkDecision(body: unknown): Checked<Decision> {
  if (validate(body)) return accepted(body)
  return refused('invalid-request', 'The decision does not fit.', { errors: fieldErrors(validate.errors) })
}
