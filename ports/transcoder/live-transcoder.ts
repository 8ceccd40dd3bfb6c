import { readEnvironment } from '../environment/environment.ts'
import { mediaConvertTranscoder } from './mediaconvert-transcoder.ts'
import type { Transcoder } from './transcoder.ts'

/** The transcoder that a function's environment names. @throws Error naming each variable that is missing. */
export function liveTranscoder(variables: NodeJS.ProcessEnv): Transcoder {
  const { environment, mediaConvertRoleArn, mediaConvertJobTemplate, mediaConvertQueueArn } = readEnvironment(
    variables,
    ['environment', 'mediaConvertRoleArn', 'mediaConvertJobTemplate', 'mediaConvertQueueArn'],
  )
  return mediaConvertTranscoder({
    environment,
    roleArn: mediaConvertRoleArn,
    jobTemplate: mediaConvertJobTemplate,
    queueArn: mediaConvertQueueArn,
  })
}
