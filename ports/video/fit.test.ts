import { unfitness } from './fit.ts'
import type { FilmFacts } from './video.ts'

const FILMED: FilmFacts = {
  format: 'mov',
  contentType: 'video/quicktime',
  durationMs: 60_000,
  video: {
    codec: 'h264',
    codecParameters: 'avc1.640028',
    width: 1080,
    height: 1920,
    rotation: 90,
    frameRate: 29.97,
    hdr: 'sdr',
    bitDepth: 8,
    chroma: '4:2:0',
  },
  audio: { codec: 'aac', codecParameters: 'mp4a.40.2', channels: 2, sampleRate: 44_100 },
}
const BYTES = 120_000_000

const withPictures = (video: Partial<FilmFacts['video']>): FilmFacts => ({
  ...FILMED,
  video: { ...FILMED.video, ...video },
})
const withSound = (audio: Partial<NonNullable<FilmFacts['audio']>>): FilmFacts => ({
  ...FILMED,
  audio: { codec: 'aac', channels: 2, sampleRate: 44_100, ...audio },
})

const { audio: _, ...SILENT } = FILMED
const FIT: readonly [string, FilmFacts][] = [
  ['what a phone films', FILMED],
  ['a film without sound', SILENT],
  ['Baseline', withPictures({ codecParameters: 'avc1.42c01f' })],
  ['Main, written in capitals', withPictures({ codecParameters: 'avc1.4D4028' })],
  ['sixty pictures a second', withPictures({ frameRate: 60 })],
  ['facts that leave out what is usual', withSound({})],
]
it.each(FIT)('takes %s as it is', (_, facts) => {
  expect(unfitness(facts, BYTES)).toBeUndefined()
})

const UNFIT: readonly [says: string, FilmFacts][] = [
  ['hevc', withPictures({ codec: 'hevc', codecParameters: 'hvc1.1.6.L93' })],
  ['avc1.6e0028', withPictures({ codecParameters: 'avc1.6e0028' })],
  ['avc1.7a0028', withPictures({ codecParameters: 'avc1.7a0028' })],
  ['level avc1.64003c', withPictures({ codecParameters: 'avc1.64003c' })],
  ['10 bits 4:2:0', withPictures({ bitDepth: 10 })],
  ['8 bits 4:2:2', withPictures({ chroma: '4:2:2' })],
  ['hlg', withPictures({ hdr: 'hlg' })],
  ['2160 × 3840', withPictures({ width: 2160, height: 3840 })],
  ['120 pictures', withPictures({ frameRate: 120 })],
  ['opus', withSound({ codec: 'opus' })],
  ['mp4a.40.42', withSound({ codecParameters: 'mp4a.40.42' })],
  ['8 channels', withSound({ channels: 8 })],
]
it.each(UNFIT)('says %s of what others could not play', (says, facts) => {
  expect(unfitness(facts, BYTES)).toContain(says)
})

it('says so of a file that is too much for a mobile network', () => {
  expect(unfitness(FILMED, 400_000_000)).toBe('it has 53 Mbit a second')
})
