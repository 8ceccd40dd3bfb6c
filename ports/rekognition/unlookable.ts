import {
  ImageTooLargeException,
  InvalidImageFormatException,
  InvalidParameterException,
} from '@aws-sdk/client-rekognition'

/**
 * Why Rekognition takes no such picture, for good; undefined where the error says nothing of the picture. What is sent
 * to it are JPEGs that were made here, so in practice these are too small.
 * https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
 */
export function unlookable(error: unknown): string | undefined {
  const known = [InvalidParameterException, InvalidImageFormatException, ImageTooLargeException]
  return known.some((kind) => error instanceof kind) ? (error as Error).message : undefined
}
