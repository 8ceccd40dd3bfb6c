import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { firestoreReadModel } from '../../../ports/read-model/firestore-read-model.ts'
import { describeReadModel } from '../../../ports/read-model/read-model.suite.ts'
import { type LocalFirestore, startFirestore } from './server.ts'

const folders: string[] = []
const running: LocalFirestore[] = []
const start = async (dataDir: string) => {
  const firestore = await startFirestore({ dataDir, now: Date.now })
  running.push(firestore)
  return firestore
}
const folder = () => {
  const made = mkdtempSync(join(tmpdir(), 'firestore-'))
  folders.push(made)
  return made
}

afterAll(async () => {
  for (const firestore of running) await firestore.stop()
  for (const made of folders) rmSync(made, { recursive: true })
})

describeReadModel('Firestore’s client library against the local Firestore', async () => {
  const { host } = await start(folder())
  return firestoreReadModel({ projectId: 'demo-local', emulatorHost: host })
})

it('keeps what it answered when it is started again', async () => {
  const dataDir = folder()
  const first = await start(dataDir)
  await firestoreReadModel({ projectId: 'demo-local', emulatorHost: first.host }).commit([
    { kind: 'create', path: 'media/1', data: { n: 1 } },
  ])
  await first.stop()
  running.splice(running.indexOf(first), 1)
  const second = await start(dataDir)
  const [found] = await firestoreReadModel({ projectId: 'demo-local', emulatorHost: second.host }).get(['media/1'])
  expect(found?.data).toEqual({ n: 1 })
})

it('refuses what it does not run, by name', async () => {
  const { host } = await start(folder())
  const answer = await fetch(`http://${host}/v1/projects/p/databases/(default)/documents:beginTransaction`, {
    method: 'POST',
    body: '{}',
  })
  expect(answer.status).toBe(501)
  expect(await answer.text()).toContain('official emulator')
})
