import { FAKE_DAMAGED, FAKE_RECORDING, FAKE_VIDEO, fakeProbe } from './fake-probe.ts'
import { describeProbe } from './probe.suite.ts'

describeProbe('fakeProbe', fakeProbe, async () => ({
  video: Buffer.from(`${FAKE_VIDEO} of a cat`),
  recording: Buffer.from(`${FAKE_RECORDING} of a voice`),
  damaged: Buffer.from(`${FAKE_DAMAGED} video`),
  other: Buffer.from('%PDF-1.7'),
}))
