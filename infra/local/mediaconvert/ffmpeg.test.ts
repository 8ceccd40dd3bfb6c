import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeWithFfmpeg, ffmpegOfThisMachine, fixtureFolder, make } from '../../../ports/ffmpeg/for-test.ts'
import { reasonIn, runFfmpeg } from './ffmpeg.ts'

describeWithFfmpeg('a run of ffmpeg', () => {
  const folder = fixtureFolder()
  const input = join(folder, 'film.mp4')
  const endless = { input, folder, inputOptions: ['-stream_loop', '-1'], outputOptions: ['-f', 'null', '-'] }
  beforeAll(() => {
    make(input, '-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=30:d=2', '-c:v', 'libx264', '-preset', 'ultrafast')
  })

  it('ends when its time is over, or when nobody wants it any more', async () => {
    const { path } = await ffmpegOfThisMachine()
    const signal = new AbortController().signal
    expect(await runFfmpeg(path, { ...endless, timeoutMs: 300, signal })).toMatchObject({ ok: false, why: 'too-slow' })
    const abort = new AbortController()
    const onProgress = () => abort.abort()
    const run = { ...endless, timeoutMs: 20_000, signal: abort.signal, onProgress }
    expect(await runFfmpeg(path, run)).toMatchObject({ ok: false, why: 'aborted' })
    expect(await runFfmpeg(path, run)).toMatchObject({ ok: false, why: 'aborted' })
  })

  it('takes no picture beyond 8K', async () => {
    const huge = make(join(folder, 'huge.mkv'), '-f', 'lavfi', '-i', 'color=s=8192x8192:d=0.04', '-c:v', 'mjpeg')
    const { path } = await ffmpegOfThisMachine()
    const run = { ...endless, input: huge, inputOptions: [], timeoutMs: 20_000, signal: new AbortController().signal }
    expect((await runFfmpeg(path, run)).log).toContain('exceeds specified max pixel count')
  })

  const canDieWithUs = existsSync('/usr/bin/setpriv')
  ;(canDieWithUs ? it : it.skip)('dies with whoever started it, killed -9', async () => {
    const { path } = await ffmpegOfThisMachine()
    const program = `
      import { readFileSync } from 'node:fs'
      import { runFfmpeg } from ${JSON.stringify(join(import.meta.dirname, 'ffmpeg.ts'))}
      const run = ${JSON.stringify({ ...endless, timeoutMs: 20_000 })}
      const onProgress = () => console.log(readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8'))
      await runFfmpeg(${JSON.stringify(path)}, { ...run, signal: new AbortController().signal, onProgress })`
    const runtime = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [said] = await once(runtime.stdout, 'data')
    const pid = Number(String(said).trim().split(/\s/)[0])
    expect(isRunning(pid)).toBe(true)
    runtime.kill('SIGKILL')
    await once(runtime, 'close')
    for (let tries = 0; tries < 100 && isRunning(pid); tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 20))
    expect(isRunning(pid)).toBe(false)
  })

  it('says what went wrong without a word of where files lie', () => {
    expect(reasonIn(['  indented', 'file:/var/data/x: Invalid data', ''])).toBe('the file Invalid data')
  })
})

/** A process that has ended stays as a zombie where nobody asks for its end. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
