import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { scene } from './fixtures/scene.ts'
import { MAIN, ROOT, type RunningStack, startProgram } from './program.ts'

jest.setTimeout(120_000)

const [, SECTION = ''] = readFileSync(join(ROOT, 'README.md'), 'utf8').split('\n## As your app calls it\n')
const [UPLOAD = '', AWS = ''] = [...SECTION.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = '']) => block)
const there = (program: string) => spawnSync(program, ['--version']).status === 0

let folder: string
let stack: RunningStack

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'readme-'))
  const start = MAIN.map((word) => `'${word}'`).join(' ')
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'readme', scripts: { start } }))
  writeFileSync(join(folder, 'photo.jpg'), await scene({ width: 300, height: 200 }).jpeg().toBuffer())
  stack = await startProgram(join(folder, '.local'))
})

afterAll(async () => {
  stack?.signal('SIGTERM')
  await stack?.ended
  rmSync(folder, { recursive: true })
})

/** Runs a block as it stands there, where the folder of the README is meant; what it prints. */
function bash(block: string): string {
  // Without what a script of npm's own was told: it would be taken for settings of the one in the block.
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'))
  const PATH = `${dirname(process.execPath)}:${process.env['PATH']}`
  const env = { ...Object.fromEntries(kept), PATH, NODE_NO_WARNINGS: '1' }
  const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', block], {
    cwd: folder,
    env,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`it ended with ${status}:\n${stdout}\n${stderr}`)
  return stdout
}

describe('what README.md has people type beside npm start', () => {
  const withCurl = there('curl') ? it : it.skip
  const withAws = there('aws') ? it : it.skip

  withCurl('uploads a photo and shows it', () => {
    const [, shown = ''] = bash(UPLOAD).split('</PostResponse>')
    expect(JSON.parse(shown)).toMatchObject({ kind: 'image', ownerId: 'local-user' })
  })

  withAws('lists what lies in the bucket, and the queues', () => {
    const listed = bash(AWS)
    if (there('curl')) expect(listed).toMatch(/ images\/original\/[0-9a-f-]{36}$/m)
    expect(listed).toContain('messageai-local-generate-thumbnail-replay')
  })
})
