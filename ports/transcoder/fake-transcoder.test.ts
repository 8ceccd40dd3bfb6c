import { fakeTranscoder } from './fake-transcoder.ts'
import { describeTranscoder } from './transcoder.suite.ts'

describeTranscoder('the fake', async () => {
  const transcoder = fakeTranscoder()
  const refusing = () => {
    const refused = fakeTranscoder()
    refused.refuse()
    return refused
  }
  return { transcoder, forgetTokens: transcoder.forgetTokens, refusing }
})
