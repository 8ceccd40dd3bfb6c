import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeFields } from '../../ports/read-model/firestore-values.ts'
import type { Data } from '../../ports/read-model/read-model.ts'
import type { Client, Refused } from './client.ts'
import type { Change } from './firestore/documents.ts'
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
    atWorkOn: () => [],
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

it('a step that comes to its end after the media is ready is waited for, and is in what is told', async () => {
  const name = 'projects/p/databases/(default)/documents/media/m'
  const done = { outcome: 'succeeded', time: '2026-03-01T10:00:05.000Z' }
  const media = (steps: object) => ({ mediaId: 'm', kind: 'image', life: 0, object: {}, required: ['make'], steps })
  const early = encodeFields(media({ make: { '0.0': done } }) as unknown as Data)
  const late = encodeFields(media({ make: { '0.0': done }, notify: { '0.0': done } }) as unknown as Data)
  let changed = (_changes: readonly Change[]): void => {}
  let heard = (_detailType: string): void => {}
  let asked = 0

  const way = travel({
    reserve: async () => ({ ok: true, mediaId: 'm', upload: { url: '', fields: {} } }),
    upload: async () => {
      changed([{ name, fields: early }])
      return undefined
    },
    media: async () => ({ mediaId: 'm', kind: 'image', status: 'ready', thumbnails: [], variants: [] }),
  })
  const result = await send(file, {
    ...way,
    documents: {
      ...way.documents,
      get: () => ({ name, fields: late, createTime: '', updateTime: '' }),
      onChange: (listener) => {
        changed = listener
        return () => {}
      },
    },
    onEvent: (_mediaId, listener) => {
      heard = listener
      return () => {}
    },
    atWorkOn: () => {
      if (++asked === 3) heard('Notified.v1')
      return asked < 3 ? ['notify'] : []
    },
  })

  expect(result).toMatchObject({ status: 'ready', events: ['Notified.v1'] })
  expect(result.document).toEqual(media({ make: { '0.0': done }, notify: { '0.0': done } }))
  expect(result).not.toHaveProperty('unfinished')
})

it('an empty file is rejected before anything is reserved for it', async () => {
  writeFileSync(file, '')
  expect(await send(file, travel({}))).toMatchObject({
    mediaId: null,
    status: 'rejected',
    reason: expect.stringContaining('empty'),
  })
})
