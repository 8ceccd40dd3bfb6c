import { answerTo } from './answer.ts'
import { explain, failure } from './failure.ts'

it.each([
  ['Decoder (codec ac4) not found for input stream #0:0', 'unsupported-type', /cannot be read here: export it as MP4/],
  ['moov atom not found', 'undecodable', /is cut off/],
  ['Invalid frame size (417): Could not seek to 680.', 'undecodable', /is cut off/],
  ['Could not write header (incorrect codec parameters ?): Invalid argument', 'unsupported-type', /export it as MP4/],
  ['Stream map matches no streams', 'no-stream', /lacks the picture or the sound/],
])('tells whoever sent a file that ffmpeg says "%s" of', (line, code, message) => {
  const told = { ok: false, fault: 'file', code, message: expect.stringMatching(message) }
  expect(answerTo(explain(`[error] ${line}`))).toEqual(told)
})

it.each([
  ['a decoder alone complains of', '[h264 @ 0x55] [error] SEI type 5 size 5832 truncated at 4728', 'file'],
  ['ends early, whatever is said after', '[error] File ended prematurely\n[error] Input/output error', 'file'],
  ['the encoder of AAC complains of', '[aac @ 0x55] [error] Unsupported channel layout', 'ours'],
])('blames for what %s: %s', (_, said, fault) => {
  expect(explain(said).fault).toBe(fault)
})

it.each(['no-ffmpeg', 'timed-out'] as const)('answers %s as a fault of ours that no other try would mend', (code) => {
  expect(answerTo(failure(code, 'What happened.', 'said'))).toEqual({
    ok: false,
    fault: 'ours',
    code,
    message: 'What happened.',
  })
})

it.each(['ffmpeg-failed', 'killed', 'stopped'] as const)('throws %s, with what was said, to be tried again', (code) => {
  expect(() => answerTo(failure(code, 'What happened.', 'said'))).toThrow(`${code}: What happened. said`)
})
