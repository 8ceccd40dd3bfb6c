/**
 * A job that can't be done, as MediaConvert numbers it.
 * https://docs.aws.amazon.com/mediaconvert/latest/ug/mediaconvert_error_codes.html
 */
export class TranscodeError extends Error {
  override readonly name = 'TranscodeError'
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}
