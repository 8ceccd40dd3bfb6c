import { VoiceProcessedV1, type VoiceProcessedV1Data } from '../../contracts/generated/events.ts'
import { LIMITS } from '../../contracts/limits.ts'
import { FAKE_DAMAGED, FAKE_RECORDING, FAKE_VIDEO, fakeProbe } from '../../ports/probe/fake-probe.ts'
import { fakeVoice } from '../../ports/voice/fake-voice.ts'
import { MEDIA_ID, makeWorld } from '../runtime/world.ts'
import { consumer } from './consumer.ts'

/** A voice note, uploaded, and the ports that the consumer has. */
async function uploaded(bytes: string) {
  const world = await makeWorld()
  const object = await world.objects.put(`voice/original/${MEDIA_ID}`, Buffer.from(bytes), { contentType: 'audio/mp4' })
  const event = { ...world.uploaded, data: { ...world.uploaded.data, kind: 'voice', object } }
  const ports = { objects: world.objects, probe: fakeProbe(), voice: fakeVoice() }
  const processed = async () => world.objects.contents().filter(({ key }) => key.startsWith('voice/processed/'))
  return { event, ports, processed }
}

it('stores AAC and Opus under keys of the media and the recipe, and tells of both, of the wave and the duration', async () => {
  const { event, ports, processed } = await uploaded(`${FAKE_RECORDING} of a cat`)
  const folder = `voice/processed/${MEDIA_ID}/${await ports.voice.recipe()}`
  const outcome = await consumer.handle(event, ports)
  expect(outcome).toMatchObject({
    kind: 'emitted',
    drafts: [
      {
        contract: { detailType: 'VoiceProcessed.v1' },
        data: {
          mediaId: MEDIA_ID,
          kind: 'voice',
          durationMs: expect.any(Number),
          peaks: expect.stringMatching(/^.{88}$/),
          loudness: -23,
          audios: [
            { name: 'aac', contentType: 'audio/mp4', object: { key: `${folder}/aac.m4a` } },
            { name: 'opus', contentType: 'audio/ogg', object: { key: `${folder}/opus.ogg` } },
          ],
        },
      },
    ],
  })
  const [draft] = outcome.kind === 'emitted' ? outcome.drafts : []
  expect(VoiceProcessedV1.writeViolations(draft?.data as VoiceProcessedV1Data)).toEqual([])
  expect((await processed()).map(({ key }) => key)).toEqual([`${folder}/aac.m4a`, `${folder}/opus.ogg`])
})

it('stores nothing twice when it runs twice', async () => {
  const { event, ports, processed } = await uploaded(FAKE_RECORDING)
  expect(await consumer.handle(event, ports)).toEqual(await consumer.handle(event, ports))
  expect(await processed()).toHaveLength(2)
})

it.each([
  ['a damaged file', FAKE_DAMAGED, 'undecodable'],
  ['a video', FAKE_VIDEO, 'type-mismatch'],
  ['something else', '%PDF-1.7', 'unsupported-type'],
])('refuses %s with a sentence, and stores nothing', async (_, bytes, code) => {
  const { event, ports, processed } = await uploaded(bytes)
  expect(await consumer.handle(event, ports)).toMatchObject({
    kind: 'rejected',
    code,
    message: expect.stringMatching(/^[A-Z].*\.$/),
  })
  expect(await processed()).toEqual([])
})

it('refuses what is too large without reading it', async () => {
  const { event, ports } = await uploaded(FAKE_RECORDING)
  const object = { ...event.data.object, bytes: LIMITS.voice.maxBytes + 1 }
  const unread = { ...ports.objects, read: () => Promise.reject(new Error('it was read')) }
  const large = { ...event, data: { ...event.data, object } }
  expect(await consumer.handle(large, { ...ports, objects: unread })).toMatchObject({
    kind: 'rejected',
    code: 'too-large',
    message: expect.stringContaining('50.1 MB; at most 50.0 MB'),
  })
})

it('fails, and says what would help, on a machine without ffmpeg', async () => {
  const { event, ports } = await uploaded(FAKE_RECORDING)
  const fault = { ok: false, fault: 'ours', code: 'no-ffmpeg', message: 'Install ffmpeg.' } as const
  const voice = { ...ports.voice, render: async () => fault }
  expect(await consumer.handle(event, { ...ports, voice })).toMatchObject({
    kind: 'failed',
    code: 'no-ffmpeg',
    message: 'Install ffmpeg.',
  })
})
