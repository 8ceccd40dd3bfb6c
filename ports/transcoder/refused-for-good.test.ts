import { MediaConvertClient, MediaConvertServiceException } from '@aws-sdk/client-mediaconvert'
import { mediaConvertTranscoder } from './mediaconvert-transcoder.ts'
import { ORDER } from './transcoder.suite.ts'
import { OrderRefused } from './transcoder.ts'

/** What becomes of an order where MediaConvert answers its every request like this. */
async function answerTo(name: string, statusCode: number): Promise<unknown> {
  const body = new TextEncoder().encode(JSON.stringify({ message: 'no' }))
  const client = new MediaConvertClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
    requestHandler: {
      handle: async () => ({ response: { statusCode, headers: { 'x-amzn-errortype': name }, body } }),
    },
  })
  const options = { environment: 'dev', roleArn: 'role', jobTemplate: 'ladder', queueArn: 'queue', client }
  return mediaConvertTranscoder(options)
    .start(ORDER)
    .catch((error: unknown) => error)
}

it.each([
  ['BadRequestException', 400],
  ['ForbiddenException', 403],
  ['AccessDeniedException', 403],
  ['NotFoundException', 404],
  ['ConflictException', 409],
  ['UnprocessableEntityException', 422],
])('%s is a refusal for good, and says why', async (name, statusCode) => {
  const error = await answerTo(name, statusCode)
  expect(error).toBeInstanceOf(OrderRefused)
  expect(error).toMatchObject({ message: `${name}: no`, cause: { name } })
})

it.each([
  ['TooManyRequestsException', 429],
  ['ThrottlingException', 400],
  ['ExpiredTokenException', 403],
  ['ServiceQuotaExceededException', 402],
  ['InternalServerErrorException', 500],
])('%s may pass, and goes through as it is', async (name, statusCode) => {
  const error = await answerTo(name, statusCode)
  expect(error).toBeInstanceOf(MediaConvertServiceException)
  expect(error).toMatchObject({ name })
})
