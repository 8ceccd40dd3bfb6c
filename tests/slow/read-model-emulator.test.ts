import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findEmulator, type RunningEmulator, startEmulator } from '../../infra/dev/firestore/emulator.ts'
import { firestoreReadModel } from '../../ports/read-model/firestore-read-model.ts'
import { describeReadModel } from '../../ports/read-model/read-model.suite.ts'
import { MAIN, run, said } from '../program.ts'

const source = findEmulator(process.env)

if (source.kind === 'missing') {
  console.warn(`skipped: the read model against the official Firestore emulator: ${source.reason}`)
  describe.skip('the official Firestore emulator', () => {
    it('is not on this machine', () => {})
  })
} else {
  let emulator: RunningEmulator | undefined
  afterAll(async () => emulator?.stop())

  describeReadModel('Firestore’s official emulator', async () => {
    // One that runs already may hold documents: a project of our own is empty.
    const projectId = `demo-${randomUUID()}`
    emulator = await startEmulator(source, projectId)
    return firestoreReadModel({ projectId, emulatorHost: emulator.host })
  })

  it('has a copy of what npm start did, for apps to listen to', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'listen-'))
    const program = run([...MAIN, '--data', dataDir, '--port', '0'])
    try {
      await said(program, 'apps can listen to Firestore at ')
      const { firestoreHost, projectId } = JSON.parse(readFileSync(join(dataDir, 'local.json'), 'utf8'))
      const listening = firestoreReadModel({ projectId, emulatorHost: firestoreHost })
      const [conversation] = await listening.get(['conversations/local-conversation'])
      expect(conversation?.data).toEqual({ memberIds: ['local-user'] })
      const due = { collection: 'media', field: 'reservedAt', atMost: '9', limit: 100 }
      expect((await listening.query(due)).length).toBeGreaterThan(0)
    } finally {
      program.signal('SIGTERM')
      await program.ended
      rmSync(dataDir, { recursive: true })
    }
  })
}
