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
        expect.stringMatching(/^setpriv does not run here: /),
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

  describe('of what is installed', () => {
    const PASSES_ON = 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"'
    const FORBIDDEN = 'exit 1'
    const notAround = (other: string) => `case "$*" in */${other}\\ *) exit 1;; esac; ${PASSES_ON}`
    const working = (...names: string[]) => Object.fromEntries(names.map((name) => [name, PASSES_ON]))
    const pathOf = (programs: Readonly<Record<string, string>>) => {
      const path = mkdtempSync(join(folder, 'path-'))
      for (const [name, body] of Object.entries(programs)) {
        writeFileSync(join(path, name), `#!/bin/sh\n${body}\n`)
        chmodSync(join(path, name), 0o755)
      }
      return path
    }

    it.each([
      ['takes all, where they work', working('setpriv', 'bwrap', 'unshare', 'prlimit'), 'setpriv bwrap prlimit', []],
      ['goes without prlimit', { ...working('setpriv', 'bwrap'), prlimit: FORBIDDEN }, 'setpriv bwrap', ['prlimit']],
      ['goes without bwrap', { ...working('setpriv', 'prlimit'), bwrap: FORBIDDEN }, 'setpriv prlimit', ['neither']],
      [
        'goes without setpriv',
        { ...working('unshare', 'prlimit'), setpriv: FORBIDDEN },
        'unshare prlimit',
        ['setpriv'],
      ],
      ['lacks nothing without setpriv where bwrap is', working('bwrap', 'prlimit'), 'bwrap prlimit', []],
      // Each of these works by itself.
      [
        'takes what works around the others',
        { ...working('bwrap'), prlimit: notAround('bwrap') },
        'bwrap',
        ['prlimit'],
      ],
      [
        'takes unshare where bwrap does not work around the others',
        { ...working('setpriv', 'unshare', 'prlimit'), bwrap: notAround('setpriv') },
        'setpriv unshare prlimit',
        [],
      ],
    ])('%s', async (_, programs, taken, lacking) => {
      const sandbox = await findSandbox(js(''), pathOf(programs))
      const { setpriv, network, prlimit, notes } = sandbox
      expect([setpriv && 'setpriv', network?.by, prlimit && 'prlimit'].filter(Boolean).join(' ')).toBe(taken)
      expect(notes.map((note) => note.split(' ')[0])).toEqual(lacking)
      const ran = await run(confine(js('console.log(42)'), sandbox, BOUNDS))
      expect(ran).toEqual({ code: 0, stdout: '42\n' })
    })
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
