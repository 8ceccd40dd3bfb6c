import type { APIGatewayProxyResult } from 'aws-lambda'
import { Unavailable } from '../../ports/read-model/read-model.ts'
import { type Checked, problemAnswer } from './problem.ts'

const RETRY_AFTER_SECONDS = 2

/** What was done as an HTTP answer; what a retry may mend says so. The unexpected is thrown, and counted as an error. */
export async function answered(work: () => Promise<Checked<APIGatewayProxyResult>>): Promise<APIGatewayProxyResult> {
  try {
    const result = await work()
    return result.ok ? result.value : problemAnswer(result.problem)
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    return problemAnswer({
      code: 'unavailable',
      detail: 'The store of media can not be reached, so whether the request was carried out is not known.',
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    })
  }
}
