import { consumer as extractMetadata } from '../consumers/extract-metadata/consumer.ts'
import { makeWorld } from '../consumers/runtime/world.ts'
import { consumer as transcodeVideo } from '../consumers/transcode-video/consumer.ts'
import { LIMITS } from '../contracts/limits.ts'
import { sequentialIds } from '../ports/ids/ids.ts'
import type { MediaFacts, Probe, VideoFacts } from '../ports/probe/probe.ts'
import { damaged } from '../ports/probe/refusal.ts'
import { fakeTranscoder } from '../ports/transcoder/fake-transcoder.ts'

const PICTURES: VideoFacts = { codec: 'h264', width: 1_280, height: 720, rotation: 0, hdr: 'sdr' }
const FILM: MediaFacts = { format: 'mp4', contentType: 'video/mp4', durationMs: 5_000, video: PICTURES }

/** How both steps that look at a video first settle what is known of it. */
async function outcomesOf(facts: MediaFacts | undefined): Promise<readonly string[]> {
  const world = await makeWorld(Buffer.from('a film'))
  const probe: Probe = { probe: async () => (facts ? { ok: true, facts } : damaged()) }
  const ports = { ...world, probe, transcoder: fakeTranscoder(), ids: sequentialIds() }
  const event = { ...world.uploaded, data: { ...world.uploaded.data, kind: 'video' } }
  return [(await transcodeVideo.handle(event, ports)).kind, (await extractMetadata.handle(event, ports)).kind]
}

it('a video that can be streamed is, and its facts are told', async () => {
  expect(await outcomesOf(FILM)).toEqual(['emitted', 'emitted'])
})

const { durationMs: _, ...endless } = FILM
const { video: __, ...unseen } = FILM
it.each<[string, MediaFacts | undefined]>([
  ['can’t be read', undefined],
  ['shows nothing', unseen],
  ['doesn’t say how long it plays', endless],
  ['is too long', { ...FILM, durationMs: LIMITS.video.maxSeconds * 1_000 + 1 }],
  ['is too large', { ...FILM, video: { ...PICTURES, width: 3_840, height: LIMITS.video.maxPixels / 3_840 + 1 } }],
])('nobody waits for the stream of what %s: it is rejected', async (_, facts) => {
  expect(await outcomesOf(facts)).toEqual(['skipped', 'rejected'])
})
