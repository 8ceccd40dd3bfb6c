import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fixtureFolder } from '../ffmpeg/for-test.ts'
import { confinedThread } from './confined.ts'

const folder = fixtureFolder()
const elsewhere = fixtureFolder()

/** What each attempt of a thread came to: `done`, or the code of its error. */
const ATTEMPTS = `
const { readFileSync, writeFileSync } = require('node:fs')
const { parentPort, workerData, Worker } = require('node:worker_threads')
const tried = (attempt) => { try { attempt(); return 'done' } catch (error) { return error.code } }
parentPort.postMessage({
  readsItsFolder: tried(() => readFileSync(__filename)),
  readsElsewhere: tried(() => readFileSync(workerData.secret)),
  readsTheEnvironment: tried(() => readFileSync('/proc/self/environ')),
  writes: tried(() => writeFileSync(workerData.target, '')),
  startsAProgram: tried(() => require('node:child_process').spawnSync('true')),
  startsAThread: tried(() => new Worker('', { eval: true })),
  loadsNativeCode: tried(() => process.dlopen({ exports: {} }, workerData.secret)),
  variables: Object.keys(process.env).length,
})`

it('a thread for strangers’ bytes reads its code and nothing else, writes nothing and starts nothing', async () => {
  const [file, target, secret] = [join(folder, 'thread.cjs'), join(folder, 'target'), join(elsewhere, 'secret')]
  writeFileSync(file, ATTEMPTS)
  writeFileSync(secret, 'nobody else should know')
  const thread = confinedThread(file, { workerData: { secret, target } })
  const [answer] = await once(thread, 'message')
  await thread.terminate()
  expect(answer).toEqual({
    readsItsFolder: 'done',
    readsElsewhere: 'ERR_ACCESS_DENIED',
    readsTheEnvironment: 'ERR_ACCESS_DENIED',
    writes: 'ERR_ACCESS_DENIED',
    startsAProgram: 'ERR_ACCESS_DENIED',
    startsAThread: 'ERR_ACCESS_DENIED',
    loadsNativeCode: 'ERR_DLOPEN_DISABLED',
    variables: 0,
  })
  expect(existsSync(target)).toBe(false)
  // Whoever started it can do what they could.
  expect(readFileSync(secret, 'utf8')).toBe('nobody else should know')
})

it('prints nowhere, and keeps no process alive while it is idle', () => {
  const file = join(folder, 'printing.cjs')
  const print = `for (let line = 0; line < 1_000; line++) { console.log('x'.repeat(1_000)); console.error('y') }`
  writeFileSync(
    file,
    `${print}\nrequire('node:worker_threads').parentPort.on('message', () => {}).postMessage('ready')`,
  )
  const starter = `
    import { confinedThread } from ${JSON.stringify(join(import.meta.dirname, 'confined.ts'))}
    const thread = confinedThread(${JSON.stringify(file)}, {})
    thread.once('message', () => { thread.unref(); console.log('idle') })`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', starter], {
    encoding: 'utf8',
    timeout: 20_000,
  })
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'idle\n', stderr: '' })
})
