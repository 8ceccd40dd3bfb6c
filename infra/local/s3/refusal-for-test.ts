import { S3ServiceException } from '@aws-sdk/client-s3'

/** The code and status with which a request is refused. @throws Error where it is not. */
export async function failure(answer: Promise<unknown>): Promise<{ code: string; status: number | undefined }> {
  const error = await answer.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof S3ServiceException) return { code: error.name, status: error.$metadata.httpStatusCode }
  throw new Error(`not refused: ${String(error)}`)
}
