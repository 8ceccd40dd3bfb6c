import fc from 'fast-check'
import { fold, isDeleted, winningRun } from './fold.ts'
import type { MediaDocument } from './generated/documents.ts'
import type { StepRun } from './generated/shapes.ts'

const REQUIRED = ['extract-metadata', 'generate-thumbnail', 'optimize-image']

const step = (outcome: StepRun['outcome'], extra: Partial<StepRun> = {}): StepRun => ({
  outcome,
  time: '2026-03-01T10:00:05.000Z',
  ...(outcome !== 'succeeded' && { code: `${outcome}-code`, message: `${outcome}.` }),
  ...extra,
})

const media = (fields: Partial<MediaDocument> = {}): MediaDocument => ({
  version: '1.0',
  mediaId: '5f0c6a52-0b57-5d3c-9a3f-2f1a5d0c7e11',
  ownerId: 'owner',
  conversationId: 'c',
  kind: 'image',
  declared: { contentType: 'image/jpeg', bytes: 1 },
  reservedAt: '2026-03-01T10:00:00.000Z',
  expiresAt: '2026-03-01T10:10:00.000Z',
  life: 0,
  retry: 0,
  steps: {},
  ...fields,
})

const object = { bucket: 'b', key: 'k', versionId: 'v', etag: 'e', bytes: 1 }
const uploaded = (steps: MediaDocument['steps'], fields: Partial<MediaDocument> = {}) =>
  media({ object, required: REQUIRED, steps, ...fields })
const allDone = Object.fromEntries(REQUIRED.map((name) => [name, { '0.0': step('succeeded') }]))

it.each<[string, MediaDocument, string]>([
  ['a fresh reservation', media(), 'reserved'],
  ['a reservation that nobody used', media({ expired: true }), 'expired'],
  ['bytes that came after all', uploaded({}, { expired: true }), 'processing'],
  ['some steps done', uploaded({ 'extract-metadata': { '0.0': step('succeeded') } }), 'processing'],
  ['all required steps done', uploaded(allDone), 'ready'],
  [
    'a step that is not required and failed',
    uploaded({ ...allDone, 'moderate-content': { '0.0': step('failed') } }),
    'ready',
  ],
  [
    'a required step that was given up',
    uploaded({ ...allDone, 'optimize-image': { '0.0': step('failed') } }),
    'failed',
  ],
  ['a file at fault', uploaded({ ...allDone, 'optimize-image': { '0.0': step('rejected') } }), 'rejected'],
  ['a deleted media', uploaded(allDone, { life: 1 }), 'deleted'],
  ['a restored media', uploaded(allDone, { life: 2 }), 'ready'],
  ['a purged media', uploaded(allDone, { life: 1, purged: true }), 'purged'],
  ['bytes without a list of what they need', media({ object }), 'processing'],
])('takes %s for what it is', (_, document, status) => {
  expect(fold(document).status).toBe(status)
})

it('lets the highest run with a verdict count: a failure after a success takes nothing back', () => {
  expect(winningRun({ '0.0': step('succeeded'), '1.0': step('failed') })?.run).toBe('0.0')
  expect(winningRun({ '0.0': step('failed'), '0.1': step('succeeded') })?.run).toBe('0.1')
  expect(winningRun({ '0.9': step('succeeded'), '0.10': step('rejected') })?.run).toBe('0.10')
  expect(winningRun({ '9.0': step('succeeded'), '10.0': step('succeeded') })?.run).toBe('10.0')
  expect(winningRun({})).toBeUndefined()
})

it('has failed where the last retry has, whatever forced replays failed before it', () => {
  const failing = { ...allDone, 'optimize-image': { '1.0': step('failed'), '0.1': step('failed') } }
  expect(fold(uploaded(failing, { retry: 1 })).status).toBe('failed')
  expect(fold(uploaded({ ...allDone, 'optimize-image': { '1.0': step('failed') } }, { retry: 1 })).status).toBe(
    'processing',
  )
})

it('tells why, by the step that found it', () => {
  const view = fold(uploaded({ 'generate-thumbnail': { '0.0': step('rejected') } }))
  expect(view.reason).toEqual({ step: 'generate-thumbnail', code: 'rejected-code', message: 'rejected.' })
  expect(fold(uploaded(allDone)).reason).toBeUndefined()
})

it('takes an odd count of deletes and restores for deleted', () => {
  expect([0, 1, 2, 3].map((life) => isDeleted({ life }))).toEqual([false, true, false, true])
  expect(isDeleted({ life: 0, purged: true })).toBe(true)
})

/** Writing to a step's field, as a commit does. */
interface Written {
  readonly name: string
  readonly run: string
  readonly result: StepRun
}
const write = (document: MediaDocument, { name, run, result }: Written): MediaDocument => ({
  ...document,
  steps: { ...document.steps, [name]: { ...document.steps[name], [run]: result } },
})
const written = fc.record({
  name: fc.constantFrom(...REQUIRED),
  run: fc.constantFrom('0.0', '0.1', '1.0'),
  result: fc.constantFrom(step('succeeded'), step('rejected'), step('failed')),
})

it('gives the same view for every order of the same writes', () => {
  const onePerRun = fc.uniqueArray(written, { maxLength: 7, selector: ({ name, run }) => `${name}@${run}` })
  const orders = onePerRun.chain((writes) =>
    fc.tuple(fc.constant(writes), fc.shuffledSubarray(writes, { minLength: writes.length })),
  )
  fc.assert(
    fc.property(orders, ([writes, shuffled]) => {
      expect(fold(shuffled.reduce(write, uploaded({})))).toEqual(fold(writes.reduce(write, uploaded({}))))
    }),
    { numRuns: 300, seed: 7 },
  )
})

it('never takes a status back while steps write their first run', () => {
  const rank = ['processing', 'failed', 'ready', 'rejected']
  const firstRuns = fc.uniqueArray(
    written.map((one) => ({ ...one, run: '0.0' })),
    { selector: ({ name }) => name },
  )
  fc.assert(
    fc.property(firstRuns, (writes) => {
      let document = uploaded({})
      let last = rank.indexOf(fold(document).status)
      for (const one of writes) {
        document = write(document, one)
        const now = rank.indexOf(fold(document).status)
        expect(now).toBeGreaterThanOrEqual(last)
        last = now
      }
    }),
    { numRuns: 200, seed: 7 },
  )
})

describe('what guards a media', () => {
  const checked = (steps: MediaDocument['steps'], fields: Partial<MediaDocument> = {}) =>
    uploaded(steps, { required: [...REQUIRED, 'scan-malware', 'moderate-content'], ...fields })
  const clean = { 'scan-malware': { '0.0': step('succeeded') } }
  const blocked = { 'moderate-content': { '0.0': step('rejected', { code: 'not-allowed' }) } }
  const override = (verdict: string, versionId = 'v') => ({ verdict, versionId, time: '2026-03-01T11:00:00.000Z' })

  it.each<[string, MediaDocument, boolean]>([
    ['nothing is there yet', media({ required: [] }), false],
    ['nothing was asked for', uploaded({}), true],
    ['one check is still open', checked(clean), false],
    ['every check has passed', checked({ ...clean, 'moderate-content': { '0.0': step('succeeded') } }), true],
    ['a check has failed', checked({ ...clean, 'moderate-content': { '0.0': step('failed') } }), false],
    ['a check has refused it', checked({ ...clean, ...blocked }), false],
    ['nobody wrote down what was asked for', media({ object, steps: allDone }), false],
    ['a check is open that this build has no name for', uploaded(clean, { required: ['check-of-tomorrow'] }), false],
    [
      'that check has passed',
      uploaded({ 'check-of-tomorrow': { '0.0': step('succeeded') } }, { required: ['check-of-tomorrow'] }),
      true,
    ],
    [
      'a check passed, and a forced replay of it failed after it',
      checked({
        'scan-malware': { '0.0': step('succeeded'), '1.0': step('failed') },
        'moderate-content': { '0.0': step('succeeded') },
      }),
      true,
    ],
    [
      'a step that makes something found it damaged',
      uploaded({ 'optimize-image': { '0.0': step('rejected') } }),
      false,
    ],
    [
      'a moderator blocked what nobody else had to judge',
      uploaded(allDone, { overrides: { 1: override('blocked') } }),
      false,
    ],
    ['a moderator approved other bytes', checked(clean, { overrides: { 1: override('approved', 'other') } }), false],
    ['it was deleted', uploaded(allDone, { life: 1 }), false],
    ['it was restored', uploaded(allDone, { life: 2 }), true],
  ])('shows nothing before it has passed: %s', (_, document, cleared) => {
    expect(fold(document).cleared).toBe(cleared)
  })

  it('gives way to a moderator, for the bytes that were looked at; the last decision counts', () => {
    const steps = { ...allDone, ...clean, ...blocked }
    expect(fold(checked(steps)).status).toBe('rejected')
    expect(fold(checked(steps, { overrides: { 1: override('approved') } }))).toMatchObject({
      status: 'ready',
      cleared: true,
      moderation: { verdict: 'approved' },
    })
    expect(fold(checked(steps, { overrides: { 1: override('approved', 'other') } })).status).toBe('rejected')
    const twice = { 2: override('blocked'), 10: override('approved') }
    expect(fold(checked(steps, { overrides: twice })).status).toBe('ready')
    expect(fold(checked({ ...allDone, ...clean }, { overrides: { 1: override('blocked') } }))).toMatchObject({
      status: 'rejected',
      reason: { code: 'not-allowed' },
    })
  })
})

it('tells how far long work has come by the highest tenth that anybody reached', () => {
  const time = '2026-03-01T10:00:05.000Z'
  expect(fold(uploaded({})).progress).toBeUndefined()
  const progress = { a: { p10: time, p40: time, p20: time }, b: { p30: time } }
  expect(fold(uploaded({}, { progress })).progress).toBe(40)
})

it('lists every single-file form of a video, best first, whichever step made it', () => {
  const form = (name: string, height: number) => ({
    name,
    contentType: 'video/mp4',
    width: 2 * height,
    height,
    durationMs: 1000,
    bitsPerSecond: height,
    object,
  })
  const steps = {
    'compress-video': { '0.0': step('succeeded', { videos: [form('360p', 360), form('720p', 720)] }) },
    'remux-video': { '0.0': step('succeeded', { videos: [form('source', 1080)] }) },
  }
  expect(fold(uploaded(steps)).videos.map(({ name }) => name)).toEqual(['source', '720p', '360p'])
})
