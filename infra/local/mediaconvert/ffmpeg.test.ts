import { spawn, spawnSync } from 'node:child_process'
import { once as first } from 'node:events'
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { describeWithFfmpeg, ffmpegOfThisMachine, fixtureFolder, make } from '../../../ports/ffmpeg/for-test.ts'
import { type FfmpegOutput, reasonIn, runFfmpeg } from './ffmpeg.ts'

describeWithFfmpeg('a run of ffmpeg', () => {
  const folder = fixtureFolder()
  const input = join(folder, 'film.mp4')
  const nothing: FfmpegOutput = { file: '-', options: ['-f', 'null'], maxSeconds: 1e6, maxBytes: 1e6 }
  const endless = { input, folder, inputOptions: ['-stream_loop', '-1'], outputs: [nothing] }
  const signal = new AbortController().signal
  const once = { ...endless, inputOptions: [], timeoutMs: 20_000, signal }
  beforeAll(() => {
    make(input, '-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=30:d=2', '-c:v', 'libx264', '-preset', 'ultrafast')
  })

  it('ends when its time is over, or when nobody wants it any more', async () => {
    const { path } = await ffmpegOfThisMachine()
    expect(await runFfmpeg(path, { ...endless, timeoutMs: 300, signal })).toMatchObject({ ok: false, why: 'too-slow' })
    const abort = new AbortController()
    const onProgress = () => abort.abort()
    const run = { ...endless, timeoutMs: 20_000, signal: abort.signal, onProgress }
    expect(await runFfmpeg(path, run)).toMatchObject({ ok: false, why: 'aborted' })
    expect(await runFfmpeg(path, run)).toMatchObject({ ok: false, why: 'aborted' })
  })

  it('ends where nobody can be told of its progress, and says why', async () => {
    const program = join(folder, 'endless')
    const tells = 'echo progress=continue; exec sleep 300'
    writeFileSync(program, `#!/bin/sh\n[ "$1" = -version ] && exit\necho $$ > ${folder}/told\n${tells}\n`)
    chmodSync(program, 0o755)
    const onProgress = () => {
      throw new Error('the disk is full')
    }
    await expect(runFfmpeg(program, { ...once, onProgress })).rejects.toThrow('the disk is full')
    expect(isRunning(Number(readFileSync(join(folder, 'told'), 'utf8')))).toBe(false)
  })

  it('ends with whatever it has started, and where it makes nothing for too long', async () => {
    const program = join(folder, 'stuck')
    writeFileSync(program, `#!/bin/sh\n[ "$1" = -version ] && exit\nsleep 300 &\necho $! > ${folder}/pid\nwait\n`)
    chmodSync(program, 0o755)
    expect(await runFfmpeg(program, { ...once, stalledMs: 500 })).toMatchObject({ ok: false, why: 'too-slow' })
    expect(isRunning(Number(readFileSync(join(folder, 'pid'), 'utf8')))).toBe(false)
  })

  it('takes no picture beyond 4K', async () => {
    const huge = make(join(folder, 'huge.mkv'), '-f', 'lavfi', '-i', 'color=s=4098x2306:d=0.04', '-c:v', 'mjpeg')
    const { path } = await ffmpegOfThisMachine()
    expect((await runFfmpeg(path, { ...once, input: huge })).log).toContain('exceeds specified max pixel count')
  })

  it('writes no more seconds and no more bytes than it may', async () => {
    const { path } = await ffmpegOfThisMachine()
    const copy = { file: 'copy.mp4', options: ['-c', 'copy', '-f', 'mp4'], maxSeconds: 1e6, maxBytes: 1e6 }
    const duration = async (file: string) => (await runFfmpeg(path, { ...once, input: join(folder, file) })).log
    expect(await runFfmpeg(path, { ...once, outputs: [{ ...copy, maxSeconds: 0.5 }] })).toMatchObject({ ok: true })
    expect(await duration('copy.mp4')).toMatch(/Duration: 00:00:00\.[56]/)
    const full = await runFfmpeg(path, { ...once, outputs: [{ ...copy, maxBytes: 5_000 }] })
    expect(full).toMatchObject({ ok: false, why: 'too-large' })
    expect(statSync(join(folder, 'copy.mp4')).size).toBeLessThan(statSync(input).size)
  })

  it('sees no variable of ours, and has its memory and processor time bounded where prlimit works', async () => {
    const program = join(folder, 'tells')
    writeFileSync(program, '#!/bin/sh\n[ "$1" = -version ] && exit\n(env; ulimit -v; ulimit -t) >&2\n')
    chmodSync(program, 0o755)
    const { log } = await runFfmpeg(program, once)
    expect(log).toContain('MALLOC_ARENA_MAX=1')
    expect(log).not.toMatch(/^(HOME|NODE_\w+|JEST_\w+)=/m)
    const canBound = spawnSync('/usr/bin/prlimit', ['--core=0', '--', 'true']).status === 0
    const bounds = [(2048 + 256 * availableParallelism()) * 1024, 20 * availableParallelism()]
    expect(log.trim().split('\n').slice(-2)).toEqual(canBound ? bounds.map(String) : ['unlimited', 'unlimited'])
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
    const [said] = await first(runtime.stdout, 'data')
    const pid = Number(String(said).trim().split(/\s/)[0])
    expect(isRunning(pid)).toBe(true)
    runtime.kill('SIGKILL')
    await first(runtime, 'close')
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
