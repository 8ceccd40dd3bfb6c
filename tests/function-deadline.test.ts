import { chmodSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { consumer as compressVideo } from '../consumers/compress-video/consumer.ts'
import { consumer as generateThumbnail } from '../consumers/generate-thumbnail/consumer.ts'
import { consumer as processVoice } from '../consumers/process-voice/consumer.ts'
import { consumer as remuxVideo } from '../consumers/remux-video/consumer.ts'
import { endingAt, STORING_SECONDS } from '../consumers/runtime/deadline.ts'
import { defineConsumer } from '../consumers/runtime/define-consumer.ts'
import { lambdaHandler } from '../consumers/runtime/lambda.ts'
import { type Outcome, skipped } from '../consumers/runtime/outcomes.ts'
import { MEDIA_ID, makeWorld, messageOf, type World } from '../consumers/runtime/world.ts'
import {
  MediaUploadedV1,
  type TranscodeFailedV1Data,
  type VideoStreamReadyV1Data,
} from '../contracts/generated/events.ts'
import { type LocalFirestore, startFirestore } from '../infra/dev/firestore/server.ts'
import { LATE } from '../ports/deadline/by-deadline.ts'
import type { Ffmpeg } from '../ports/ffmpeg/find.ts'
import { describeWithFfmpeg, ffmpegOfThisMachine, fixtureFolder, make } from '../ports/ffmpeg/for-test.ts'
import { mediabunnyProbe } from '../ports/probe/mediabunny-probe.ts'
import { firestoreReadModel } from '../ports/read-model/firestore-read-model.ts'
import type { Data } from '../ports/read-model/read-model.ts'
import { ffmpegVideo } from '../ports/video/ffmpeg-video.ts'
import { renditionOf } from '../ports/video/rendition-for-test.ts'
import type { Video } from '../ports/video/video.ts'
import { ffmpegVoice } from '../ports/voice/ffmpeg-voice.ts'
import { LISTEN_SECONDS, WRITE_SECONDS } from '../ports/voice/run-limits.ts'

/** What the consumer's function has of it here; no single run may take as little. */
const SECONDS = 2

describeWithFfmpeg('a function whose programs take too long together', () => {
  const folder = fixtureFolder()
  const at = (name: string) => join(folder, name)
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=10:d=2']
  const tone = ['-f', 'lavfi', '-i', 'sine=d=2']
  const AAC = ['-c:a', 'aac', '-b:a', '64k']
  const probe = mediabunnyProbe()
  /** By its arguments, the stand-in's sleep is told from all others. */
  const LONG = `60.${process.pid}`

  beforeAll(() => {
    make(at('fit.mp4'), ...picture, ...tone, '-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-g', '10', ...AAC)
    make(at('unfit.mp4'), ...picture, ...tone, '-c:v', 'mpeg4', ...AAC)
    make(at('voice.m4a'), ...tone, ...AAC)
  })

  /** ffmpeg, but that runs with this word among theirs never end. */
  const hangingAt = (word: string) => standIn(`case "$*" in *${word}*) exec sleep ${LONG};; esac`)
  /** Each run takes long, but none of them too long. */
  const slow = () => standIn('sleep 1.2')

  async function standIn(before: string): Promise<Ffmpeg> {
    const ffmpeg = await ffmpegOfThisMachine()
    const path = join(mkdtempSync(at('stand-in-')), 'ffmpeg')
    writeFileSync(path, `#!/bin/sh\n${before}; exec ${ffmpeg.path} "$@"\n`)
    chmodSync(path, 0o755)
    return { ...ffmpeg, path }
  }

  async function worldOf(ffmpeg: () => Promise<Ffmpeg>, key: string, contentType: string, file: string) {
    const world = await makeWorld()
    const object = await world.objects.put(`${key}/original/${MEDIA_ID}`, readFileSync(at(file)), { contentType })
    const ports = { ...world, probe, video: ffmpegVideo({ ffmpeg, probe }), voice: ffmpegVoice({ ffmpeg, probe }) }
    return { world, object, ports: endingAt(AbortSignal.timeout(SECONDS * 1_000), ports) }
  }

  const uploaded = ({ uploaded: { meta, data } }: World, kind: string, object: typeof data.object) => ({
    meta,
    data: { ...data, kind, object },
  })

  type Handled = { readonly world: World; readonly outcome: () => Promise<Outcome> }
  type Ffmpegs = () => Promise<Ffmpeg>

  async function ofVideo(
    consumer: typeof remuxVideo | typeof generateThumbnail,
    ffmpeg: Ffmpegs,
    file: string,
  ): Promise<Handled> {
    const { world, object, ports } = await worldOf(ffmpeg, 'videos', 'video/mp4', file)
    return { world, outcome: () => consumer.handle(uploaded(world, 'video', object), ports) }
  }

  async function ofVoice(ffmpeg: Ffmpegs): Promise<Handled> {
    const { world, object, ports } = await worldOf(ffmpeg, 'voice', 'audio/mp4', 'voice.m4a')
    return { world, outcome: () => processVoice.handle(uploaded(world, 'voice', object), ports) }
  }

  async function withoutStream(ffmpeg: Ffmpegs, file: string): Promise<Handled> {
    const { world, object, ports } = await worldOf(ffmpeg, 'videos', 'video/mp4', file)
    const job = { jobId: 'job', attempt: 'attempt', code: '1040', message: 'no' }
    const data: TranscodeFailedV1Data = { mediaId: MEDIA_ID, kind: 'video', ...job }
    return { world, outcome: () => compressVideo.handle({ meta: world.uploaded.meta, data }, ports, object) }
  }

  async function ofStream(ffmpeg: Ffmpegs): Promise<Handled> {
    const { world, ports } = await worldOf(ffmpeg, 'videos', 'video/mp4', 'fit.mp4')
    const { pictures, sound = [], expected } = renditionOf(at('fit.mp4'), folder)
    const prefix = `videos/hls/${MEDIA_ID}/attempt/`
    const put = (name: string, bytes: Uint8Array | string) =>
      world.objects.put(`${prefix}${name}`, Buffer.from(bytes), { contentType: 'video/mp4' })
    const playlist = async (name: string, parts: readonly string[]) => {
      for (const part of parts) await put(`${name}/${posix.basename(part)}`, readFileSync(part))
      const [init, ...segments] = parts.map((part) => posix.basename(part))
      const text = segments.map((segment) => `#EXTINF:1,\n${segment}\n`).join('')
      return put(`${name}/list.m3u8`, `#EXTM3U\n#EXT-X-MAP:URI="${init}"\n${text}`)
    }
    const rung = { ...expected, bitsPerSecond: 1_000, codecs: 'avc1.64001f,mp4a.40.2' }
    const rungs = ['240p', '240p-again'].map(async (name) => ({
      name,
      ...rung,
      playlist: await playlist(name, pictures),
    }))
    const data: VideoStreamReadyV1Data = {
      ...{ mediaId: MEDIA_ID, kind: 'video', prefix, durationMs: expected.durationMs },
      hls: await put('master.m3u8', '#EXTM3U'),
      rungs: await Promise.all(rungs),
      audio: await playlist('audio', sound),
    }
    return { world, outcome: () => compressVideo.handle({ meta: world.uploaded.meta, data }, ports) }
  }

  it.each<[string, string, () => Promise<Handled>]>([
    ['remux-video', 'copying', () => ofVideo(remuxVideo, () => hangingAt('faststart'), 'fit.mp4')],
    ['remux-video', 'one slow run after the other', () => ofVideo(remuxVideo, slow, 'fit.mp4')],
    [
      'generate-thumbnail',
      'a picture',
      () => ofVideo(generateThumbnail, () => hangingAt('poster-exact.jpg'), 'fit.mp4'),
    ],
    ['compress-video', 'encoding', () => withoutStream(() => hangingAt('libx264'), 'unfit.mp4')],
    ['compress-video', 'the look at what it has made', () => withoutStream(() => hangingAt('first.gray'), 'fit.mp4')],
    ['compress-video', 'one slow run after the other', () => ofStream(slow)],
    ['process-voice', 'listening', () => ofVoice(() => hangingAt('ebur128'))],
    ['process-voice', 'one slow run after the other', () => ofVoice(slow)],
  ])(
    '%s fails with a reason, not the file, where %s takes until its deadline, and leaves nothing behind',
    async (...row) => {
      const { world, outcome } = await row[2]()
      const stored = world.objects.contents().length
      const began = performance.now()
      expect(await outcome()).toEqual({ kind: 'failed', code: 'timed-out', message: LATE.message, also: [] })
      expect(performance.now() - began).toBeLessThan(SECONDS * 1_000 + 5_000)
      expect(world.objects.contents()).toHaveLength(stored)
      expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`media-scratch-${process.pid}-`))).toEqual([])
      expect(sleeping()).toEqual([])
    },
  )

  /** Processes of the stand-in, where the machine tells of any. */
  function sleeping(): string[] {
    return globSync('/proc/[0-9]*/cmdline').filter((file) => {
      try {
        return readFileSync(file, 'utf8').includes(LONG)
      } catch {
        // It has ended meanwhile.
        return false
      }
    })
  }
})

it('process-voice has time for all runs of a recording, heard twice, where each takes as long as it may', () => {
  const { timeoutSeconds } = processVoice.resources
  expect(2 * LISTEN_SECONDS + WRITE_SECONDS).toBeLessThanOrEqual(timeoutSeconds - STORING_SECONDS)
})

describe('the deadline', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'firestore-'))
  let firestore: LocalFirestore
  beforeAll(async () => {
    firestore = await startFirestore({ dataDir, now: Date.now })
  })
  afterAll(async () => {
    await firestore.stop()
    rmSync(dataDir, { recursive: true })
  })

  it('comes so long before the end of the function’s own time that what was made can be stored', async () => {
    const projectId = 'demo-local'
    const world = await makeWorld()
    const media = { kind: 'create', path: `media/${MEDIA_ID}`, data: world.media() as unknown as Data } as const
    await firestoreReadModel({ projectId, emulatorHost: firestore.host }).commit([media])
    const answers: unknown[] = []
    const consumer = defineConsumer({
      name: 'look-slowly',
      description: 'Looks at a video for ever.',
      on: [MediaUploadedV1],
      emits: [],
      resources: { memoryMb: 128, timeoutSeconds: 30, batchSize: 1, concurrency: 2 },
      needs: ['video'],
      objectAccess: {},
      async handle(_, { video }) {
        answers.push(await video.look(import.meta.filename))
        return skipped('it has seen enough')
      },
    })
    const ffmpeg = async () => ({ found: false, message: 'nobody should need it' }) as const
    const video: Video = ffmpegVideo({ ffmpeg, probe: { probe: () => new Promise(() => {}) } })
    const variables = {
      ...{
        BUS_NAME: 'bus',
        MEDIA_BUCKET: 'bucket',
        PROJECT_ID: projectId,
        DEAD_LETTER_QUEUE_URL: 'http://nowhere/1/q',
      },
      FIRESTORE_EMULATOR_HOST: firestore.host,
    }
    jest.spyOn(console, 'log').mockImplementation(() => {})
    const handler = lambdaHandler(consumer, variables, { video: () => video })
    const record = { messageId: '1', body: messageOf(world.uploaded), attributes: { ApproximateReceiveCount: '1' } }

    const answered = await handler({ Records: [record] } as never, {
      getRemainingTimeInMillis: () => STORING_SECONDS * 1_000 + 500,
    })

    expect(answered).toEqual({ batchItemFailures: [] })
    expect(answers).toEqual([LATE])
  })
})
