import type { ErrorObject } from 'ajv'
import type { FieldError } from './problem.ts'

const MAX_ERRORS = 20
const MAX_NAME_LENGTH = 64

/** What ajv found in a body, in words for people, each with its place; as many as somebody reads. */
export function fieldErrors(errors: readonly ErrorObject[] | null | undefined): readonly FieldError[] {
  return (errors ?? []).slice(0, MAX_ERRORS).map(fieldError)
}

function fieldError({ instancePath, keyword, params, message }: ErrorObject): FieldError {
  if (keyword === 'additionalProperties') {
    return { pointer: pointerTo(params['additionalProperty']), message: 'is not a field of this request' }
  }
  if (keyword === 'required') return { pointer: pointerTo(params['missingProperty']), message: 'is missing' }
  if (keyword === 'enum') return { pointer: instancePath, message: `must be one of ${params['allowedValues']}` }
  return { pointer: instancePath, message: message ?? 'does not fit' }
}

/** Names come from strangers: what is told back of them is cut. */
function pointerTo(name: unknown): string {
  return `/${String(name).slice(0, MAX_NAME_LENGTH).replaceAll('~', '~0').replaceAll('/', '~1')}`
}
