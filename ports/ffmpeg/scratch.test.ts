import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
import { fixtureFolder } from './for-test.ts'
import { inScratch } from './scratch.ts'

describe('a scratch folder', () => {
  const folder = fixtureFolder()
  const parent = () => mkdtempSync(join(folder, 'parent-'))

  it('is there during the work, and gone with all that is in it after', async () => {
    const within = parent()
    const answer = await inScratch(async (scratch) => {
      mkdirSync(join(scratch, 'deep'))
      writeFileSync(join(scratch, 'deep/file'), 'bytes')
      return readdirSync(within).length
    }, within)
    expect([answer, readdirSync(within)]).toEqual([1, []])
  })

  it('is gone after work that failed', async () => {
    const within = parent()
    await expect(inScratch(() => Promise.reject(new Error('no')), within)).rejects.toThrow('no')
    expect(readdirSync(within)).toEqual([])
  })

  it('goes in the end, too, where its process was killed; those of the living stay', async () => {
    const within = parent()
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    const ofThread = `media-scratch-${process.pid}-${threadId + 1}-b`
    const [ofDead, ofLiving, ofOthers] = [`media-scratch-${pid}-0-a`, ofThread, 'mine'].map((name) =>
      join(within, name),
    )
    for (const path of [ofDead, ofLiving, ofOthers]) mkdirSync(path ?? '')
    await inScratch(async () => {}, within)
    expect([ofDead, ofLiving, ofOthers].map((path) => existsSync(path ?? ''))).toEqual([false, true, true])
  })

  it('goes where the process before had our number, as in a sandbox that begins anew', async () => {
    const within = parent()
    mkdirSync(join(within, `media-scratch-${process.pid}-${threadId}-former`))
    // The first to come sweeps; who comes while it is there takes nothing of it.
    const [first, both] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const use = (there: PromiseWithResolvers<void>) =>
      inScratch(async (scratch) => {
        there.resolve()
        await both.promise
        return existsSync(scratch) && readdirSync(within).length
      }, within)
    const earlier = use(first)
    await first.promise
    const [one, other] = await Promise.all([earlier, use(both)])
    expect([one, other, readdirSync(within)]).toEqual([2, 2, []])
  })
})
