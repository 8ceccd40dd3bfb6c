// One way of making all forms of a photo, in a process of its own: what it leaves in the allocator is not another's to
// pay. Each message is a photo's file; the answer is the CPU seconds that it took once the process was warm.
import { readFile } from 'node:fs/promises'
import { cpuSeconds } from '../../tests/handling/cpu-seconds.ts'
import { WAYS } from './image-ways.ts'

const prepare = WAYS[process.argv[2] ?? '']
if (!prepare) throw new Error(`there is no way ${process.argv[2]}`)
let at: { readonly file: string; readonly way: () => Promise<unknown> } | undefined

process.on('message', (file: string) => {
  spend(file).then((seconds) => process.send?.(seconds))
})

async function spend(file: string): Promise<number> {
  if (at?.file !== file) at = { file, way: await prepareWay(file) }
  // While the others had their turns this process gave memory back; getting it again is no part of a photo's work.
  await at.way()
  return cpuSeconds(at.way)
}

async function prepareWay(file: string): Promise<() => Promise<unknown>> {
  return (await prepare?.(await readFile(file))) ?? (async () => {})
}
