import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fixtureFolder } from './for-test.ts'
import { type Bounds, type Command, confine, findSandbox } from './sandbox.ts'

describe('a sandbox', () => {
  const folder = fixtureFolder()
  const BOUNDS: Bounds = { scratch: folder, maxMemoryMb: 100_000, maxCpuSeconds: 20, maxFileBytes: 1_000 }
  const run = ({ file, args }: Command) =>
    new Promise<{ code: number | string | null | undefined; stdout: string }>((resolve) =>
      execFile(file, args, { cwd: folder }, (error, stdout) => resolve({ code: error ? error.code : 0, stdout })),
    )
  const pause = () => new Promise((resolve) => setTimeout(resolve, 20))
  /** A process that has ended stays as a zombie where nobody asks for its end. */
  const isRunning = (status: string) => existsSync(status) && !/^State:\s+Z/m.test(readFileSync(status, 'utf8'))
  const js = (source: string): Command => ({ file: process.execPath, args: ['-e', source] })

  it('is open where nothing is there, and says what that means', async () => {
    expect(await findSandbox(js(''), folder)).toEqual({
      notes: [
        expect.stringMatching(/^prlimit does not run here: /),
        expect.stringMatching(/^neither bwrap nor unshare works here: /),
      ],
    })
    expect(confine(js('1'), {}, BOUNDS)).toEqual(js('1'))
  })

  it('takes bwrap where it works, with a file system that can only be read but for the scratch folder', async () => {
    const bwrap = join(folder, 'bwrap')
    writeFileSync(
      bwrap,
      `#!/bin/sh\necho "$@" >> ${folder}/said\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n`,
    )
    chmodSync(bwrap, 0o755)
    const sandbox = await findSandbox(js(''), folder)
    expect(sandbox.network).toEqual({ by: 'bwrap', path: bwrap })
    expect(await run(confine(js('console.log(42)'), sandbox, BOUNDS))).toEqual({ code: 0, stdout: '42\n' })
    expect(readFileSync(`${folder}/said`, 'utf8').split('\n')[1]).toBe(
      `--ro-bind / / --dev /dev --bind ${folder} ${folder} --chdir ${folder} --unshare-all --die-with-parent ` +
        `--new-session -- ${process.execPath} -e console.log(42)`,
    )
    writeFileSync(bwrap, '#!/bin/sh\nexit 1\n')
    expect((await findSandbox(js(''), folder)).network).toBeUndefined()
  })

  it.each([
    ['prlimit', 'bwrap', { network: { by: 'bwrap', path: expect.any(String) } }],
    ['bwrap', 'prlimit', { prlimit: expect.any(String) }],
  ])('does without %s where that is forbidden, and not without %s', async (forbidden, other, expected) => {
    const path = mkdtempSync(join(folder, 'half-'))
    const guard = (name: string, body: string) => {
      writeFileSync(join(path, name), `#!/bin/sh\n${body}\n`)
      chmodSync(join(path, name), 0o755)
    }
    guard(forbidden, 'exit 1')
    guard(other, 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"')
    expect(await findSandbox(js(''), path)).toEqual({ ...expected, notes: [expect.any(String)] })
  })

  it('takes the network away, where this machine lets it', async () => {
    let connections = 0
    const server = createServer(() => connections++).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('the server has no port')
    const connect = js(
      `require('net').connect(${address.port}, '127.0.0.1').on('connect', () => process.exit(7)).on('error', () => process.exit(8))`,
    )
    const sandbox = await findSandbox(js(''), process.env['PATH'])
    const { code } = await run(confine(connect, sandbox, BOUNDS))
    server.close()
    expect([code, connections]).toEqual(sandbox.network ? [8, 0] : [7, 1])
    expect(sandbox.notes.join()).toEqual(sandbox.network ? expect.not.stringContaining('network') : expect.anything())
  })

  it('ends with the process that started it, killed -9, where this machine lets it', async () => {
    const sandbox = await findSandbox(js(''), process.env['PATH'])
    if (sandbox.setpriv === undefined) return
    const { file, args } = confine(js('setInterval(() => {}, 1000)'), sandbox, BOUNDS)
    const started = `require('child_process').spawn(${JSON.stringify(file)}, ${JSON.stringify(args)}, { stdio: 'ignore' })`
    const starter = spawn(process.execPath, ['-e', `console.log(${started}.pid)`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [said] = await once(starter.stdout, 'data')
    const status = `/proc/${Number(said)}/status`
    // It is told of whose death to die once it has become the command.
    while (!readFileSync(`/proc/${Number(said)}/cmdline`, 'utf8').startsWith(process.execPath)) await pause()
    starter.kill('SIGKILL')
    for (let tries = 0; tries < 100 && isRunning(status); tries++) await pause()
    expect(isRunning(status)).toBe(false)
  })

  it('bounds memory and the size of files, where this machine lets it', async () => {
    const { prlimit, notes } = await findSandbox(js(''), process.env['PATH'])
    if (prlimit === undefined) return expect(notes.join()).toContain('prlimit')
    const write = js(`process.on('SIGXFSZ', () => {}); require('fs').writeFileSync('it', Buffer.alloc(5_000))`)
    expect((await run(confine(write, { prlimit }, BOUNDS))).code).not.toBe(0)
    expect((await run(confine(write, { prlimit }, { ...BOUNDS, maxFileBytes: 6_000 }))).code).toBe(0)
    const small = { ...BOUNDS, maxMemoryMb: 1 }
    expect((await run(confine(js('1'), { prlimit }, small))).code).not.toBe(0)
  })
})
