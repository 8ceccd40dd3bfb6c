import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type VideoStreamReadyV1Data, VideoTranscodedV1 } from '../../contracts/generated/events.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'
import { createEvent } from '../../events/envelope.ts'
import { rootId } from '../../events/ids.ts'
import { traceparentOf } from '../../events/traceparent.ts'
import { serveMediaConvert } from '../../infra/local/mediaconvert/serve-for-test.ts'
import { describeWithFfmpeg, ffmpegOfThisMachine, fixtureFolder, make } from '../../ports/ffmpeg/for-test.ts'
import { byteSource } from '../../ports/objects/byte-source.ts'
import { s3Objects } from '../../ports/objects/s3-objects.ts'
import { mediabunnyProbe } from '../../ports/probe/mediabunny-probe.ts'
import { jobTemplateSettings } from '../../ports/transcoder/job-template.ts'
import { LADDER } from '../../ports/transcoder/ladder.ts'
import { mediaConvertTranscoder } from '../../ports/transcoder/mediaconvert-transcoder.ts'
import { ORDER } from '../../ports/transcoder/transcoder.suite.ts'
import { loudnessOf } from '../../ports/voice/loudness.ts'
import { consumer } from './consumer.ts'
import { parseMedia } from './playlist.ts'

describeWithFfmpeg('a stream as it is really made', () => {
  const fixtures = fixtureFolder()

  it('is whole: its ladder, its sound, its pictures, in the shape of a phone held upright that recorded sound for longer', async () => {
    const served = await serveMediaConvert({ ffmpeg: (await ffmpegOfThisMachine()).path })
    try {
      const { attributes } = served.declare('AWS::MediaConvert::Queue', { Name: 'videos' })
      served.declare('AWS::MediaConvert::JobTemplate', { Name: 'ladder', SettingsJson: jobTemplateSettings() })
      served.service.start()
      const transcoder = mediaConvertTranscoder({
        environment: 'dev',
        roleArn: 'arn:aws:iam::123456789012:role/transcoder',
        jobTemplate: 'ladder',
        queueArn: attributes['Arn'] ?? '',
        client: served.client,
      })
      const objects = s3Objects({ bucket: 'media', client: served.s3.client })
      const probe = mediabunnyProbe()
      const flat = make(
        join(fixtures, 'flat.mp4'),
        ...['-f', 'lavfi', '-i', 'testsrc2=s=640x480:r=30000/1001:d=3', '-f', 'lavfi', '-i', 'sine=440:d=8'],
        ...['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac'],
      )
      const film = make(join(fixtures, 'film.mp4'), '-i', flat, '-c', 'copy', '-metadata:s:v', 'rotate=90')
      const original = await objects.put('videos/original/m', readFileSync(film), { contentType: 'video/mp4' })
      const facts = await probe.probe(byteSource(objects, original))
      if (!facts.ok || !facts.facts.video) throw new Error('the fixture can’t be probed')
      const { width, height, frameRate } = facts.facts.video
      const source = await objects.copy(original, ORDER.source.key)

      const video = { width, height, frameRate, hdr: false, hasSound: true }
      const { jobId } = await transcoder.start({ ...ORDER, source, video })
      await served.until('COMPLETE', 'ERROR')
      const job = await transcoder.get(jobId)
      if (job?.state.status !== 'complete') throw new Error(JSON.stringify(job?.state))
      const id = rootId([jobId])
      const { mediaId, kind, attempt } = job.labels
      const transcoded = createEvent(
        VideoTranscodedV1,
        { mediaId, kind, attempt, jobId, ...job.state.output, durationMs: job.state.durationMs },
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
      const outcome = await consumer.handle(transcoded, { objects, probe }, original)
      if (outcome.kind !== 'emitted') throw new Error(JSON.stringify(outcome))
      const stream = outcome.drafts[0]?.data as VideoStreamReadyV1Data
      expect(stream.rungs.map((rung) => [rung.name, rung.width, rung.height])).toEqual([
        ['480p', 480, 640],
        ['360p', 360, 480],
      ])
      expect(stream.frames).toMatchObject([{ atMs: 0, width: 180, height: 240 }])
      expect(stream.audio).toBeDefined()
      expect(Math.abs(stream.durationMs - 3003)).toBeLessThan(35)

      // By HLS and by DASH, the very same files are played.
      const files = (await objects.list(stream.prefix ?? '')).filter(({ key }) => /\.cmf[va]$/.test(key))
      const text = async (object: StoredObject) => Buffer.from(await objects.read(object, 1e6)).toString('utf8')
      const playlists = [...stream.rungs.map(({ playlist }) => playlist), ...(stream.audio ? [stream.audio] : [])]
      const byHls = (await Promise.all(playlists.map(text))).map((playlist) => parseMedia(playlist).parts[0]?.uri)
      const byDash =
        stream.dash && [...(await text(stream.dash)).matchAll(/<BaseURL>([^<]+)</g)].map(([, name]) => name)
      const names = files.map(({ key }) => basename(key)).sort()
      expect([byHls.sort(), byDash?.sort()]).toEqual([names, names])
      expect(names).toHaveLength(3)

      // A tone of some −21 LUFS, brought to what the ladder says.
      const [sound] = files.filter(({ key }) => key.endsWith('.cmfa'))
      if (!sound) throw new Error('there is no sound')
      await objects.download(sound, join(fixtures, 'sound.mp4'), 1e7)
      const { path } = await ffmpegOfThisMachine()
      const meter = ['-nostats', '-i', join(fixtures, 'sound.mp4'), '-af', 'ebur128=peak=sample:framelog=verbose']
      const { stderr } = spawnSync(path, [...meter, '-f', 'null', '-'], { encoding: 'utf8' })
      expect(Math.abs((loudnessOf(stderr).lufs ?? 0) - LADDER.audio.lufs)).toBeLessThan(1.5)
    } finally {
      await served.close()
    }
  })
})
