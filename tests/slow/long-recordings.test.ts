import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { STORING_SECONDS } from '../../consumers/runtime/deadline.ts'
import { LIMITS } from '../../contracts/limits.ts'
import { type ServedS3, serveS3, VERSIONED } from '../../infra/local/s3/serve-for-test.ts'
import { describeWithFfmpeg, make } from '../../ports/ffmpeg/for-test.ts'
import { s3Objects } from '../../ports/objects/s3-objects.ts'
import { type ConsumerProcess, startConsumer } from '../handling/consumer-process.ts'
import type { Handled } from '../handling/protocol.ts'

const BUCKET = 'media'
const MEDIA_ID = '00000000-0000-4000-8000-000000000001'
/** It is more than three on a machine that does nothing else; a shared core's seconds count for less. */
const MARGIN = 2

/** ffmpeg's source, and how it is encoded. */
const RECORDINGS: readonly (readonly [name: string, source: string, ...encoding: readonly string[]])[] = [
  ['a faint tone in eight channels', 'sine=f=440:r=48000:d=60,volume=0.08', '-ac', '8'],
  ['a loud tone in eight channels', 'sine=f=2000:r=48000:d=60,volume=6.4', '-ac', '8'],
  ['the last bit of silence', 'anoisesrc=r=48000:a=0.00004:d=60', '-ac', '1'],
]

describeWithFfmpeg('a voice note as long as it may be', () => {
  let s3: ServedS3
  let consumer: ConsumerProcess
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'long-recordings-'))
    s3 = await serveS3()
    s3.bucket(BUCKET, VERSIONED)
    consumer = await startConsumer('process-voice', s3, BUCKET)
  })

  afterAll(async () => {
    await consumer.stop()
    await s3.close()
    rmSync(folder, { recursive: true })
  })

  /** A minute, as often as it fits. */
  function longest(source: string, encoding: readonly string[]): Buffer {
    const minute = make(
      join(folder, 'minute.ogg'),
      '-f',
      'lavfi',
      '-i',
      source,
      ...encoding,
      '-c:a',
      'libopus',
      '-b:a',
      '100k',
    )
    const seconds = `${LIMITS.voice.maxSeconds - 1}`
    const hour = ['-stream_loop', '-1', '-i', minute, '-c', 'copy', '-t', seconds]
    return readFileSync(make(join(folder, 'hour.ogg'), ...hour))
  }

  async function handled(bytes: Buffer): Promise<Handled> {
    const objects = s3Objects({ bucket: BUCKET, client: s3.client })
    const original = await objects.put(`voice/original/${MEDIA_ID}`, bytes, { contentType: 'audio/ogg' })
    const data = { mediaId: MEDIA_ID, kind: 'voice', contentType: 'audio/ogg', object: original }
    return consumer.handle({ type: 'MediaUploaded.v1', data, original })
  }

  it.each(RECORDINGS)(
    'takes less than half of the processor time that its function has: %s',
    async (_, source, ...encoding) => {
      const { outcome, cpuSeconds, peakMb } = await handled(longest(source, encoding))
      expect(outcome).toMatchObject({ kind: 'emitted' })
      const { timeoutSeconds, memoryMb } = consumer.resources
      expect(cpuSeconds * MARGIN).toBeLessThan(timeoutSeconds - STORING_SECONDS)
      expect(peakMb).toBeLessThan(memoryMb)
    },
  )
})
