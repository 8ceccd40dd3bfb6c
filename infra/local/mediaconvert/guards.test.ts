import { execFile } from 'node:child_process'
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fixtureFolder } from '../../../ports/ffmpeg/for-test.ts'
import { type Bounds, type Command, findGuards } from './guards.ts'

describe('guards', () => {
  const folder = fixtureFolder()
  const BOUNDS: Bounds = { folder, maxMemoryMb: 100_000, maxCpuSeconds: 20, maxFileBytes: 5_000 }
  const js = (source: string): Command => [process.execPath, '-e', source]
  const run = ([program, ...words]: Command) =>
    new Promise<{ code: number | string | null | undefined; stdout: string }>((resolve) =>
      execFile(program, words, { cwd: folder }, (error, stdout) => resolve({ code: error ? error.code : 0, stdout })),
    )
  /** A guard that says how it was started, and does no more. */
  const pretend = (
    name: string,
    body = `echo "${name} $@" >> ${folder}/said; while [ "$1" != -- ]; do shift; done; shift; exec "$@"`,
  ) => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  const guarded = async () => {
    const confine = await findGuards(js(''), [folder])
    rmSync(join(folder, 'said'), { force: true })
    await run(confine(js('1'), BOUNDS))
    return readFileSync(join(folder, 'said'), 'utf8').trim().split('\n')
  }
  const PROGRAM = `${process.execPath} -e 1`

  it('are none where none is there', async () => {
    const confine = await findGuards(js(''), [folder])
    expect(confine(js('1'), BOUNDS)).toEqual(js('1'))
  })

  it('bound it, take its network, and end it with us, in this order; bwrap comes before unshare', async () => {
    for (const name of ['setpriv', 'unshare', 'bwrap', 'prlimit']) pretend(name)
    const dying = `--pdeathsig KILL -- ${PROGRAM}`
    const files = `--ro-bind / / --dev /dev --bind ${folder} ${folder} --chdir ${folder}`
    expect(await guarded()).toEqual([
      expect.stringMatching(/^prlimit --as=104857600000 --cpu=20 --fsize=5000 --core=0 -- \S+bwrap --ro-bind /),
      `bwrap ${files} --unshare-all --die-with-parent --new-session -- ${folder}/setpriv ${dying}`,
      `setpriv ${dying}`,
    ])
  })

  it('are passed over where they are forbidden', async () => {
    pretend('bwrap', 'exit 1')
    pretend('prlimit', 'exit 1')
    expect(await guarded()).toEqual([
      expect.stringMatching(/^unshare --user --map-current-user --net --ipc -- \S+setpriv /),
      `setpriv --pdeathsig KILL -- ${PROGRAM}`,
    ])
  })

  it('let nobody connect, and no file grow, where this machine has them', async () => {
    let connections = 0
    const server = createServer(() => connections++).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('the server has no port')
    const confine = await findGuards(js(''))
    const words = confine(js(''), BOUNDS).map((word) => word.split('/').at(-1))
    const connect = `require('net').connect(${address.port}, '127.0.0.1').on('connect', () => process.exit(7)).on('error', () => process.exit(8))`
    const { code } = await run(confine(js(connect), BOUNDS))
    server.close()
    const isShut = words.includes('bwrap') || words.includes('unshare')
    expect([code, connections]).toEqual(isShut ? [8, 0] : [7, 1])

    const write = (bytes: number) => js(`require('fs').writeFileSync('it', Buffer.alloc(${bytes}))`)
    expect((await run(confine(write(4_000), BOUNDS))).code).toBe(0)
    const tooMuch = await run(confine(write(6_000), BOUNDS))
    expect(tooMuch.code === 0).toBe(!words.includes('prlimit'))
  })
})
