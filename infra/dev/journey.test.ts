import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client, Refused } from './client.ts'
import { send, type Travel } from './journey.ts'

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journey-'))
  file = join(folder, 'photo.jpg')
  writeFileSync(file, 'some bytes')
})
afterEach(() => rmSync(folder, { recursive: true }))

const refusal = (status: number): Refused => ({ ok: false, status, code: 'code', reason: `because of ${status}` })

/** A way that ends at the API, or at the storage. */
function travel(client: Partial<Client>): Travel {
  const unused = () => Promise.reject(new Error('not asked for'))
  return {
    client: { reserve: unused, upload: unused, media: unused, ...client },
    documents: {
      get: () => undefined,
      commit: () => '',
      upTo: () => [],
      all: () => [],
      onChange: () => () => {},
    },
    pick: async (path) => ({ kind: 'image', contentType: 'image/jpeg', bytes: statSync(path).size }),
    onEvent: () => () => {},
    outDir: folder,
    now: () => 0,
    onSighting: () => {},
  }
}

it.each([
  [413, 'rejected'],
  [415, 'rejected'],
  [429, 'failed'],
  [500, 'failed'],
  [503, 'failed'],
])('a refusal with %i is told as %s', async (status, expected) => {
  const reservation = { ok: true, mediaId: 'm', upload: { url: '', fields: {} } } as const

  const byApi = await send(file, travel({ reserve: async () => refusal(status) }))
  const byStorage = await send(file, travel({ reserve: async () => reservation, upload: async () => refusal(status) }))

  expect(byApi).toMatchObject({ mediaId: null, status: expected, reason: `because of ${status}`, variants: [] })
  expect(byStorage).toMatchObject({ mediaId: 'm', status: expected, reason: `because of ${status}`, variants: [] })
})

it('an empty file is rejected before anything is reserved for it', async () => {
  writeFileSync(file, '')
  expect(await send(file, travel({}))).toMatchObject({
    mediaId: null,
    status: 'rejected',
    reason: expect.stringContaining('empty'),
  })
})
