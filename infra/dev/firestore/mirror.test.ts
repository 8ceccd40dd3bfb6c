import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeFields } from '../../../ports/read-model/firestore-values.ts'
import { mirrorTo } from './mirror.ts'
import { type LocalFirestore, startFirestore } from './server.ts'

const NAME = 'projects/demo/databases/(default)/documents/media'
let source: LocalFirestore
let copy: LocalFirestore
const folders: string[] = []

beforeEach(async () => {
  const start = () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'mirror-'))
    folders.push(dataDir)
    return startFirestore({ dataDir, now: Date.now })
  }
  ;[source, copy] = [await start(), await start()]
})
afterEach(async () => {
  await source.stop()
  await copy.stop()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

const put = (id: string, n: number) =>
  source.documents.commit([{ update: { name: `${NAME}/${id}`, fields: encodeFields({ n }) } }])
const copied = (id: string) => copy.documents.get(`${NAME}/${id}`)?.fields
const until = async (done: () => boolean) => {
  for (let tries = 0; tries < 200 && !done(); tries++) await new Promise((resolve) => setTimeout(resolve, 10))
}

it('copies what is there, then what changes, deletions too, the last state last', async () => {
  for (let id = 0; id < 600; id++) put(`old-${id}`, id)
  const mirror = mirrorTo(copy.host, source.documents, () => {})
  await mirror.seeded
  expect(copied('old-599')).toEqual(encodeFields({ n: 599 }))
  for (let n = 0; n < 20; n++) put('new', n)
  source.documents.commit([{ delete: `${NAME}/old-0` }])
  await until(() => copied('old-0') === undefined)
  expect(copied('new')).toEqual(encodeFields({ n: 19 }))
  expect(copied('old-0')).toBeUndefined()
  await mirror.stop()
})

it('says that the copy can’t be reached, and goes on', async () => {
  put('one', 1)
  const problems: string[] = []
  const mirror = mirrorTo('127.0.0.1:1', source.documents, (problem) => problems.push(problem))
  await until(() => problems.length > 0)
  expect(problems[0]).toContain('127.0.0.1:1')
  await mirror.stop()
})
