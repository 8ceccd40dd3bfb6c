import { explain, failure } from '../ffmpeg/failure.ts'
import { answerOf } from './answer.ts'

it('says that a recording cannot be read here, and not that it is damaged', () => {
  expect(answerOf(explain('[error] Decoder (codec ac4) not found for input stream #0:0'))).toEqual({
    ok: false,
    fault: 'file',
    code: 'unsupported-type',
    message: expect.stringMatching(/^The file is recorded in a way that cannot be read here: .+\.$/),
  })
})

it('says nothing of pixels, which a recording has in its cover alone', () => {
  const answer = answerOf(explain('[error] Picture size 20000x20000 exceeds specified max pixel count 8294400'))
  expect(answer).toMatchObject({ fault: 'file', code: 'undecodable' })
})

it('says of a file without its sound that it has none', () => {
  const answer = answerOf(explain('[fatal] Stream map "0:a:0" matches no streams.'))
  expect(answer).toMatchObject({ fault: 'file', code: 'no-sound' })
})

it('has failed where it took too long: another try would take as long', () => {
  const answer = answerOf(failure('timed-out', 'It took longer than the 25 s that it may take.'))
  expect(answer).toMatchObject({ fault: 'ours', code: 'timed-out' })
})
