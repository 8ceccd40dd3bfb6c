import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Result } from '../infra/dev/journey.ts'
import { describeWithFfmpeg } from '../ports/ffmpeg/for-test.ts'
import { HOSTILE_PICTURES } from './fixtures/hostile.ts'
import type { HostileFile, Place } from './fixtures/hostile-file.ts'
import { HOSTILE_FILMS } from './fixtures/hostile-films.ts'
import { HOSTILE_RECORDINGS } from './fixtures/hostile-recordings.ts'
import { assertNoMetadata } from './fixtures/metadata.ts'
import { scene } from './fixtures/scene.ts'
import { type Ending, MAIN, run } from './program.ts'
import { type Recorded, readRecorded } from './recorded.ts'

// What each step makes of each hostile file is held by slow/hostile-media.test.ts; here some of them go all the way. Their
// names say what they claim to be: the bytes decide.
const UPLOADS = [
  ...pick(HOSTILE_PICTURES, '.jpg', [
    'an empty file',
    'a 256-megapixel PNG of 31 KB',
    'a JPEG cut off in the middle',
    'an SVG',
    'an MP4 behind a JPEG, as motion photos have it',
    'a JPEG that says where it was taken',
  ]),
  ...pick(HOSTILE_FILMS, '.mp4', [
    'an HLS playlist of a local file',
    'an MP4 that claims ten hours',
    'an MP4 with noise for pictures',
  ]),
  ...pick(HOSTILE_RECORDINGS, '.m4a', ['an M4A that claims a thousand hours', 'an M4A with noise for sound']),
]

interface Hostile {
  readonly name: string
  readonly answer: string
  make(place: Place): Uint8Array | Promise<Uint8Array>
}

function pick(files: readonly (Hostile | HostileFile)[], ending: string, names: readonly string[]) {
  return names.map((name, index) => {
    const found = files.find((file) => file.name === name)
    if (!found) throw new Error(`there is no hostile file called ${name}`)
    return { ...found, answer: found.answer === 'rendered' ? 'ready' : found.answer, file: `${index}${ending}` }
  })
}

describeWithFfmpeg('a hostile upload', () => {
  let folder: string
  let scratch: string
  let ending: Ending
  let results: ReadonlyMap<string, Result>
  let recorded: Recorded

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hostile-'))
    scratch = mkdtempSync(join(tmpdir(), 'scratch-'))
    const place = { folder, secret: '/etc/passwd', secretFilm: '/etc/passwd', trap: 'http://127.0.0.1:9' }
    for (const { file, make } of UPLOADS) writeFileSync(join(folder, file), await make(place))
    writeFileSync(join(folder, 'good.jpg'), await scene().jpeg().toBuffer())
    const files = [...UPLOADS.map(({ file }) => file), 'good.jpg']
    ending = await run([...MAIN, '--once', ...files, '--json', '--data', 'state', '--port', '0'], {
      env: { INIT_CWD: folder, TMPDIR: scratch },
    }).ended
    results = new Map(
      ending.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Result)
        .map((result) => [basename(result.file), result]),
    )
    recorded = readRecorded(join(folder, 'state'))
  }, 180_000)

  afterAll(() => {
    rmSync(folder, { recursive: true })
    rmSync(scratch, { recursive: true })
  })

  it.each(UPLOADS)('that is $name ends as $answer', ({ file, answer }) => {
    const { status, reason = '', variants = [], mediaId } = results.get(file) ?? {}
    if (answer === 'ready') {
      expect({ status, reason }).toEqual({ status: 'ready', reason: '' })
      expect(variants).toHaveLength(5)
      for (const { path } of variants) assertNoMetadata(readFileSync(path))
      return
    }
    expect({ status, variants }).toEqual({ status: 'rejected', variants: [] })
    expect(reason).toMatch(/^[A-Z].*[.]$/s)
    // An empty file is turned away before anything is reserved for it.
    if (mediaId === null) return
    const said = recorded.archived.filter(({ detail }) => detail.meta.subject === mediaId)
    const verdicts = said.filter((event) => event['detail-type'] === 'MediaRejected.v1')
    expect(verdicts.map(({ detail }) => (detail.data as { code?: string }).code)).toContain(answer)
  })

  it('takes nobody along: a good photo beside them is ready, and there are no dead letters', () => {
    expect(results.get('good.jpg')?.status).toBe('ready')
    expect(ending.code).toBe(1)
    expect([...recorded.waiting.keys()].filter((queue) => queue.endsWith('-dlq'))).toEqual([])
  })

  it('leaves no file behind, and kills no function', () => {
    expect(readdirSync(scratch)).toEqual([])
    expect(ending.stderr).not.toMatch(/^(warn|error) /m)
  })
})
