/** A failure that the caller is told about as AWS tells it. */
export class AwsError extends Error {
  override readonly name = 'AwsError'
  /** `QueueDoesNotExist`, `ResourceNotFoundException` … */
  readonly code: string
  readonly statusCode: number

  constructor(code: string, message: string, statusCode = 400) {
    super(message)
    this.code = code
    this.statusCode = statusCode
  }
}
