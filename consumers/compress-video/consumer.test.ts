import {
  ProcessingFailedV1,
  type ProcessingFailedV1Data,
  type TranscodeFailedV1Data,
  VideoCompressedV1,
  type VideoCompressedV1Data,
  type VideoStreamReadyV1Data,
} from '../../contracts/generated/events.ts'
import type { MediaEvent } from '../../events/envelope.ts'
import { isWanted } from '../../events/pattern.ts'
import { FAKE_DAMAGED, FAKE_UNFIT, fakeVideo } from '../../ports/video/fake-video.ts'
import type { FilmFacts, Rendition, Video } from '../../ports/video/video.ts'
import type { Outcome } from '../runtime/outcomes.ts'
import { MEDIA_ID, makeWorld } from '../runtime/world.ts'
import { consumer } from './consumer.ts'
import { rungsToEncode } from './of-source.ts'

type World = Awaited<ReturnType<typeof makeWorld>>

const compressed = (outcome: Outcome): VideoCompressedV1Data => {
  if (outcome.kind !== 'emitted') throw new Error(JSON.stringify(outcome))
  const [draft] = outcome.drafts
  expect(draft?.contract).toBe(VideoCompressedV1)
  expect(VideoCompressedV1.writeViolations(draft?.data as VideoCompressedV1Data)).toEqual([])
  return draft?.data as VideoCompressedV1Data
}
const eventOf = <D>(world: World, data: D): MediaEvent<D> => ({ meta: world.uploaded.meta, data })

describe('where a stream is there', () => {
  const PREFIX = `videos/hls/${MEDIA_ID}/attempt`

  async function streamed(shortSides: readonly number[], withSound = true) {
    const world = await makeWorld()
    const put = (name: string, text: string, contentType: string) =>
      world.objects.put(`${PREFIX}/${name}`, Buffer.from(text), { contentType })
    const playlist = async (name: string, file: string) => {
      await put(file, `bytes of ${file}`, 'video/mp4')
      const text = `#EXTM3U\n#EXT-X-MAP:URI="${file}",BYTERANGE="9@0"\n#EXTINF:4,\n#EXT-X-BYTERANGE:9@9\n${file}\n`
      return put(name, text, 'application/vnd.apple.mpegurl')
    }
    const hls = await put('master.m3u8', '#EXTM3U', 'application/vnd.apple.mpegurl')
    const rungs = await Promise.all(
      shortSides.map(async (side) => ({
        name: `${side}p`,
        width: side * 2,
        height: side,
        bitsPerSecond: side * 1_000,
        codecs: 'avc1.64001f,mp4a.40.2',
        playlist: await playlist(`${side}p.m3u8`, `${side}p.mp4`),
      })),
    )
    const audio = withSound ? await playlist('audio.m3u8', 'audio.mp4') : undefined
    const data: VideoStreamReadyV1Data = {
      mediaId: MEDIA_ID,
      kind: 'video',
      hls,
      prefix: `${PREFIX}/`,
      durationMs: 4_000,
      rungs,
      ...(audio && { audio }),
    }
    return { world, event: eventOf(world, data) }
  }

  it('puts each rendition up to 720p and the sound of all into one file', async () => {
    const { world, event } = await streamed([1080, 720, 480, 360])
    const packaged: Rendition[] = []
    const video = {
      ...world.video,
      package: (rendition: Rendition, target: string) => {
        packaged.push(rendition)
        return world.video.package(rendition, target)
      },
    }
    const { videos } = compressed(await consumer.handle(event, { ...world, video }))
    expect(videos.map(({ name, width, height, durationMs }) => [name, width, height, durationMs])).toEqual([
      ['720p', 1440, 720, 4_000],
      ['480p', 960, 480, 4_000],
      ['360p', 720, 360, 4_000],
    ])
    expect(packaged.map(({ pictures, sound }) => [pictures.length, sound?.length])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ])
    const recipe = await fakeVideo().recipe('package')
    expect(videos[0]?.object.key).toBe(`videos/compressed/${MEDIA_ID}/${recipe}/720p.mp4`)
  })

  it('does without sound', async () => {
    const { world, event } = await streamed([360], false)
    expect(compressed(await consumer.handle(event, world)).videos).toHaveLength(1)
  })

  it('takes the smallest rendition where all are larger', async () => {
    const { world, event } = await streamed([1080, 900])
    expect(compressed(await consumer.handle(event, world)).videos.map(({ name }) => name)).toEqual(['900p'])
  })

  it('stores nothing twice when it runs twice', async () => {
    const { world, event } = await streamed([720, 360])
    const first = await consumer.handle(event, world)
    const count = world.objects.contents().length
    expect(await consumer.handle(event, world)).toEqual(first)
    expect(world.objects.contents()).toHaveLength(count)
  })

  it('comes again where a part of the stream is not there yet', async () => {
    const { world, event } = await streamed([360])
    for (const object of await world.objects.list(`${PREFIX}/360p.mp4`)) await world.objects.deleteVersion(object)
    await expect(consumer.handle(event, world)).rejects.toThrow('which does not lie beside it')
  })
})

describe('where the transcoder gave up', () => {
  async function failed(content: string) {
    const world = await makeWorld()
    const contentType = 'video/mp4'
    const original = await world.objects.put(`videos/original/${MEDIA_ID}`, Buffer.from(content), { contentType })
    await world.objects.put(`videos/original/${MEDIA_ID}`, Buffer.from('other bytes'), { contentType })
    const data: TranscodeFailedV1Data = {
      mediaId: MEDIA_ID,
      kind: 'video',
      jobId: 'job',
      attempt: 'attempt',
      code: '1040',
      message: 'no',
    }
    return { world, original, event: eventOf(world, data) }
  }

  it('takes the original as it is where everybody can play it', async () => {
    const { world, original, event } = await failed('a video')
    const { videos } = compressed(await consumer.handle(event, world, original))
    expect(videos.map(({ name }) => name)).toEqual(['source'])
  })

  it('takes it, too, where no job was taken at all, and hears of no other step’s failure', async () => {
    const { world, original } = await failed('a video')
    const { mediaId, kind } = { mediaId: MEDIA_ID, kind: 'video' }
    const data: ProcessingFailedV1Data = {
      ...{ mediaId, kind, step: 'transcode-video', run: '0.0' },
      ...{ code: 'transcode-failed', message: 'The transcoder takes no such job.' },
    }
    const isHeard = (step: string) =>
      isWanted(consumer.on, { event: eventOf(world, { ...data, step }), contract: ProcessingFailedV1 })
    expect(['transcode-video', 'compress-video', 'finish-transcode'].filter(isHeard)).toEqual(['transcode-video'])
    expect(compressed(await consumer.handle(eventOf(world, data), world, original)).videos).toHaveLength(1)
  })

  it('encodes it where not, and the very version that the media is bound to', async () => {
    const { world, original, event } = await failed(`${FAKE_UNFIT} video`)
    const { videos } = compressed(await consumer.handle(event, world, original))
    expect(videos.length).toBeGreaterThanOrEqual(1)
    for (const { name } of videos) expect(name).toMatch(/^\d+p$/)
    await expect(consumer.handle(event, world)).rejects.toThrow('nobody knows which version')
  })

  it('refuses what is damaged', async () => {
    const { world, original, event } = await failed(FAKE_DAMAGED)
    expect(await consumer.handle(event, world, original)).toMatchObject({ kind: 'rejected', code: 'undecodable' })
  })

  const filmed = (minutes: number, video: Partial<FilmFacts['video']> = {}): FilmFacts => ({
    format: 'mov',
    contentType: 'video/quicktime',
    durationMs: minutes * 60_000,
    video: { codec: 'hevc', width: 1_080, height: 1_920, rotation: 0, hdr: 'sdr', ...video },
    audio: { codec: 'aac', channels: 2, sampleRate: 48_000 },
  })
  const UHD = { width: 3_840, height: 2_160 }

  it('encodes fewer sizes of a video that is long, large, fast or HDR, so that it is done in time', () => {
    const countOf = (...[minutes, video]: Parameters<typeof filmed>) => rungsToEncode(filmed(minutes, video)).length
    expect([4, 7, 9, 10, 60].map((minutes) => countOf(minutes))).toEqual([3, 2, 1, 0, 0])
    expect([1, 2, 2.5, 3].map((minutes) => countOf(minutes, UHD))).toEqual([3, 3, 2, 0])
    expect([1, 1.5, 2].map((minutes) => countOf(minutes, { ...UHD, frameRate: 60, hdr: 'hlg' }))).toEqual([3, 1, 0])
    expect(countOf(60, { width: 320, height: 240 })).toBe(1)
    expect(rungsToEncode(filmed(7)).map(({ name }) => name)).toEqual(['480p', '360p'])
  })

  it('says at once of what it could not encode in its time that it has failed, and what would do', async () => {
    const { world, original, event } = await failed(`${FAKE_UNFIT} video`)
    const video: Video = {
      ...world.video,
      look: async () => ({ ok: true, facts: filmed(45, UHD) }),
      encode: () => Promise.reject(new Error('it was begun')),
    }
    expect(await consumer.handle(event, { ...world, video }, original)).toMatchObject({
      kind: 'failed',
      code: 'transcode-failed',
      message: expect.stringMatching(
        /45 minutes of 3840 × 2160 are more than can be converted .*: send a shorter part/,
      ),
    })
  })
})
