import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FileProcessedV1Data } from '../../contracts/generated/events.ts'
import { derivedId } from '../../events/ids.ts'
import { type ServedS3, serveS3, VERSIONED } from '../../infra/local/s3/serve-for-test.ts'
import { describeWithFfmpeg, make } from '../../ports/ffmpeg/for-test.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import { s3Objects } from '../../ports/objects/s3-objects.ts'
import { HOSTILE_PICTURES } from '../fixtures/hostile.ts'
import { type HostileFile, type Place, SECRET } from '../fixtures/hostile-file.ts'
import { EICAR, HOSTILE_FILES } from '../fixtures/hostile-files.ts'
import { HOSTILE_FILMS } from '../fixtures/hostile-films.ts'
import { HOSTILE_HEICS } from '../fixtures/hostile-heics.ts'
import { HOSTILE_RECORDINGS } from '../fixtures/hostile-recordings.ts'
import { assertNoMetadata } from '../fixtures/metadata.ts'
import { type ConsumerProcess, startConsumer } from '../handling/consumer-process.ts'
import type { Handled, Told } from '../handling/protocol.ts'

const BUCKET = 'media'

/** Of any one step. The first in a process also looks for ffmpeg. */
const CPU_SECONDS = 6

/** The steps that see a stranger's bytes, by kind; of a video also the one that encodes where there is no stream. */
const STEPS = {
  image: ['extract-metadata', 'optimize-image'],
  video: ['extract-metadata', 'generate-thumbnail', 'remux-video', 'compress-video'],
  voice: ['extract-metadata', 'process-voice'],
  file: ['extract-metadata', 'process-file'],
} as const
type HostileKind = keyof typeof STEPS

let s3: ServedS3
let objects: Objects
let place: Place
let trap: Server
let connections = 0
const steps = new Map<string, ConsumerProcess>()

beforeAll(async () => {
  s3 = await serveS3()
  s3.bucket(BUCKET, VERSIONED)
  objects = s3Objects({ bucket: BUCKET, client: s3.client })
  trap = createServer((socket) => {
    connections++
    socket.destroy()
  })
  await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
  const address = trap.address()
  if (address === null || typeof address === 'string') throw new Error('the trap has no port')
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'))
  const secret = join(folder, 'secret.txt')
  writeFileSync(secret, SECRET)
  place = { folder, secret, secretFilm: join(folder, 'secret.mp4'), trap: `http://127.0.0.1:${address.port}` }
  const names = [...new Set(Object.values(STEPS).flat())]
  for (const step of await Promise.all(names.map((name) => startConsumer(name, s3, BUCKET)))) steps.set(step.name, step)
})

afterAll(async () => {
  if (process.env['HOSTILE_TABLE']) process.stderr.write(`${measured.join('\n')}\n`)
  await Promise.all([...steps.values()].map((step) => step.stop()))
  await s3.close()
  await new Promise((resolve) => trap.close(resolve))
  rmSync(place.folder, { recursive: true })
})

interface Outcome {
  readonly handled: ReadonlyMap<string, Handled>
  /** What was stored, by its key. */
  readonly outputs: ReadonlyMap<string, Uint8Array>
}

let rows = 0

/** Every step of the kind over the same bytes, at the same time, as in the product. */
async function handle(kind: HostileKind, name: string, bytes: Uint8Array): Promise<Outcome> {
  const mediaId = derivedId({ cause: `${kind} ${name} ${++rows}`, by: 'hostile', variant: '', run: '0.0' })
  const folder = kind === 'voice' ? 'voice' : `${kind}s`
  const original = await objects.put(`${folder}/original/${mediaId}`, bytes, { contentType: 'image/jpeg' })
  const data = { mediaId, kind, contentType: 'image/jpeg', object: original }
  const handled = await Promise.all(
    STEPS[kind].map(async (step) => {
      const event = step === 'compress-video' ? given(mediaId) : { type: 'MediaUploaded.v1', data }
      const answer = await processOf(step).handle({ ...event, original })
      return [step, answer] as const
    }),
  )
  const stored = await objects.list(`${folder}/`)
  const outputs = stored.filter(({ key }) => key.includes(mediaId) && key !== original.key)
  return {
    handled: new Map(handled),
    outputs: new Map(
      await Promise.all(outputs.map(async (object) => [object.key, await objects.read(object, 1e9)] as const)),
    ),
  }
}

/** What the transcoder says of what it can't use: then the single files are made of the original itself. */
const given = (mediaId: string) => ({
  type: 'TranscodeFailed.v1',
  data: { mediaId, kind: 'video', jobId: '1', attempt: mediaId, code: '1', message: 'It can not be done.' },
})

function processOf(step: string): ConsumerProcess {
  const found = steps.get(step)
  if (!found) throw new Error(`${step} was not started`)
  return found
}

/** What holds whatever the answer is. */
function assertHarmless(outcome: Outcome): void {
  for (const [step, { outcome: told, seconds, cpuSeconds: spent, peakMb }] of outcome.handled) {
    const { resources, scratch, said } = processOf(step)
    measured.push(
      [
        expect.getState().currentTestName,
        step,
        summaryOf(told),
        `${spent.toFixed(2)} s`,
        `${Math.round(peakMb)} MB`,
      ].join(' | '),
    )
    if (told.kind === 'thrown') throw new Error(`${step} threw ${told.message}`)
    expect({ step, says: JSON.stringify(told) }).toEqual({ step, says: expect.not.stringContaining(SECRET) })
    expect({ step, tookTooLong: seconds > resources.timeoutSeconds || spent > CPU_SECONDS, spent }).toMatchObject({
      step,
      tookTooLong: false,
    })
    expect({ step, heldTooMuch: peakMb > resources.memoryMb, peakMb }).toMatchObject({
      step,
      heldTooMuch: false,
    })
    expect({ step, left: readdirSync(scratch) }).toEqual({ step, left: [] })
    expect(said()).not.toContain(SECRET)
  }
  for (const bytes of outcome.outputs.values()) expect(Buffer.from(bytes).includes(SECRET)).toBe(false)
  expect(connections).toBe(0)
}

/** For whoever asks by HOSTILE_TABLE=1: what each step answered, its CPU time and its peak memory. */
const measured: string[] = []

const summaryOf = (told: Told) => ('code' in told ? `${told.kind}: ${told.code}` : told.kind)

/** The codes of all refusals, and sentences for people. */
function refusalsOf({ handled }: Outcome): string[] {
  const codes = new Set<string>()
  for (const { outcome } of handled.values()) {
    if (outcome.kind === 'failed') throw new Error(`failed: ${outcome.code}, ${outcome.message}`)
    if (outcome.kind !== 'rejected') continue
    expect(outcome.message).toMatch(/^[A-Z].*[.]$/s)
    codes.add(outcome.code)
  }
  return [...codes].sort()
}

interface Expected {
  readonly name: string
  /** Or the code of the refusal. */
  readonly answer: string
  readonly says?: string
}

async function holdsPicture({ name, answer, says = '' }: Expected, bytes: Uint8Array): Promise<void> {
  const outcome = await handle('image', name, bytes)
  assertHarmless(outcome)
  if (answer === 'rendered' || answer === 'ready') {
    expect(refusalsOf(outcome)).toEqual([])
    expect(outcome.outputs.size).toBe(5)
    for (const bytes of outcome.outputs.values()) assertNoMetadata(bytes)
    return
  }
  expect(refusalsOf(outcome)).toEqual([answer])
  const told = [...outcome.handled.values()].flatMap(({ outcome }) =>
    outcome.kind === 'rejected' ? [outcome.message] : [],
  )
  expect(told).toContainEqual(expect.stringContaining(says))
  expect(outcome.outputs.size).toBe(0)
}

describe('a photo that is', () => {
  it.each(HOSTILE_PICTURES)('$name', async (row) => {
    await holdsPicture(row, await row.make())
  })
})

describeWithFfmpeg('a HEIC that', () => {
  it.each(HOSTILE_HEICS)('$name', async (row) => {
    await holdsPicture(row, await row.make(place))
  })
})

async function holds(kind: 'video' | 'voice', { name, answer, make }: HostileFile): Promise<Outcome> {
  const outcome = await handle(kind, name, await make(place))
  assertHarmless(outcome)
  expect(refusalsOf(outcome)).toEqual(answer === 'ready' ? [] : [answer])
  if (answer === 'ready') {
    expect(outcome.outputs.size).toBeGreaterThan(0)
    for (const bytes of outcome.outputs.values()) {
      expect(bytes.length).toBeGreaterThan(0)
      expect(Buffer.from(bytes).includes('+48.8584')).toBe(false)
    }
  } else expect(outcome.outputs.size).toBe(0)
  return outcome
}

describeWithFfmpeg('a video that is', () => {
  beforeAll(() => {
    make(
      place.secretFilm,
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=96x64:r=30:d=1',
      '-c:v',
      'libx264',
      '-metadata',
      `title=${SECRET}`,
    )
  })
  it.each(HOSTILE_FILMS)('$name', async (row) => {
    await holds('video', row)
  })
})

describeWithFfmpeg('a voice note that is', () => {
  it.each(HOSTILE_RECORDINGS)('$name', async (row) => {
    await holds('voice', row)
  })
})

describe('a file that is', () => {
  it.each(HOSTILE_FILES.map(([name, ...row]) => ({ name, row })))('$name', async ({ name, row }) => {
    const [make, [format, contentType, disposition], previews = 0] = row
    const outcome = await handle('file', name, make(place))
    assertHarmless(outcome)
    expect(refusalsOf(outcome)).toEqual([])
    const told = outcome.handled.get('process-file')?.outcome
    const [event] = told?.kind === 'emitted' ? told.events : []
    expect(event?.data as FileProcessedV1Data).toMatchObject({ format, contentType, disposition })
    expect(outcome.outputs.size).toBe(previews)
  })
})

it('no test file of a scanner stands in this repository', () => {
  for (const file of readdirSync(join(import.meta.dirname, '../fixtures'))) {
    expect(readFileSync(join(import.meta.dirname, '../fixtures', file), 'latin1')).not.toContain(EICAR)
  }
})
