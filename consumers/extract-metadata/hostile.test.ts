import type { Kind } from '../../contracts/limits.ts'
import { fakeImages } from '../../ports/images/fake-images.ts'
import { mediabunnyProbe } from '../../ports/probe/mediabunny-probe.ts'
import { fragmentedMp4 } from '../../tests/fixtures/fragments.ts'
import { box, mp4, words } from '../../tests/fixtures/mp4.ts'
import { wav } from '../../tests/fixtures/wav.ts'
import { element, webm } from '../../tests/fixtures/webm.ts'
import { MEDIA_ID, makeWorld } from '../runtime/world.ts'
import { consumer } from './consumer.ts'

const FOUR_BILLION = 0xffff_ffff
const latin1 = (text: string) => Buffer.from(text, 'latin1')
const track = (claims: NonNullable<NonNullable<Parameters<typeof mp4>[0]>['tracks']>[number]) =>
  mp4({ tracks: [claims] })

/** A cover in front of a few frames of silence. */
function coveredMp3(megabytes: number): Buffer {
  const size = megabytes * 1024 * 1024
  const synchsafe = [21, 14, 7, 0].map((shift) => (size >> shift) & 0x7f)
  const frame = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0xc4]), Buffer.alloc(413)])
  const frames = Array.from({ length: 40 }, () => frame)
  return Buffer.concat([latin1('ID3\x04\0\0'), Buffer.from(synchsafe), Buffer.alloc(size), ...frames])
}

function fragmentWithoutEnd(): Buffer {
  const run = box('traf', box('tfhd', words(0, 1)), box('trun', words(0, FOUR_BILLION)))
  return mp4({
    tracks: [{ times: [], sizes: [] }],
    inMovie: [box('mvex', box('trex', words(0, 1, 1, 1, 1, 0)))],
    afterMovie: [box('moof', box('mfhd', words(0, 1)), run)],
  })
}

function longMdat(): Buffer {
  const file = mp4()
  file.writeUInt32BE(900_000, file.lastIndexOf('mdat') - 4)
  return file
}

/** As browsers record. */
const recorded = (more: Parameters<typeof webm>[0]) =>
  webm({ pictures: 7_200, everyMs: 10_000, pictureBytes: 4_000, perCluster: 3, ...more })
const NOTHING = element(0xec, Buffer.alloc(13_000_000))

/** The code of a refusal, or facts that are told. */
type Answer = string | Readonly<Record<string, unknown>>

const PLACE = box('udta', box('\xa9xyz', [0, 18, 0x15, 0xc7], Buffer.from('+48.8577+002.2950/')))

const FILES: readonly (readonly [name: string, kind: Kind, make: () => Buffer, answer: Answer])[] = [
  ['nothing', 'video', () => Buffer.alloc(0), 'empty'],
  ['one byte', 'voice', () => Buffer.from([0]), 'unsupported-type'],
  ['a playlist that points at a file', 'video', () => latin1('#EXTM3U\nfile:///etc/passwd\n'), 'unsupported-type'],
  ['a list of files', 'voice', () => latin1("ffconcat version 1.0\nfile '/etc/passwd'\n"), 'unsupported-type'],
  ['no index', 'video', () => Buffer.concat([mp4().subarray(0, 24), box('mdat', Buffer.alloc(9_000))]), 'undecodable'],
  ['a chunk that lies beyond the end', 'video', () => track({ chunkOffset: 1_000_000 }), 'undecodable'],
  ['an mdat longer than the file', 'video', longMdat, { durationMs: 133, width: 320 }],
  ['a thousand tracks', 'video', () => mp4({ tracks: Array.from({ length: 1_000 }, () => ({})) }), 'too-many-tracks'],
  ['ten hours in four pictures', 'video', () => track({ times: [[4, 30 * 9_000]] }), 'too-long'],
  ['pictures without a time', 'video', () => track({ times: [[4, 0]] }), 'undecodable'],
  ['twenty hours of which no header tells', 'video', () => recorded({ perCluster: 3 }), 'too-long'],
  ['twenty hours, and no cluster near the end', 'video', () => recorded({ after: [NOTHING] }), 'undecodable'],
  [
    'fragments of twenty hours',
    'video',
    () => fragmentedMp4({ fragments: 1_200, pictures: 1_800, bytes: 0 }),
    'too-long',
  ],
  [
    'fragments behind a second of film',
    'video',
    () => fragmentedMp4({ fragments: 60, track: {}, timed: false }),
    'undecodable',
  ],
  ['no clock', 'video', () => track({ timescale: 0 }), 'undecodable'],
  ['16,384 × 16,384 pixels', 'video', () => track({ width: 16_384, height: 16_384 }), 'too-many-pixels'],
  ['odd sides', 'video', () => track({ width: 321, height: 241 }), { width: 321, height: 241 }],
  ['a place', 'video', () => mp4({ inMovie: [PLACE] }), { format: 'mp4', width: 320 }],
  [
    'four billion samples',
    'video',
    () => track({ times: [[FOUR_BILLION, 1]], compositionOffsets: [[FOUR_BILLION, 1]] }),
    'undecodable',
  ],
  ['a chunk of four billion samples', 'video', () => track({ samplesPerChunk: FOUR_BILLION }), 'undecodable'],
  ['a fragment of four billion samples', 'video', fragmentWithoutEnd, 'undecodable'],
  ['a cover of 49 MB', 'voice', () => coveredMp3(49), { format: 'mp3', durationMs: 1_045 }],
  ['a length of 4 GB', 'voice', () => wav({ seconds: 2, claimedBytes: FOUR_BILLION }), { durationMs: 2_000 }],
  ['no sample rate', 'voice', () => wav({ seconds: 1 }).fill(0, 24, 28), 'undecodable'],
  [
    'a hundred hours of silence',
    'voice',
    () => Buffer.concat([latin1('#!AMR\n'), Buffer.alloc(18_000_000, 0x7c)]),
    'too-long',
  ],
  ['a picture', 'voice', () => latin1('GIF89a and so on'), 'type-mismatch'],
  ['a video', 'voice', () => mp4(), 'type-mismatch'],
  ['sound alone', 'video', () => wav(), 'type-mismatch'],
]

const probe = mediabunnyProbe({ budgetMs: 2_000 })
const { memoryMb, timeoutSeconds } = consumer.resources

it.each(FILES.map(([name, ...row]) => ({ name, row })))('$name', async ({ row: [kind, make, answer] }) => {
  const world = await makeWorld()
  const object = await world.objects.put(`${kind}/original/${MEDIA_ID}`, make(), { contentType: 'a/b' })
  const event = { ...world.uploaded, data: { ...world.uploaded.data, kind, object } }
  const [before, began] = [process.memoryUsage.rss(), performance.now()]
  const outcome = await consumer.handle(event, { objects: world.objects, images: fakeImages(), probe })
  const [seconds, megabytes] = [(performance.now() - began) / 1_000, (process.memoryUsage.rss() - before) / 1024 ** 2]
  if (typeof answer === 'string') {
    expect(outcome).toMatchObject({ kind: 'rejected', code: answer, message: expect.stringMatching(/^[A-Z].*\.$/) })
  } else {
    expect(outcome).toMatchObject({ kind: 'emitted', drafts: [{ data: answer }] })
    expect(JSON.stringify(outcome)).not.toContain('48.85')
  }
  // The function's own limits, with the runner and the file beside it.
  expect(seconds).toBeLessThan(timeoutSeconds)
  expect(megabytes).toBeLessThan(memoryMb)
})
