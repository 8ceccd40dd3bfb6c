import { FAKE_DAMAGED, fakeImages } from './fake-images.ts'
import { describeImages } from './images.suite.ts'

describeImages('fakeImages', fakeImages, async () => ({
  sound: Buffer.from('a picture'),
  other: Buffer.from('another picture'),
  damaged: Buffer.from(`${FAKE_DAMAGED} picture`),
}))
