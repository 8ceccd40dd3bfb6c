import { VideoStreamReadyV1, type VideoStreamReadyV1Data, VideoTranscodedV1 } from '../../contracts/generated/events.ts'
import { createEvent, type MediaEvent } from '../../events/envelope.ts'
import { rootId } from '../../events/ids.ts'
import { traceparentOf } from '../../events/traceparent.ts'
import { fakeObjects } from '../../ports/objects/fake-objects.ts'
import type { Probe } from '../../ports/probe/probe.ts'
import { consumer } from './consumer.ts'

const mediaId = '5f0c6a52-0b57-5d3c-9a3f-2f1a5d0c7e11'
const attempt = '2b8f6d0e-6f2f-4a55-9f5e-5a3d1c9a7b20'
const prefix = `videos/hls/${mediaId}/${attempt}/`

/** SOI, then SOF0 of 96 by 54. */
const JPEG = Buffer.from('ffd8ffc0000b0800360060010111003f', 'hex')

const playlist = (file: string, ...seconds: readonly number[]) =>
  [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    '#EXT-X-TARGETDURATION:4',
    `#EXT-X-MAP:URI="${file}",BYTERANGE="10@0"`,
    ...seconds.flatMap((duration, index) => [
      `#EXTINF:${duration.toFixed(6)},`,
      `#EXT-X-BYTERANGE:20@${10 + index * 20}`,
      file,
    ]),
    '#EXT-X-ENDLIST',
    '',
  ].join('\n')

const variant = (width: number, height: number) =>
  `#EXT-X-STREAM-INF:BANDWIDTH=900000,AVERAGE-BANDWIDTH=700000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=${width}x${height},FRAME-RATE=30.000,AUDIO="audio"\nmaster_${Math.min(width, height)}p.m3u8`

const STREAM: Readonly<Record<string, string | Buffer>> = {
  'master.m3u8': [
    '#EXTM3U',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="default",DEFAULT=YES,URI="master_audio.m3u8"',
    variant(640, 360),
    variant(1280, 720),
    '',
  ].join('\n'),
  'master.mpd': '<?xml version="1.0"?>\n<MPD><BaseURL>master_720p.cmfv</BaseURL></MPD>',
  'master_720p.m3u8': playlist('master_720p.cmfv', 4, 1.2),
  'master_360p.m3u8': playlist('master_360p.cmfv', 4, 1.2),
  'master_audio.m3u8': playlist('master_audio.cmfa', 4.01, 1.2),
  'master_720p.cmfv': Buffer.alloc(50, 1),
  'master_360p.cmfv': Buffer.alloc(50, 2),
  'master_audio.cmfa': Buffer.alloc(50, 3),
  'frames/frame.0000000.jpg': JPEG,
  'frames/frame.0000001.jpg': Buffer.concat([JPEG, JPEG]),
}

async function prepare(
  changed: Readonly<Record<string, string | Buffer | undefined>> = {},
  picturesMs: number | undefined = 5200,
) {
  const objects = fakeObjects({ bucket: 'media' })
  const original = await objects.put(`videos/original/${mediaId}`, Buffer.from('film'), { contentType: 'video/mp4' })
  for (const [name, content] of Object.entries({ ...STREAM, ...changed })) {
    if (content !== undefined) await objects.put(`${prefix}${name}`, Buffer.from(content), { contentType: 'x/y' })
  }
  const probe: Probe = {
    probe: async () => ({
      ok: true,
      facts: {
        format: 'mp4',
        contentType: 'video/mp4',
        // Its sound goes on.
        durationMs: 90_000,
        tracks: 2,
        video: {
          codec: 'h264',
          width: 1280,
          height: 720,
          rotation: 0,
          hdr: 'sdr',
          ...(picturesMs !== undefined && { durationMs: picturesMs }),
        },
      },
    }),
  }
  const id = rootId(['job', 'COMPLETE'])
  const transcoded = createEvent(
    VideoTranscodedV1,
    { mediaId, kind: 'video', jobId: 'job', attempt, bucket: 'media', prefix, durationMs: 5200 },
    {
      id,
      time: 0,
      subject: mediaId,
      run: '0.0',
      correlationId: mediaId,
      causationId: id,
      traceparent: traceparentOf(id),
    },
  )
  return {
    objects,
    run: (event: MediaEvent<typeof transcoded.data> = transcoded) =>
      consumer.handle(event, { objects, probe }, original),
  }
}

it('tells of a stream that is whole, each playlist by its version, best first', async () => {
  const { run, objects } = await prepare()
  const outcome = await run()
  if (outcome.kind !== 'emitted') throw new Error(JSON.stringify(outcome))
  const data = outcome.drafts[0]?.data as VideoStreamReadyV1Data
  const at = async (name: string) => (await objects.versions(`${prefix}${name}`))[0]
  expect(data).toEqual({
    mediaId,
    kind: 'video',
    prefix,
    durationMs: 5200,
    hls: await at('master.m3u8'),
    dash: await at('master.mpd'),
    audio: await at('master_audio.m3u8'),
    rungs: [
      {
        name: '720p',
        width: 1280,
        height: 720,
        bitsPerSecond: 700_000,
        codecs: 'avc1.64001f,mp4a.40.2',
        playlist: await at('master_720p.m3u8'),
      },
      {
        name: '360p',
        width: 640,
        height: 360,
        bitsPerSecond: 700_000,
        codecs: 'avc1.64001f,mp4a.40.2',
        playlist: await at('master_360p.m3u8'),
      },
    ],
    frames: [
      { atMs: 0, width: 96, height: 54, object: await at('frames/frame.0000000.jpg') },
      { atMs: 10_000, width: 96, height: 54, object: await at('frames/frame.0000001.jpg') },
    ],
  })
  expect(outcome.drafts[0]?.contract).toBe(VideoStreamReadyV1)
})

it('takes a stream without sound or pictures at intervals, and segments that are files', async () => {
  const silent = String(STREAM['master.m3u8'])
    .replace(/#EXT-X-MEDIA.*\n/, '')
    .replaceAll(',AUDIO="audio"', '')
  const files = '#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:5.2,\none.mp4\n#EXT-X-ENDLIST\n'
  const { run } = await prepare({
    'master.m3u8': silent,
    'master_360p.m3u8': files,
    'init.mp4': 'x',
    'one.mp4': 'x',
    'frames/frame.0000000.jpg': undefined,
    'frames/frame.0000001.jpg': undefined,
  })
  const outcome = await run()
  expect(outcome.kind).toBe('emitted')
  expect(outcome.kind === 'emitted' && outcome.drafts[0]?.data).not.toHaveProperty('audio')
})

it.each<[string, Readonly<Record<string, string | Buffer | undefined>>, string]>([
  ['has no master playlist', { 'master.m3u8': undefined }, 'master.m3u8 is not there'],
  ['has a master playlist of nothing', { 'master.m3u8': '#EXTM3U\n#EXT-X-INDEPENDENT-SEGMENTS' }, 'no rendition'],
  ['has no HLS at all', { 'master.m3u8': 'hello' }, 'no HLS playlist'],
  ['depends on other segments', { 'master.m3u8': `#EXTM3U\n${variant(640, 360)}` }, '360p.m3u8: its segments depend'],
  ['lacks a playlist', { 'master_360p.m3u8': undefined }, 'master_360p.m3u8 is not there'],
  ['lacks its bytes', { 'master_360p.cmfv': undefined }, 'master_360p.cmfv is not there'],
  ['has empty bytes', { 'master_360p.cmfv': '' }, 'master_360p.cmfv is empty'],
  ['ends before its last segment does', { 'master_720p.cmfv': Buffer.alloc(40, 1) }, 'has 40 bytes'],
  ['leads elsewhere', { 'master_360p.m3u8': playlist('../../other.cmfv', 4, 1.2) }, 'other.cmfv is not there'],
  ['leads out', { 'master_360p.m3u8': playlist('https://example.com/a', 4, 1.2) }, 'example.com/a is not there'],
  ['has a segment of no time', { 'master_360p.m3u8': playlist('master_360p.cmfv', 4, 0) }, 'no duration'],
  ['has no segment', { 'master_360p.m3u8': playlist('master_360p.cmfv') }, 'no segment'],
  ['goes on for ever', { 'master_360p.m3u8': playlist('master_360p.cmfv', 5.2).replace('ENDLIST', 'X') }, 'no end'],
  ['has one rendition that is shorter', { 'master_360p.m3u8': playlist('master_360p.cmfv', 5.1) }, 'renditions last'],
  ['has longer sound', { 'master_audio.m3u8': playlist('master_audio.cmfa', 5.3) }, 'sound lasts'],
  ['has no sound of its group', { 'master.m3u8': String(STREAM['master.m3u8']).replace('="audio"', '="x"') }, 'group'],
])('fails a stream that %s, and tells those who can do without it', async (_, changed, problem) => {
  const { run } = await prepare(changed)
  const outcome = await run()
  expect(outcome).toMatchObject({
    kind: 'failed',
    code: 'stream-incomplete',
    message: expect.stringContaining(problem),
    also: [{ contract: { name: 'TranscodeFailed' }, data: { jobId: 'job', attempt, code: 'stream-incomplete' } }],
  })
})

it.each<[string, Readonly<Record<string, string | Buffer | undefined>>, 'dash' | 'frames', string]>([
  ['it has no DASH manifest', { 'master.mpd': undefined }, 'dash', 'master.mpd is not there'],
  ['its DASH manifest is none', { 'master.mpd': '<html/>' }, 'dash', 'no DASH manifest'],
  ['its DASH manifest names others', { 'master.mpd': '<MPD><BaseURL>x.m4s</BaseURL></MPD>' }, 'dash', 'x.m4s is not'],
  ['its DASH manifest has no end', { 'master.mpd': Buffer.alloc(4 * 1024 * 1024 + 1) }, 'dash', '4194304 are read'],
  ['its first picture for scrubbing is none', { 'frames/frame.0000000.jpg': 'hello' }, 'frames', '0.jpg is no JPEG'],
  ['a picture for scrubbing is empty', { 'frames/frame.0000001.jpg': '' }, 'frames', '1.jpg is empty'],
])('takes a stream without what not every player needs where %s, and says so', async (_, changed, left, problem) => {
  const whole = await (await prepare()).run()
  const outcome = await (await prepare(changed)).run()
  if (whole.kind !== 'emitted' || outcome.kind !== 'emitted') throw new Error(JSON.stringify(outcome))
  const [all, rest] = [whole, outcome].map(({ drafts }) => Object.keys(drafts[0]?.data as object).sort())
  expect(rest).toEqual(all?.filter((name) => name !== left))
  expect([whole.note, outcome.note]).toEqual([undefined, expect.stringContaining(problem)])
})

it('says all that a stream lacks, in one note that a record holds', async () => {
  const { run } = await prepare({
    'master.mpd': `<MPD><BaseURL>${'x'.repeat(600)}</BaseURL></MPD>`,
    'frames/frame.0000000.jpg': 'hello',
  })
  const outcome = await run()
  expect(outcome.kind === 'emitted' && outcome.note?.length).toBe(500)
  const short = await (await prepare({ 'master.mpd': undefined, 'frames/frame.0000000.jpg': 'hello' })).run()
  expect(short.kind === 'emitted' && short.note).toBe(
    'There is no DASH: master.mpd is not there. There are no pictures for scrubbing: frames/frame.0000000.jpg is no JPEG.',
  )
})

it('fails a stream that is not as long as its source’s pictures, however long the sound goes on', async () => {
  expect(await (await prepare({}, 60_000)).run()).toMatchObject({ kind: 'failed' })
  expect(await (await prepare({}, 5_900)).run()).toMatchObject({ kind: 'emitted' })
})

it('goes by what the transcoder says where the source doesn’t say when its pictures end', async () => {
  expect(await (await prepare({}, undefined)).run()).toMatchObject({ kind: 'emitted' })
})
