import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { LATE } from '../deadline/by-deadline.ts'
import { type Argument, input, output } from './arguments.ts'
import type { Ffmpeg } from './find.ts'
import { describeWithFfmpeg, ffmpegOfThisMachine, fixtureFolder, limitsIn, make } from './for-test.ts'
import type { Progress } from './progress.ts'
import { type Ran, type RunLimits, runFfmpeg, runFfprobe } from './run.ts'

const SECOND = ['-f', 'lavfi', '-i', 'testsrc2=s=96x64:r=30:d=1']
const SOUND = ['-f', 'lavfi', '-i', 'sine=d=1']
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p']

describeWithFfmpeg('ffmpeg, run', () => {
  const folder = fixtureFolder()
  const at = (name: string) => join(folder, name)
  const limits = limitsIn(folder)
  const run = async (args: readonly Argument[], more: Partial<RunLimits> = {}): Promise<Ran> =>
    runFfmpeg(await ffmpegOfThisMachine(), args, { ...limits, ...more })
  const script = (name: string, body: string): string => {
    writeFileSync(at(name), `#!/bin/sh\n${body}\n`)
    chmodSync(at(name), 0o755)
    return at(name)
  }
  const decode = (file: string, more: Partial<RunLimits> = {}) =>
    run([input(at(file)), output('-', 10, ['-map', '0:v:0', '-f', 'null'])], more)

  beforeAll(() => {
    make(at('sound.mp4'), ...SECOND, ...SOUND, ...H264)
    make(at('silent.mp4'), ...SECOND, ...H264)
  })

  it('writes the file', async () => {
    expect(await run([input(at('sound.mp4')), output('copy.mp4', 10, ['-c', 'copy'])])).toMatchObject({ ok: true })
    expect(existsSync(at('copy.mp4'))).toBe(true)
  })

  it('gives what was written to stdout, up to a limit', async () => {
    const raw = [input(at('silent.mp4')), output('-', 10, ['-f', 'rawvideo', '-pix_fmt', 'gray'])]
    const ran = await run(raw)
    expect(ran.ok && ran.stdout.length).toBe(96 * 64 * 30)
    expect(await run(raw, { stdoutLimit: 1_000 })).toMatchObject({ ok: false, fault: 'file', code: 'too-large' })
  })

  it('tells how far it has come', async () => {
    const told: Progress[] = []
    await run([input(at('silent.mp4')), output('p.mp4', 10, H264)], { onProgress: (progress) => told.push(progress) })
    expect(told.at(-1)?.seconds).toBeCloseTo(1, 0)
  })

  it('takes names that look like options or addresses for what they are: names', async () => {
    for (const name of ['-i.mp4', 'http:x.mp4', 'a b;$(c).mp4', '%03d.mp4']) {
      writeFileSync(at(name), readFileSync(at('silent.mp4')))
      expect(await run([input(name), output(`copy ${name}`, 10, ['-c', 'copy'])])).toMatchObject({ ok: true })
      expect(existsSync(at(`copy ${name}`))).toBe(true)
    }
  })

  it('reads no file but by an input, which is guarded', async () => {
    await expect(run(['-i', at('silent.mp4'), output('-', 1, ['-f', 'null'])])).rejects.toThrow('guards')
  })

  it('asks ffprobe under the same guards', async () => {
    const ffmpeg = await ffmpegOfThisMachine()
    if (ffmpeg.ffprobe === undefined) return
    const ran = await runFfprobe(ffmpeg, input(at('sound.mp4')), ['-show_format', '-of', 'json'], limits)
    expect(ran.ok && JSON.parse(Buffer.from(ran.stdout).toString())).toMatchObject({ format: { nb_streams: 2 } })
  })

  it('asks for as many threads on every machine: what a run holds goes by them', async () => {
    const ffmpeg = { ...(await ffmpegOfThisMachine()), path: script('says', 'echo "$@"') }
    const ran = await runFfmpeg(ffmpeg, [input('a.mp4'), output('b.mp4', 1, H264)], limits)
    const words = ran.ok ? Buffer.from(ran.stdout).toString().trim() : ''
    expect(words).toMatch(/ -filter_threads 2 -filter_complex_threads 2 -threads 2 .* -i file:a.mp4 -threads 2 -c:v /)
    const counts = [...words.matchAll(/threads (\S+)/g)].map(([, count]) => count)
    expect(counts).toEqual(['2', '2', '2', '2'])
  })

  it('needs less memory than a bound by which a film of 4K is refused', async () => {
    const { sandbox } = await ffmpegOfThisMachine()
    if (sandbox.prlimit === undefined) return
    make(at('4k.mp4'), '-f', 'lavfi', '-i', 'testsrc2=s=3840x2160:r=30:d=0.2', ...H264)
    expect(await decode('4k.mp4', { maxMemoryMb: 1_024 })).toMatchObject({ ok: true })
    expect(await decode('4k.mp4', { maxMemoryMb: 300 })).toMatchObject({ fault: 'file', code: 'too-much-memory' })
  })

  it('takes memory that cannot be had for its own bound, where the kernel has none for it, too', async () => {
    const said = 'echo "[error] Error while decoding stream #0:0: Cannot allocate memory" >&2; exit 1'
    const ffmpeg: Ffmpeg = { ...(await ffmpegOfThisMachine()), path: script('full', said), sandbox: { notes: [] } }
    expect(await runFfmpeg(ffmpeg, [], limits)).toMatchObject({ fault: 'file', code: 'too-much-memory' })
  })

  describe('that is told of a fault of ours', () => {
    const saying = async (...lines: readonly string[]): Promise<Ffmpeg> => ({
      ...(await ffmpegOfThisMachine()),
      path: script('fails', `${lines.map((line) => `echo '${line}' >&2`).join('\n')}\nexit 1`),
    })

    it('says that nothing runs here, and the remedy', async () => {
      const missing = { found: false, message: 'No ffmpeg runs here: install it.' } as const
      const ran = await runFfmpeg(missing, [], limits)
      expect(ran).toMatchObject({ ok: false, fault: 'ours', code: 'no-ffmpeg', message: missing.message })
    })

    it.each<[string, readonly Argument[]]>([
      ['an encoder that isn’t there', [input('silent.mp4'), output('x.mp4', 1, ['-c:v', 'none'])]],
      ['an option that isn’t there', [input('silent.mp4'), '-nonsense', output('x.mp4', 1, [])]],
      ['a filter that isn’t there', [input('silent.mp4'), output('x.mp4', 1, ['-vf', 'nonsense'])]],
      ['a file that isn’t there', [input('none.mp4'), output('x.mp4', 1, [])]],
      ['a folder that isn’t there', [input('silent.mp4'), output('none/x.mp4', 1, ['-c', 'copy'])]],
    ])('%s', async (_, args) => {
      expect(await run(args)).toMatchObject({ ok: false, fault: 'ours', code: 'ffmpeg-failed' })
    })

    it('a program that can’t be started', async () => {
      const ffmpeg: Ffmpeg = { ...(await ffmpegOfThisMachine()), path: at('none'), sandbox: { notes: [] } }
      const ran = await runFfmpeg(ffmpeg, [input('silent.mp4'), output('-', 1, ['-f', 'null'])], limits)
      expect(ran).toMatchObject({ ok: false, fault: 'ours', code: 'ffmpeg-failed' })
    })

    it.each([
      [
        'a thread that can’t be started',
        'Error while opening decoder for input stream #0:0 : Resource temporarily unavailable',
      ],
      ['a disk that is full', 'Error writing trailer of x.mp4: No space left on device'],
    ])('%s', async (_, line) => {
      const ffmpeg = await saying(`[error] ${line}`, '[fatal] Error opening input: Invalid data found')
      expect(await runFfmpeg(ffmpeg, [], limits)).toMatchObject({ ok: false, fault: 'ours', code: 'ffmpeg-failed' })
    })

    it('one that was killed by somebody else', async () => {
      const ffmpeg: Ffmpeg = { ...(await ffmpegOfThisMachine()), path: script('dies', 'kill -9 $$') }
      const ran = await runFfmpeg(ffmpeg, [], limits)
      expect(ran).toMatchObject({ ok: false, fault: 'ours', code: 'killed' })
    })
  })

  describe('that takes too long', () => {
    const slow = [input('sound.mp4', ['-stream_loop', '-1']), output('-', 1_000_000, ['-f', 'null'])]

    it('is killed when its time is over', async () => {
      expect(await run(slow, { timeoutMs: 300 })).toMatchObject({
        ok: false,
        fault: 'ours',
        code: 'timed-out',
        message: 'It took longer than the 0.3 s that it may take: send it again later, or a shorter copy.',
      })
    })

    it('is killed when nobody wants it any more', async () => {
      const controller = new AbortController()
      const onProgress = () => controller.abort()
      expect(await run(slow, { signal: controller.signal, onProgress })).toMatchObject({ ok: false, code: 'stopped' })
      expect(await run(slow, { signal: controller.signal })).toMatchObject({ ok: false, code: 'stopped' })
    })

    it('is killed at the deadline of all runs, and begins none after it', async () => {
      const late = { ok: false, fault: 'ours', code: 'timed-out', message: LATE.message }
      const deadline = AbortSignal.timeout(300)
      expect(await run(slow, { deadline })).toMatchObject(late)
      expect(await run(slow, { deadline })).toMatchObject(late)
    })

    it('sees neither our environment nor our credentials', async () => {
      const path = script('env', '[ -z "$HOME$AWS_SESSION_TOKEN$PROJECT_ID" ] && echo "[info] $(env)" >&2')
      const ran = await runFfmpeg({ ...(await ffmpegOfThisMachine()), path }, [], limits)
      expect(ran.ok && ran.stderr).toContain('MALLOC_ARENA_MAX=1')
    })
  })

  describe('given a file that means harm', () => {
    let connections = 0
    const server = createServer((_, response) => {
      connections++
      response.end()
    })
    let origin = ''
    beforeAll(async () => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('the server has no port')
      origin = `http://127.0.0.1:${address.port}`
    })
    afterAll(() => server.close())

    const PLAYLISTS: readonly [string, () => string][] = [
      ['an HLS playlist that names a file', () => hls('file:///etc/passwd')],
      ['an HLS playlist that names a sibling', () => hls('silent.mp4')],
      ['an HLS playlist that names an address', () => hls(`${origin}/a.ts`)],
      [
        'an HLS playlist whose key is at an address',
        () => hls('silent.mp4', `#EXT-X-KEY:METHOD=AES-128,URI="${origin}/"`),
      ],
      ['an ffconcat list', () => `ffconcat version 1.0\nfile '${at('silent.mp4')}'\n`],
      ['an ffconcat list of addresses', () => `ffconcat version 1.0\nfile ${origin}/a.mp4\n`],
      ['a DASH manifest', () => dash(origin)],
      ['an SDP', () => 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n'],
    ]
    it.each(PLAYLISTS)('refuses %s, and opens nothing and connects nowhere', async (_, text) => {
      writeFileSync(at('list.mp4'), text())
      const before = readdirSync(folder).length
      expect(await decode('list.mp4')).toMatchObject({ ok: false, fault: 'file', code: expect.stringMatching(/^un/) })
      expect([connections, readdirSync(folder).length]).toEqual([0, before])
    })

    it.each([
      ['an HLS playlist', () => hls('silent.mp4')],
      ['an ffconcat list', () => "ffconcat version 1.0\nfile 'silent.mp4'\n"],
    ])('would have read another file because of %s, but for its guards', async (_, text) => {
      writeFileSync(at('list.mp4'), text())
      const { path } = await ffmpegOfThisMachine()
      expect(spawnSync(path, ['-v', 'quiet', '-i', at('list.mp4'), '-f', 'null', '-']).status).toBe(0)
    })

    it.each([
      ['without its index', (bytes: Buffer) => bytes.subarray(0, bytes.indexOf('moov') - 4), /^The file is /],
      ['of noise', (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => byte ^ (at * 31))), /^T/],
      ['of nothing', () => Buffer.alloc(0), /^The file is /],
    ])('refuses one %s, with a sentence for its sender', async (_, change, says) => {
      writeFileSync(at('broken.mp4'), change(readFileSync(at('silent.mp4'))))
      const ran = await decode('broken.mp4')
      expect(ran).toMatchObject({ ok: false, fault: 'file', message: expect.stringMatching(/^[A-Z].*: .+\.$/) })
      expect(!ran.ok && ran.message).toMatch(says)
    })

    it('refuses pictures of more pixels than allowed before it holds one', async () => {
      make(at('huge.mov'), '-f', 'lavfi', '-i', 'color=s=8000x8000:d=1:r=1', '-c:v', 'mjpeg', '-frames:v', '1')
      const ran = await decode('huge.mov')
      expect(ran).toMatchObject({ ok: false, fault: 'file', code: 'too-many-pixels' })
    })

    it('ends two pictures that are 20,000 s apart at the time that is allowed', async () => {
      make(at('apart.mp4'), ...SECOND, '-vf', 'setpts=N*20000/TB', '-frames:v', '2', '-vsync', 'vfr', ...H264)
      const ran = await run([
        input(at('apart.mp4')),
        output('frames.mkv', 3, ['-r', '30', '-c:v', 'rawvideo', '-pix_fmt', 'gray']),
      ])
      expect(ran).toMatchObject({ ok: true })
      expect(readFileSync(at('frames.mkv')).length).toBeLessThan(3.2 * 30 * (96 * 64 + 100))
    })

    it('takes a file that reached its size for what it is: cut off', async () => {
      const raw = output('large.mkv', 10, ['-c:v', 'rawvideo', '-pix_fmt', 'gray'])
      expect(await run([input(at('silent.mp4')), raw], { maxFileBytes: 50_000 })).toMatchObject({
        ok: false,
        code: 'too-large',
      })
      expect(readFileSync(at('large.mkv')).length).toBeLessThan(70_000)
    })

    it('tells what the file lacks', async () => {
      const sound = output('-', 1, ['-map', '0:a:0', '-f', 'null'])
      expect(await run([input(at('silent.mp4')), sound])).toMatchObject({ ok: false, fault: 'file', code: 'no-stream' })
    })

    it('gives an answer to any half of a file', async () => {
      const whole = readFileSync(at('sound.mp4'))
      for (const share of [0.1, 0.5, 0.9]) {
        writeFileSync(at('half.mp4'), whole)
        truncateSync(at('half.mp4'), Math.floor(whole.length * share))
        expect(await decode('half.mp4')).toMatchObject({ ok: false, fault: 'file' })
      }
    })
  })
})

function hls(uri: string, more = ''): string {
  return `#EXTM3U\n#EXT-X-TARGETDURATION:1\n${more}\n#EXTINF:1,\n${uri}\n#EXT-X-ENDLIST\n`
}

function dash(origin: string): string {
  return `<?xml version="1.0"?>
    <MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S">
      <Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>${origin}/</BaseURL>
        <SegmentTemplate media="a" initialization="b" duration="1"/>
      </Representation></AdaptationSet></Period>
    </MPD>`
}
