import { AwsError } from '../aws-json/error.ts'
import type { Wording } from '../aws-json/input.ts'

// https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectFaces.html#API_DetectFaces_Errors

export const invalidParameter = (reason: string): AwsError =>
  new AwsError('InvalidParameterException', `Request has invalid parameters: ${reason}`)

export const invalidImageFormat = (): AwsError =>
  new AwsError('InvalidImageFormatException', 'Request has invalid image format')

export const imageTooLarge = (reason: string): AwsError =>
  new AwsError('ImageTooLargeException', `Image size is too large: ${reason}`)

export const invalidS3Object = (): AwsError =>
  new AwsError(
    'InvalidS3ObjectException',
    'Unable to get object metadata from S3. Check object key, region and/or access permissions.',
  )

export const validation = (constraint: string): AwsError =>
  new AwsError('ValidationException', `1 validation error detected: ${constraint}`)

export const wording: Wording = {
  missing: (member) => validation(`Value null at '${member}' failed to satisfy constraint: Member must not be null`),
  invalid: (member, reason) => validation(`Value at '${member}' failed to satisfy constraint: ${reason}`),
}
