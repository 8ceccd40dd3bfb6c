import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findFfmpeg } from './find.ts'
import { fixtureFolder } from './for-test.ts'

describe('findFfmpeg', () => {
  const folder = fixtureFolder()
  const EVERYTHING = ['libx264', 'libopus', 'aac', 'loudnorm', 'zscale']

  /** A program that answers as an ffmpeg of that version with those parts does. */
  function pretend(path: string, version: string, parts: readonly string[] = EVERYTHING): string {
    const lists = parts.map((part) => ` V....D ${part} what it is`).join('\n')
    return script(path, `echo "ffmpeg version ${version} Copyright" >&2; [ "$1" = -version ] || echo "${lists}"`)
  }
  function script(path: string, body: string): string {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `#!/bin/sh\n${body}\n`)
    chmodSync(file, 0o755)
    return file
  }
  /** Runs what it is to shut in, as it is. */
  const guard = (path: string) => script(path, 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"')
  const packaged = (root: string, name: string) => {
    mkdirSync(join(folder, root, 'node_modules', name), { recursive: true })
    writeFileSync(join(folder, root, 'node_modules', name, 'package.json'), '{}')
    return `${root}/node_modules/${name}/ffmpeg`
  }

  it('takes the one that a variable names before all others', async () => {
    const chosen = pretend('chosen/ffmpeg', '7.1')
    const path = dirname(pretend('path/ffmpeg', '5.1'))
    for (const name of ['FFMPEG_BIN', 'FFMPEG_PATH']) {
      expect(await findFfmpeg({ [name]: chosen, PATH: path })).toMatchObject({
        found: true,
        path: chosen,
        version: '7.1',
      })
    }
  })

  it('never replaces one that a variable names', async () => {
    const path = dirname(pretend('path/ffmpeg', '5.1'))
    expect(await findFfmpeg({ FFMPEG_BIN: join(folder, 'none'), PATH: path })).toEqual({
      found: false,
      message: expect.stringMatching(
        /^No ffmpeg runs here \(FFMPEG_BIN names .*\/none, which does not run\): install /,
      ),
    })
  })

  it('takes the package’s before PATH’s, where its binary was downloaded', async () => {
    const path = dirname(pretend('path/ffmpeg', '5.1'))
    const packagesFrom = join(folder, 'root')
    const binary = packaged('root', 'ffmpeg-static')
    expect(await findFfmpeg({ PATH: path }, { packagesFrom })).toMatchObject({ version: '5.1' })
    pretend(binary, '6.0-static')
    expect(await findFfmpeg({ PATH: path }, { packagesFrom })).toMatchObject({ version: '6.0-static' })
  })

  it('passes over what lacks a part or doesn’t run, unless nothing else is there', async () => {
    const packagesFrom = join(folder, 'poor')
    pretend(packaged('poor', 'ffmpeg-static'), '6.0', ['libx264', 'aac'])
    const path = dirname(pretend('path/ffmpeg', '5.1'))
    expect(await findFfmpeg({ PATH: path }, { packagesFrom })).toMatchObject({
      version: '5.1',
      notes: expect.any(Array),
    })
    const poor = await findFfmpeg({ PATH: folder }, { packagesFrom })
    expect(poor).toMatchObject({ version: '6.0', has: { libx264: true, libopus: false, zscale: false } })
    expect(poor.found && poor.notes[0]).toMatch(/^ffmpeg 6\.0 at .* lacks libopus, loudnorm, zscale: install /)
  })

  it('takes the old build of a package on a developer’s machine only, and says so', async () => {
    const packagesFrom = join(folder, 'old')
    pretend(packaged('old', `@ffmpeg-installer/${process.platform}-${process.arch}`), '4.1')
    expect(await findFfmpeg({ PATH: folder }, { packagesFrom })).toMatchObject({ found: false })
    const old = await findFfmpeg({ PATH: folder }, { packagesFrom, local: true })
    expect(old.found && old.notes[0]).toMatch(/^ffmpeg 4\.1 at .* is of 2018: install /)
  })

  it('names the remedy where nothing is found', async () => {
    expect(await findFfmpeg({})).toEqual({
      found: false,
      message:
        'No ffmpeg runs here (nothing in FFMPEG_BIN, ffmpeg-static or PATH): install ffmpeg (apt install ffmpeg, ' +
        'brew install ffmpeg), or set FFMPEG_BIN to the path of a build with libx264 and libopus.',
    })
  })

  it('finds ffprobe beside it, and does without', async () => {
    const path = pretend('pair/ffmpeg', '7.1')
    expect(await findFfmpeg({ FFMPEG_BIN: path })).not.toHaveProperty('ffprobe')
    const ffprobe = script('pair/ffprobe', 'echo "ffprobe version 7.1"')
    expect(await findFfmpeg({ FFMPEG_BIN: path })).toMatchObject({ ffprobe })
  })

  it('looks for guards in the system’s folders where it is told of no PATH', async () => {
    const FFMPEG_BIN = pretend('guarded/ffmpeg', '7.1')
    const [told, untold] = await Promise.all([
      findFfmpeg({ FFMPEG_BIN, PATH: '/usr/local/bin:/usr/bin:/bin' }),
      findFfmpeg({ FFMPEG_BIN }),
    ])
    expect(told.found && told.sandbox).toEqual(untold.found && untold.sandbox)
  })

  it('starts what was chosen for its encoders, for its filters, and within each guard, and no more often', async () => {
    const log = join(folder, 'asked.log')
    const path = script('asked/ffmpeg', `echo "$1" >> ${log}; echo "ffmpeg version 1 Copyright" >&2`)
    const PATH = dirname(guard('guards/prlimit'))
    guard('guards/bwrap')
    const found = await findFfmpeg({ FFMPEG_BIN: path, PATH })
    expect(found).toMatchObject({ version: '1', sandbox: { prlimit: `${PATH}/prlimit`, network: { by: 'bwrap' } } })
    const asked = readFileSync(log, 'utf8').trim().split('\n').sort()
    expect(asked).toEqual(['-encoders', '-filters', '-version', '-version'])
  })

  it('hands none of the environment to what it tries', async () => {
    const path = script('leak/ffmpeg', '[ -n "$SECRET" ] && exit 1; echo "ffmpeg version 1 Copyright" >&2')
    process.env['SECRET'] = 'secret'
    try {
      expect(await findFfmpeg({ FFMPEG_BIN: path, SECRET: 'secret' })).toMatchObject({ found: true })
    } finally {
      delete process.env['SECRET']
    }
  })
})
