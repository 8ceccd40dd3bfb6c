import { replayNamed } from './replay.ts'

it.each([
  ['thumbnails-1-march', undefined],
  ['march.compress-video', ['compress-video']],
  ['march.moderate-content.detect-face', ['moderate-content', 'detect-face']],
  ['march.detect-face.detect-face', ['detect-face']],
  ['.detect-face', ['detect-face']],
  ['2026.03.01', undefined],
  ['march.', undefined],
  ['March.Detect_Face', undefined],
])('a replay named %s reaches behind its first lane: %j', (name, lanes) => {
  expect(replayNamed(name)).toEqual({ id: name, mode: 'default', epoch: 0, ...(lanes && { lanes }) })
})
