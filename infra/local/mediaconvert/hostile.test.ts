import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateJobCommand } from '@aws-sdk/client-mediaconvert'
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import { describeWithFfmpeg, ffmpegOfThisMachine, make } from '../../../ports/ffmpeg/for-test.ts'
import { type HostileFile, type Place, SECRET } from '../../../tests/fixtures/hostile-file.ts'
import { HOSTILE_FILMS } from '../../../tests/fixtures/hostile-films.ts'
import { type ServedMediaConvert, serveMediaConvert } from './serve-for-test.ts'
import { ladderSettings } from './settings-for-test.ts'

const Role = 'arn:aws:iam::123456789012:role/transcoder'
/** From the order to the end of a job, on a machine that has other things to do. */
const MOST_SECONDS = 20

const UNREADABLE = /^Unable to open input file: \[[^[]+\]$/
const TOO_MANY_PIXELS = /^A picture of the input has more than the [\d,]+ pixels that are transcoded locally$/
const TOO_LONG = /^The input lasts [\d,]+ s: at most 7,200 s are transcoded locally$/
const CUT_OFF = /^The input is cut off: its end is missing$/

/** Of the catalogue of films that mean harm, those that reach for something; the sentence that each ends with. */
const SENTENCES: readonly (readonly [name: string, sentence: RegExp])[] = [
  ['an HLS playlist of a local file', UNREADABLE],
  ['an HLS playlist of a local text', UNREADABLE],
  ['an HLS playlist of an address', UNREADABLE],
  ['an HLS playlist whose key is at an address', UNREADABLE],
  ['an ffconcat list of an address', UNREADABLE],
  ['a DASH manifest of an address', UNREADABLE],
  ['an SDP', UNREADABLE],
  ['an MP4 of 1,000 tracks', UNREADABLE],
  ['an MP4 of 16,000 × 16,000 pixels', TOO_MANY_PIXELS],
  ['an MP4 whose index is missing', UNREADABLE],
  ['an MP4 that ends in the middle of its pictures', CUT_OFF],
  ['an MP4 of four billion samples', /^The input has no pictures$/],
  ['two pictures that are 20,000 s apart', TOO_LONG],
]

/** Those that only a transcoder gets to see: the product turns them away before. */
const OWN: readonly (readonly [name: string, sentence: RegExp, make: HostileFile['make']])[] = [
  [
    'a Motion JPEG of 5,000 × 5,000 pixels',
    TOO_MANY_PIXELS,
    ({ folder }) => film(folder, 'huge.mkv', '-f', 'lavfi', '-i', 'color=s=5000x5000:d=0.04', '-c:v', 'mjpeg'),
  ],
  ['three pictures that are 20,000 s apart and say that they come at 30 a second', TOO_LONG, lyingRate],
  [
    'a Matroska film that ends in the middle of its pictures',
    CUT_OFF,
    ({ folder }) => {
      const whole = film(folder, 'whole.mkv', ...PICTURES, '-c:v', 'libx264', '-preset', 'ultrafast')
      return whole.subarray(0, Math.floor(whole.length * 0.6))
    },
  ],
]

const PICTURES = ['-f', 'lavfi', '-i', 'testsrc2=s=96x64:r=30:d=1']

function film(folder: string, name: string, ...args: readonly string[]): Buffer {
  return readFileSync(make(join(folder, name), ...args))
}

function lyingRate({ folder }: Place): Buffer {
  const close = make(join(folder, 'close.mp4'), ...PICTURES, '-frames:v', '3', '-c:v', 'libx264', '-bf', '0')
  return film(folder, 'apart.mkv', '-i', close, '-c', 'copy', '-bsf:v', 'setts=ts=N*20000*1000')
}

function rows(): readonly (readonly [name: string, sentence: RegExp, make: HostileFile['make']])[] {
  const known = SENTENCES.map(([name, sentence]) => {
    const row = HOSTILE_FILMS.find((one) => one.name === name)
    if (!row) throw new Error(`the catalogue has no ${name}`)
    return [name, sentence, row.make] as const
  })
  return [...known, ...OWN]
}

/** Processes that this one has started, where Linux tells; other tests in it may have some. */
function childrenOfOurs(): string {
  return process.platform === 'linux' ? readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8') : ''
}

describeWithFfmpeg('a job ends in an error, in time, with a sentence and nothing left, whose input is', () => {
  let served: ServedMediaConvert
  let place: Place
  let trap: Server
  let connections = 0

  beforeAll(async () => {
    trap = createServer((socket) => {
      connections++
      socket.destroy()
    })
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
    const address = trap.address()
    if (address === null || typeof address === 'string') throw new Error('the trap has no port')
    const folder = mkdtempSync(join(tmpdir(), 'hostile-job-'))
    const secret = join(folder, 'secret.txt')
    writeFileSync(secret, SECRET)
    const secretFilm = make(join(folder, 'secret.mp4'), ...PICTURES, '-metadata', `title=${SECRET}`)
    place = { folder, secret, secretFilm, trap: `http://127.0.0.1:${address.port}` }
    served = await serveMediaConvert({ ffmpeg: (await ffmpegOfThisMachine()).path })
    served.service.start()
  })
  afterAll(async () => {
    await served?.close()
    await new Promise((resolve) => trap.close(resolve))
    rmSync(place.folder, { recursive: true })
  })

  /** The event of the job's end; undefined where that does not come in time. */
  const endOf = async (bytes: Uint8Array) => {
    await served.s3.client.send(new PutObjectCommand({ Bucket: 'media', Key: 'in', Body: bytes }))
    const Settings = ladderSettings({
      ...{ input: 's3://media/in', folder: 's3://media/out/', pictureSeconds: 10, sound: false },
      sizes: [
        [1920, 1080],
        [96, 54],
      ],
    })
    const { Job } = await served.client.send(new CreateJobCommand({ Role, Settings }))
    const deadline = performance.now() + MOST_SECONDS * 1000
    while (performance.now() < deadline) {
      const last = served.events.findLast(({ detail }) => detail.jobId === Job?.Id)
      if (['ERROR', 'COMPLETE'].includes(last?.detail.status)) return last?.detail
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return undefined
  }

  it.each(rows())('%s', async (_, sentence, make) => {
    const bytes = await make(place)
    const before = childrenOfOurs()
    const end = await endOf(bytes)
    expect(end).toMatchObject({ status: 'ERROR', errorMessage: expect.stringMatching(sentence) })
    expect(end.errorMessage).not.toContain(SECRET)
    expect(connections).toBe(0)
    const stored = await served.s3.client.send(new ListObjectsV2Command({ Bucket: 'media', Prefix: 'out/' }))
    expect(stored.Contents).toBeUndefined()
    expect(readdirSync(served.s3.cloud.dataDir)).not.toContain('mediaconvert')
    expect(childrenOfOurs()).toEqual(before)
  })
})
