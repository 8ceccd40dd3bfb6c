import {
  BadRequestException,
  ConflictException,
  ForbiddenException,
  MediaConvertServiceException,
  NotFoundException,
  UnprocessableEntityException,
} from '@aws-sdk/client-mediaconvert'

const MODELLED = [
  BadRequestException,
  ConflictException,
  ForbiddenException,
  NotFoundException,
  UnprocessableEntityException,
]

/**
 * Why MediaConvert takes no such request, now or later; undefined of what passes by itself, such as throttling, a quota,
 * a key that ran out and its own failures.
 * https://docs.aws.amazon.com/mediaconvert/latest/apireference/jobs.html
 */
export function refusedForGood(error: unknown): string | undefined {
  if (!(error instanceof MediaConvertServiceException)) return undefined
  // IAM answers before the service does, by a name of its own.
  const isForGood = MODELLED.some((kind) => error instanceof kind) || error.name === 'AccessDeniedException'
  return isForGood ? `${error.name}: ${error.message}` : undefined
}
