import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localToken } from '../../infra/dev/token.ts'
import { photo } from '../fixtures/photo.ts'
import { scene } from '../fixtures/scene.ts'
import { type Ending, MAIN, type Program, ROOT, type RunningStack, run, said, startProgram } from '../program.ts'

const folders: string[] = []
const programs: Program[] = []

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'restart-'))
  folders.push(made)
  return made
}

async function start(dataDir: string, ...args: readonly string[]): Promise<RunningStack> {
  const stack = await startProgram(dataDir, ...args)
  programs.push(stack)
  return stack
}

function launch(command: readonly [string, ...string[]], env: Readonly<Record<string, string>> = {}): Program {
  const program = run(command, { env })
  programs.push(program)
  return program
}

const main = (...args: readonly string[]) => launch([...MAIN, ...args])

afterEach(async () => {
  for (const program of programs.splice(0)) {
    program.signal('SIGKILL')
    await program.ended
  }
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true })
})

/** How it ended, and how many seconds that took. */
async function ending(program: Program): Promise<Ending & { readonly seconds: number }> {
  const started = performance.now()
  return { ...(await program.ended), seconds: (performance.now() - started) / 1000 }
}

/** Resolves once there is no such process. @throws Error where it is still there after `seconds`. */
async function gone(pid: number, seconds: number): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  while (isAlive(pid)) {
    if (performance.now() > deadline) throw new Error(`process ${pid} is still there after ${seconds} s`)
    await new Promise((wait) => setTimeout(wait, 50))
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Reserves and uploads; the answer of S3 is the end of it. */
async function upload({ local }: RunningStack, file: Buffer): Promise<string> {
  const reservation = await fetch(`${local.apiUrl}/media/upload`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token(local.projectId)}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      kind: 'image',
      contentType: 'image/jpeg',
      bytes: file.length,
      conversationId: 'local-conversation',
    }),
  })
  const { mediaId, upload: signed } = (await reservation.json()) as {
    mediaId: string
    upload: { url: string; fields: Record<string, string> }
  }
  const form = new FormData()
  for (const [name, value] of Object.entries(signed.fields)) form.append(name, value)
  form.append('file', new Blob([Uint8Array.from(file)]))
  const answer = await fetch(signed.url, { method: 'POST', body: form })
  await answer.arrayBuffer()
  expect(answer.status).toBe(201)
  return mediaId
}

interface Seen {
  readonly status: string
  readonly thumbnails: readonly { readonly url: string; readonly bytes: number }[]
}

async function media({ local }: RunningStack, mediaId: string): Promise<{ readonly answer: number } & Partial<Seen>> {
  const answer = await fetch(`${local.apiUrl}/media/${mediaId}`, {
    headers: { authorization: `Bearer ${token(local.projectId)}` },
  })
  return { answer: answer.status, ...((await answer.json()) as Partial<Seen>) }
}

async function ready(stack: RunningStack, mediaId: string): Promise<Partial<Seen>> {
  for (;;) {
    const seen = await media(stack, mediaId)
    if (seen.status !== 'reserved' && seen.status !== 'processing') return seen
    await new Promise((wait) => setTimeout(wait, 50))
  }
}

const token = (projectId: string) => localToken('local-user', projectId, Math.floor(Date.now() / 1000))

describe.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s', (signal) => {
  it('ends it with 0 within seconds, and takes its local.json along', async () => {
    const dataDir = folder()
    const stack = await start(dataDir)
    stack.signal(signal)
    const { code, seconds } = await ending(stack)
    expect(code).toBe(0)
    expect(seconds).toBeLessThan(8)
    expect(readdirSync(dataDir)).not.toContain('local.json')
  })

  it('ends it with 0 in the middle of work, which goes on at the next start', async () => {
    const dataDir = folder()
    const first = await start(dataDir)
    const large = await photo({ width: 2400, height: 1800 })
    const ids = await Promise.all(Array.from({ length: 6 }, () => upload(first, large)))
    first.signal(signal)
    const { code, seconds } = await ending(first)
    expect(code).toBe(0)
    expect(seconds).toBeLessThan(12)

    const second = await start(dataDir)
    const views = await Promise.all(ids.map((id) => ready(second, id)))
    expect(views.map(({ status }) => status)).toEqual(ids.map(() => 'ready'))
  })
})

it('ends with 0 where it is stopped before it is up', async () => {
  const program = main('--data', folder(), '--port', '0', '--no-samples')
  await new Promise((wait) => setTimeout(wait, 300))
  program.signal('SIGTERM')
  const { code, signal, seconds } = await ending(program)
  // Before it runs a line of its own, node ends by the signal itself.
  expect([0, 'SIGTERM']).toContain(code ?? signal)
  expect(seconds).toBeLessThan(10)
})

describe('npm start', () => {
  const npmStart = (dataDir: string) => launch(['npm', 'start', '--', '--data', dataDir, '--port', '0', '--no-samples'])
  const pidOf = (dataDir: string) =>
    (JSON.parse(readFileSync(join(dataDir, 'local.json'), 'utf8')) as { pid: number }).pid

  it.each(['SIGTERM', 'SIGINT'] as const)('is ended with 0 by a %s to npm alone, and nothing stays', async (signal) => {
    const dataDir = folder()
    const npm = npmStart(dataDir)
    await said(npm, 'ready  api ')
    const pid = pidOf(dataDir)
    npm.signal(signal)
    const { code, seconds } = await ending(npm)
    expect(code).toBe(0)
    expect(seconds).toBeLessThan(10)
    await gone(pid, 1)
  })

  it('leaves nothing behind where npm is killed', async () => {
    const dataDir = folder()
    const npm = npmStart(dataDir)
    await said(npm, 'ready  api ')
    const pid = pidOf(dataDir)
    npm.signal('SIGKILL')
    await gone(pid, 10)
  })

  it('leaves nothing behind where the process between npm and it is killed', async () => {
    const dataDir = folder()
    const bootstrap = launch([
      process.execPath,
      join(ROOT, 'infra/dev/bootstrap.mjs'),
      'start',
      ...['--data', dataDir, '--port', '0', '--no-samples'],
    ])
    await said(bootstrap, 'ready  api ')
    const pid = pidOf(dataDir)
    bootstrap.signal('SIGKILL')
    await gone(pid, 10)
  })

  it('is ready in seconds the second time, with one line that says so and no terminal’s colours', async () => {
    const dataDir = folder()
    const first = npmStart(dataDir)
    await said(first, 'ready  api ')
    first.signal('SIGTERM')
    await first.ended

    const started = performance.now()
    const second = npmStart(dataDir)
    await said(second, 'ready  api ')
    expect((performance.now() - started) / 1000).toBeLessThan(15)
    second.signal('SIGTERM')
    const { stdout, stderr } = await second.ended
    expect(`${stdout}${stderr}`).not.toContain('bundling')
    expect(stdout.split('\n').filter((line) => line.startsWith('ready '))).toHaveLength(1)
    expect(`${stdout}${stderr}`).not.toContain('\u001b')
  })
})

describe('a data folder', () => {
  it('keeps what is done over a restart', async () => {
    const dataDir = folder()
    const first = await start(dataDir)
    const mediaId = await upload(first, await scene().jpeg().toBuffer())
    expect((await ready(first, mediaId)).status).toBe('ready')
    first.signal('SIGTERM')
    await first.ended

    const second = await start(dataDir)
    const { status, thumbnails = [] } = await media(second, mediaId)
    expect(status).toBe('ready')
    expect(thumbnails).toHaveLength(3)
    for (const { url, bytes } of thumbnails) {
      const download = await fetch(url)
      expect((await download.arrayBuffer()).byteLength).toBe(bytes)
    }
    expect(second.local.credentials).toEqual(first.local.credentials)
  })

  it.each([
    ['a second start', []],
    ['a second start with --fresh', ['--fresh']],
  ])('is refused to %s while it is in use, and unharmed', async (_what, args) => {
    const dataDir = folder()
    const first = await start(dataDir)
    const mediaId = await upload(first, await scene().jpeg().toBuffer())
    await ready(first, mediaId)

    const { code, stdout, stderr } = await main('--data', dataDir, '--port', '0', '--no-samples', ...args).ended
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(dataDir)
    expect(stderr).toContain(
      'is in use by another local runtime: stop that one, or choose another folder with --data DIR',
    )

    expect(await media(first, mediaId)).toMatchObject({ answer: 200, status: 'ready' })
    expect(readdirSync(dataDir)).toContain('local.json')
  })

  it('is emptied by --fresh, of what is ours and nothing else', async () => {
    const dataDir = folder()
    const first = await start(dataDir)
    const mediaId = await upload(first, await scene().jpeg().toBuffer())
    await ready(first, mediaId)
    first.signal('SIGTERM')
    await first.ended
    mkdirSync(join(dataDir, 'holiday'))
    writeFileSync(join(dataDir, 'notes.txt'), 'mine')

    const second = await start(dataDir, '--fresh')
    expect((await media(second, mediaId)).answer).toBe(404)
    expect(readdirSync(dataDir)).toEqual(expect.arrayContaining(['holiday', 'notes.txt']))
    expect(second.local.credentials).not.toEqual(first.local.credentials)
  })

  it('that can’t be read is named with what to do, and --fresh does it', async () => {
    const dataDir = folder()
    for (const name of ['aws', 'firestore']) {
      mkdirSync(join(dataDir, name))
      writeFileSync(
        join(dataDir, name, 'local.db'),
        'no database, but a text that is long enough to look like one'.repeat(9),
      )
    }
    const { code, stderr } = await main('--data', dataDir, '--port', '0', '--no-samples').ended
    expect(code).toBe(1)
    expect(stderr).toMatch(/local\.db can't be read \(.*\): start anew with --fresh/)
    await start(dataDir, '--fresh')
  })
})

it('takes another port where the one that was asked for is busy, and says so', async () => {
  const blocker = createServer()
  await new Promise<void>((listening) => blocker.listen(0, '127.0.0.1', listening))
  const address = blocker.address()
  const port = typeof address === 'object' && address ? address.port : 0
  try {
    const stack = await start(folder(), '--port', String(port))
    const got = Number(new URL(stack.local.awsEndpoint).port)
    expect(got).not.toBe(port)
    expect(`${stack.stdout()}${stack.stderr()}`).toContain(`port ${port} is taken: the AWS endpoint is on ${got}`)
    expect((await fetch(stack.local.awsEndpoint)).status).toBe(403)
  } finally {
    blocker.close()
  }
})
