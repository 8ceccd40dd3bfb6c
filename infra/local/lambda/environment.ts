import { devNull } from 'node:os'
import type { Credentials } from '../cloud.ts'
import type { FunctionDeclaration } from './declaration.ts'

export interface EnvironmentContext {
  readonly region: string
  readonly credentials: Credentials
  /** Where the local services answer: `http://127.0.0.1:4566`. */
  readonly endpoint: string
  /** What every function gets on top of its template: the few variables of the host, emulator hosts … */
  readonly extra: Readonly<Record<string, string>>
}

/** The whole environment of a function's worker. The template's variables win, as in Lambda. */
export function functionEnvironment(
  declaration: FunctionDeclaration,
  { region, credentials, endpoint, extra }: EnvironmentContext,
): Record<string, string> {
  return {
    TZ: ':UTC',
    ...extra,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL: endpoint,
    // The person's own AWS profiles must never be reached from here.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_EXECUTION_ENV: `AWS_Lambda_${declaration.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: declaration.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(declaration.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${declaration.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    LAMBDA_TASK_ROOT: declaration.codePath,
    _HANDLER: declaration.handler,
    ...declaration.environment,
  }
}
