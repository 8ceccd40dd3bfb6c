import { AwsError } from '../aws-json/error.ts'
import { InvalidJsonError } from './input-transformer.ts'

/** Why a target did not take an event. */
export interface Failure {
  /** `NO_RESOURCE`, `THROTTLING` … */
  readonly code: string
  readonly message: string
  /** Whether another try may go better. */
  readonly transient: boolean
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html#eb-dlq-message-attributes */
export function failureOf(error: unknown): Failure {
  const message = (error instanceof Error ? error.message : String(error)) || 'no message'
  if (error instanceof InvalidJsonError) return { code: 'INVALID_JSON', message, transient: false }
  if (!(error instanceof AwsError)) return { code: 'UNKNOWN_INTERNAL_ERROR', message, transient: true }
  if (/DoesNotExist$|NotFound/.test(error.code)) return { code: 'NO_RESOURCE', message, transient: false }
  if (/Throttl|TooManyRequests/.test(error.code)) return { code: 'THROTTLING', message, transient: true }
  if (error.statusCode >= 500) return { code: 'ERROR_FROM_TARGET', message, transient: true }
  return { code: 'SDK_CLIENT_ERROR', message, transient: false }
}

/** The attributes of a message in a target's dead-letter queue. */
export function deadLetterAttributes(dead: {
  readonly ruleArn: string
  readonly targetArn: string
  readonly retries: number
  readonly failure: Failure
  /** Which limit of the retry policy was reached. */
  readonly exhausted: string | undefined
}): Record<string, { DataType: string; StringValue: string }> {
  const text = (value: string) => ({ DataType: 'String', StringValue: value })
  return {
    RULE_ARN: text(dead.ruleArn),
    TARGET_ARN: text(dead.targetArn),
    ERROR_CODE: text(dead.failure.code),
    ERROR_MESSAGE: text(dead.failure.message),
    RETRY_ATTEMPTS: { DataType: 'Number', StringValue: String(dead.retries) },
    ...(dead.exhausted !== undefined && { EXHAUSTED_RETRY_CONDITION: text(dead.exhausted) }),
  }
}
