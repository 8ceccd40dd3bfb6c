import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fixtureFolder } from '../ffmpeg/for-test.ts'
import { BrokenThread, inThread, SilentThread } from './in-thread.ts'
import { TooCostly } from './too-costly.ts'

describe('a task in a thread', () => {
  const folder = fixtureFolder()
  let files = 0
  const threadOf = (code: string) => {
    const file = join(folder, `thread-${files++}.cjs`)
    writeFileSync(file, `const { parentPort, workerData } = require('node:worker_threads')\n${code}`)
    return file
  }
  const first = (message: string) => message
  const done = (code: string) => inThread(threadOf(code), {}, 10, first)

  it('is given what it needs, and heard until its answer', async () => {
    const heard: string[] = []
    const file = threadOf(`for (const word of ['one', 'two', workerData.told, 'late']) parentPort.postMessage(word)`)
    const answer = await inThread(file, { told: 'so' }, 10, (word: string) => {
      heard.push(word)
      return word === 'so' ? 42 : undefined
    })
    expect(answer).toBe(42)
    expect(heard.slice(0, 3)).toEqual(['one', 'two', 'so'])
  })

  it('fails with what its listener throws', async () => {
    const file = threadOf(`parentPort.postMessage('no good')`)
    const hear = (word: string): never => {
      throw new TypeError(word)
    }
    await expect(inThread(file, {}, 10, hear)).rejects.toThrow(new TypeError('no good'))
  })

  it('is ended when its time is over', async () => {
    const ticks = new Int32Array(new SharedArrayBuffer(4))
    const file = threadOf('for (;;) Atomics.add(workerData.ticks, 0, 1)')
    await expect(inThread(file, { ticks }, 0.5, first)).rejects.toEqual(new TooCostly('time'))
    const after = Atomics.load(ticks, 0)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(Atomics.load(ticks, 0)).toBe(after)
  })

  it('is ended where it fills its heap', async () => {
    const filling = 'const all = []; for (;;) all.push({ of: [1, 2, 3] })'
    await expect(done(filling)).rejects.toEqual(new TooCostly('memory'))
  })

  it('tells a thread that fails from one that says nothing', async () => {
    await expect(done(`throw new Error('of its own')`)).rejects.toThrow(BrokenThread)
    await expect(inThread(join(folder, 'none.cjs'), {}, 10, first)).rejects.toThrow(/none\.cjs/)
    await expect(done('process.exit(1)')).rejects.toThrow(SilentThread)
  })
})
