import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fixtureFolder } from './for-test.ts'
import { liveFfmpeg } from './live-ffmpeg.ts'

describe('the ffmpeg of a function', () => {
  const folder = fixtureFolder()

  it('tells the log once what guards and parts are missing', async () => {
    const program = join(folder, 'ffmpeg')
    writeFileSync(program, '#!/bin/sh\necho "ffmpeg version 9.9 of a test" >&2\n')
    chmodSync(program, 0o755)
    const lines: string[] = []
    // A PATH without prlimit, bwrap, unshare and setpriv, as on Lambda.
    const find = liveFfmpeg({ FFMPEG_BIN: program, PATH: folder }, (line) => lines.push(line))
    expect(await find()).toMatchObject({ found: true, version: '9.9' })
    await find()
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      message: 'ffmpeg lacks something here',
      notes: [
        expect.stringContaining('lacks libx264'),
        expect.stringContaining('prlimit'),
        expect.stringContaining('network'),
        expect.stringContaining('setpriv'),
      ],
    })
  })

  it('tells it where there is none', async () => {
    const lines: string[] = []
    const find = liveFfmpeg({ FFMPEG_BIN: join(folder, 'none') }, (line) => lines.push(line))
    expect(await find()).toMatchObject({ found: false })
    expect(lines).toEqual([expect.stringContaining('FFMPEG_BIN')])
  })
})
