import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { DeclarationError, discover } from './discover.ts'

const ROOT = resolve(import.meta.dirname, '../..')

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'messageai-declarations-'))
})
afterEach(() => {
  rmSync(root, { recursive: true })
})

const CONSUMER = {
  name: 'weigh-photo',
  description: 'Weighs a photo.',
  on: [{ detailType: 'MediaUploaded.v1' }],
  emits: [{ detailType: 'PhotoWeighed.v1' }],
  requiredFor: [],
  resources: { memoryMb: 256, timeoutSeconds: 10, batchSize: 1, concurrency: 2 },
  needs: ['objects'],
  objectAccess: { reads: ['images/original/'] },
}
const PRODUCER = {
  name: 'uploads',
  description: 'Hears of uploads.',
  trigger: { kind: 'object-created', prefixes: ['images/original/'], batchSize: 10, concurrency: 2 },
  emits: [],
  resources: { memoryMb: 256, timeoutSeconds: 10 },
  access: {},
}

function write(path: string, text: string): void {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

function writeConsumer(declaration: Partial<typeof CONSUMER> & Record<string, unknown>, folder?: string): void {
  const data = JSON.stringify({ ...CONSUMER, ...declaration })
  const handle = 'handle' in declaration ? '' : ', async handle() {}'
  write(
    `consumers/${folder ?? declaration.name ?? CONSUMER.name}/consumer.ts`,
    `export const consumer = { ...${data}${handle} }\n`,
  )
}

function writeProducer(declaration: Record<string, unknown>): void {
  const whole = { ...PRODUCER, ...declaration }
  write(`producers/${whole.name}/producer.ts`, `export const producer = ${JSON.stringify(whole)}\n`)
  write(`producers/${whole.name}/handler.ts`, 'export const handler = async () => {}\n')
}

async function problems(): Promise<readonly string[]> {
  try {
    await discover(root)
    return []
  } catch (error) {
    if (error instanceof DeclarationError) return error.problems
    throw error
  }
}

test('consumers and producers are found by their folder, with the file that declares them', async () => {
  writeConsumer({})
  writeProducer({})
  const { consumers, producers } = await discover(root)
  expect(consumers).toEqual([
    { declaration: expect.objectContaining(CONSUMER), file: join(root, 'consumers/weigh-photo/consumer.ts') },
  ])
  expect(producers).toEqual([{ declaration: PRODUCER, file: join(root, 'producers/uploads/producer.ts') }])
})

test.each<[string, Record<string, unknown>, string]>([
  ['a name that is no <verb-noun>', { name: 'photo' }, '<verb-noun>'],
  ['no handler', { handle: undefined }, '`handle` is missing'],
  ['no event to react to', { on: [] }, '`on` names no event'],
  ['a FIFO queue', { fifo: true }, '`fifo` means nothing here'],
  ['one invocation at a time', { resources: { ...CONSUMER.resources, concurrency: 1 } }, 'from 2 to 1000'],
  ['more memory than there is', { resources: { ...CONSUMER.resources, memoryMb: 20_000 } }, 'from 128 to 10240'],
  ['a port that is none', { needs: ['objects', 'telepathy'] }, 'ports to ask for: objects, images'],
  ['objects without the port', { needs: [] }, '`needs` has no "objects"'],
  ['a prefix with a wildcard', { objectAccess: { reads: ['images/*'] } }, 'it looks like images/original/'],
  ['programs and no time to end them', { needs: ['objects', 'video'] }, 'video has 30 at least'],
  ['an event that it says itself', { emits: CONSUMER.on }, 'it would never end'],
])('a consumer with %s is refused', async (_, change, problem) => {
  writeConsumer(change)
  expect(await problems()).toEqual([expect.stringContaining(problem)])
})

test.each<[string, readonly string[]]>([
  ['may react to what another step says of itself', ['cut-video']],
  ['may not, where its own is among them', ['cut-video', 'weigh-photo']],
])('a consumer %s', async (_, step) => {
  const [contract] = CONSUMER.on
  writeConsumer({ on: [{ contract, conditions: { step } }], emits: CONSUMER.on } as never)
  expect(await problems()).toHaveLength(step.length - 1)
})

test('a declaration lies in the folder of its name', async () => {
  writeConsumer({ name: 'weigh-photo' }, 'weigh-video')
  expect(await problems()).toEqual([
    'consumers/weigh-video/consumer.ts: its name is "weigh-photo"; it must be its folder\'s, "weigh-video"',
  ])
})

test('a file that exports no declaration is named', async () => {
  write('consumers/weigh-photo/consumer.ts', 'export const weighPhoto = {}\n')
  expect(await problems()).toEqual(['consumers/weigh-photo/consumer.ts: exports no `consumer`'])
})

test('a consumer and a producer cannot have one name', async () => {
  writeConsumer({})
  writeProducer({ name: 'weigh-photo' })
  expect(await problems()).toEqual([expect.stringContaining('"weigh-photo" is declared twice')])
})

test('a producer without a handler is named', async () => {
  writeProducer({})
  rmSync(join(root, 'producers/uploads/handler.ts'))
  expect(await problems()).toEqual(['producers/uploads/handler.ts: is missing; it exports `handler`'])
})

test('a consumer that writes where uploads arrive would trigger itself for ever, and is refused', async () => {
  writeConsumer({ objectAccess: { writes: ['images/'] } } as never)
  writeProducer({})
  expect(await problems()).toEqual([expect.stringContaining('derivatives would trigger uploads')])
})

test('routes need an authorizer, and one answer each', async () => {
  const trigger = { kind: 'api', method: 'GET', path: '/media/{id}' }
  writeProducer({ name: 'get-media', trigger })
  writeProducer({ name: 'show-media', trigger })
  expect(await problems()).toEqual([
    'GET /media/{id} is answered by two producers',
    'the API has routes and no authorizer',
  ])
})

test('all problems of all files are told at once', async () => {
  writeConsumer({ name: 'photo', needs: ['telepathy'], objectAccess: {} } as never)
  writeProducer({ trigger: { kind: 'kafka' } })
  expect(await problems()).toHaveLength(3)
})

test("reading the repository's declarations loads no decoder, no SDK and no client of Google's", async () => {
  const script = `
    import { registerHooks } from 'node:module'
    const packages = new Set()
    registerHooks({
      load(url, context, next) {
        const name = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1]
        if (name) packages.add(name)
        return next(url, context)
      },
    })
    const { discover } = await import(${JSON.stringify(join(ROOT, 'infra/build/discover.ts'))})
    const { consumers } = await discover(${JSON.stringify(ROOT)})
    console.log(JSON.stringify({ consumers: consumers.length, packages: [...packages] }))
  `
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
  const { consumers, packages }: { consumers: number; packages: string[] } = JSON.parse(stdout)
  expect(consumers).toBeGreaterThan(0)
  expect(
    packages.filter((name) => /^(sharp|@img|@aws-sdk|@smithy|firebase|google|@google|aws-cdk)/.test(name)),
  ).toEqual([])
})

test('code that can’t be read is named once with its line, and what is not made yet with how to make it', async () => {
  write('package.json', '{ "type": "module" }')
  write('contracts/generated/events.ts', 'export const Known = 1\n')
  write('contracts/broken.ts', 'export const fine = 1\n<<<<<<< HEAD\n')
  for (const name of ['one', 'two'])
    write(`consumers/${name}/consumer.ts`, "import { fine } from '../../contracts/broken.ts'\nconsole.log(fine)\n")
  write('consumers/three/consumer.ts', "import { Missing } from '../../contracts/generated/events.ts'\nMissing()\n")

  const script = `import { discover } from ${JSON.stringify(join(ROOT, 'infra/build/discover.ts'))}
await discover(${JSON.stringify(root)}).catch(({ problems }) => console.log(JSON.stringify(problems)))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
  const [broken, missing, ...others]: string[] = JSON.parse(stdout)
  expect(broken).toMatch(/^contracts\/broken\.ts:2: ./)
  expect(missing).toMatch(/^consumers\/three\/consumer\.ts:1: .*'Missing': npm run contracts makes it of its schema$/)
  expect(others).toEqual([])
})
