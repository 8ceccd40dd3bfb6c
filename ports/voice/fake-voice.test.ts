import { fakeVoice } from './fake-voice.ts'
import { describeVoice } from './voice.suite.ts'

describeVoice('fakeVoice', fakeVoice, async () => ({
  recording: Buffer.from('a recording'),
  other: Buffer.from('another recording'),
  facts: {
    format: 'm4a',
    contentType: 'audio/mp4',
    durationMs: 2_000,
    audio: { codec: 'aac', channels: 1, sampleRate: 48_000 },
  },
}))
