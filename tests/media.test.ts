import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Result } from '../infra/dev/journey.ts'
import { drawFixture } from '../infra/local/rekognition/draw-fixture.ts'
import { describeWithFfmpeg, fixtureFolder, make } from '../ports/ffmpeg/for-test.ts'
import { mediabunnyProbe } from '../ports/probe/mediabunny-probe.ts'
import { assertNoMetadata } from './fixtures/metadata.ts'
import { scene } from './fixtures/scene.ts'
import { MAIN, run } from './program.ts'

const VIENNA = '+48.2082+016.3738/'

describeWithFfmpeg('npm start -- --once with every kind of file', () => {
  const folder = fixtureFolder()
  let results: ReadonlyMap<string, Result>

  beforeAll(async () => {
    const film = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=15:duration=3']
    const tone = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=3']
    const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-shortest']
    const place = ['-metadata', `location=${VIENNA}`, '-metadata', 'title=At home']
    make(join(folder, 'clip.mp4'), ...film, ...tone, ...h264, ...place)
    make(join(folder, 'note.ogg'), ...tone, '-c:a', 'libopus', '-ac', '1')
    // The stills along nine seconds are those at 1.5, 4.5 and 7.5.
    const pictures = [painted('harmless.png'), painted('nude.png', 'nudity')]
    const inputs = pictures.flatMap((file) => ['-framerate', '5', '-loop', '1', '-i', file])
    const atOneSecond = ['-filter_complex', "overlay=enable='between(t,0.9,1.1)'", '-t', '9', '-g', '1']
    make(join(folder, 'poster.mp4'), ...inputs, ...atOneSecond, ...h264.slice(0, 6))
    writeFileSync(join(folder, 'page.html'), '<html><script>alert(1)</script></html>')
    writeFileSync(join(folder, 'noise.mp4'), Buffer.alloc(5_000, 7))
    writeFileSync(join(folder, 'me.jpg'), await scene({ width: 800, height: 800 }).jpeg().toBuffer())
    results = new Map([
      ...(await sent('clip.mp4', 'note.ogg', 'page.html', 'noise.mp4', 'poster.mp4')),
      ...(await sent('me.jpg', '--kind', 'profile')),
    ])
  }, 180_000)

  function painted(name: string, fixture?: string): string {
    writeFileSync(join(folder, name), drawFixture(fixture, { width: 320, height: 240 }))
    return join(folder, name)
  }

  async function sent(...args: readonly string[]): Promise<readonly [string, Result][]> {
    const options = ['--json', '--data', 'state', '--port', '0']
    const { stdout } = await run([...MAIN, '--once', ...args, ...options], { env: { INIT_CWD: folder } }).ended
    const lines = stdout.trimEnd().split('\n')
    return lines.map((line) => JSON.parse(line) as Result).map((result) => [basename(result.file), result])
  }

  const variantsOf = (name: string) => results.get(name)?.variants ?? []
  const named = (name: string, form: string) => {
    const found = variantsOf(name).find((variant) => variant.name === form)
    if (!found) throw new Error(`${name} has no ${form}: ${JSON.stringify(results.get(name))}`)
    return found
  }

  it('makes a video ready: a poster, thumbnails, and files that play at once', async () => {
    expect(results.get('clip.mp4')).toMatchObject({ status: 'ready', kind: 'video' })
    const { events = [], msToPlayable, msToReady } = results.get('clip.mp4') ?? {}
    expect(events).toEqual(
      expect.arrayContaining(['VideoRemuxed.v1', 'VideoTranscoded.v1', 'VideoStreamReady.v1', 'VideoCompressed.v1']),
    )
    expect(msToPlayable).toBeLessThanOrEqual(msToReady ?? 0)
    expect(variantsOf('clip.mp4').map(({ name }) => name)).toEqual(
      expect.arrayContaining(['thumb', 'medium', 'poster', 'source', '360p']),
    )
    for (const name of ['source', '360p']) {
      const { path, durationMs, width, height } = named('clip.mp4', name)
      const bytes = readFileSync(path)
      expect({ width, height }).toEqual({ width: 640, height: 360 })
      expect(durationMs).toBeGreaterThan(2_900)
      expect(bytes.includes(VIENNA) || bytes.includes('At home')).toBe(false)
      // What plays at once has its index before its pictures.
      expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'))
      const probed = await mediabunnyProbe().probe({
        size: bytes.length,
        read: async (offset, length) => bytes.subarray(offset, offset + length),
      })
      expect(probed).toMatchObject({ ok: true, facts: { video: { codec: 'h264' }, audio: { codec: 'aac' } } })
    }
  })

  it('makes a voice note ready: AAC first, Opus beside it, with its wave', () => {
    expect(results.get('note.ogg')).toMatchObject({ status: 'ready', kind: 'voice' })
    expect(variantsOf('note.ogg').map(({ contentType }) => contentType)).toEqual(['audio/mp4', 'audio/ogg'])
    expect(results.get('note.ogg')?.msToPlayable).toBeGreaterThan(0)
  })

  it('takes a file of any type, and knows how it may be handed out', () => {
    expect(results.get('page.html')).toMatchObject({ status: 'ready', kind: 'file' })
    expect(results.get('page.html')?.events).toContain('FileProcessed.v1')
  })

  it('refuses what is no video with a sentence', () => {
    expect(results.get('noise.mp4')).toMatchObject({ status: 'rejected', kind: 'video', variants: [] })
    expect(results.get('noise.mp4')?.reason).toMatch(/^[A-Z].*\.$/)
  })

  it('shows nothing of a video of which only the picture that stands for it may not be shown', () => {
    const { status, reason, variants, events } = results.get('poster.mp4') ?? {}
    expect({ status, variants }).toEqual({ status: 'rejected', variants: [] })
    expect(reason).toMatch(/^This video may not be sent here/)
    expect(events).toContain('ContentModerated.v1')
  })

  it('cuts a profile picture to its face', () => {
    expect(results.get('me.jpg')).toMatchObject({ status: 'ready', kind: 'profile' })
    const { path, width, height } = named('me.jpg', 'avatar-256')
    expect({ width, height }).toEqual({ width: 256, height: 256 })
    assertNoMetadata(readFileSync(path))
  })

  it('lets nobody see anything before every check has passed', () => {
    for (const [name, { events, status }] of results) {
      if (status !== 'ready') continue
      expect({ name, scanned: events.includes('MalwareScanPassed.v1') }).toEqual({ name, scanned: true })
    }
  })
})
