import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fixtureFolder } from '../ffmpeg/for-test.ts'
import { FAKE_DAMAGED, FAKE_UNFIT, fakeVideo } from './fake-video.ts'
import { describeVideo } from './video.suite.ts'

const folder = fixtureFolder()

function written(name: string, content: string): string {
  const file = join(folder, name)
  writeFileSync(file, content)
  return file
}

describeVideo('fakeVideo', fakeVideo, async () => ({
  sound: written('sound', 'a video'),
  unfit: written('unfit', `${FAKE_UNFIT} video`),
  damaged: written('damaged', `${FAKE_DAMAGED} video`),
  empty: written('empty', ''),
  animation: { file: written('animation', 'an animation'), width: 801, height: 601, delaysMs: [50, 100] },
  rendition: {
    pictures: [written('init', 'init'), written('segment', 'pictures')],
    sound: [written('audio', 'sound')],
    expected: { durationMs: 4_000, width: 640, height: 360 },
  },
}))
