import { fakeTranscoder } from './fake-transcoder.ts'
import { describeTranscoder } from './transcoder.suite.ts'

describeTranscoder('the fake', async () => {
  const transcoder = fakeTranscoder()
  return { transcoder, forgetTokens: transcoder.forgetTokens }
})
