import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { photo } from '../../tests/fixtures/photo.ts'
import { inParallel, type StackProcess, startStackProcess } from '../stack/stack.ts'

const HELP = `What memory the runtime takes: at the start, in a burst of photos, and a minute after it.

  npm run bench -- memory [--photos N]

  --photos N   in all (default 1000): small ones of some 200 kB, and every twentieth of 12 megapixels
`
const PARALLEL = 8
const LARGE_EVERY = 20
/** Functions without work are ended after a quarter of one. */
const IDLE_SECONDS = 75
const SAMPLE_MS = 250

const { values } = parseArgs({
  options: { photos: { type: 'string', default: '1000' }, help: { type: 'boolean', short: 'h' } },
})
if (values.help) process.stdout.write(HELP)
else await main(Number(values.photos))

async function main(photos: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'messageai-photos-'))
  const small = join(folder, 'small.jpg')
  const large = join(folder, 'large.jpg')
  writeFileSync(small, await photo({ width: 1080, height: 810, quality: 82 }))
  writeFileSync(large, await photo({ width: 4032, height: 3024 }))
  const files = Array.from({ length: photos }, (_, index) => (index % LARGE_EVERY === 0 ? large : small))

  const stack = await startStackProcess()
  try {
    console.log(`${'after'.padEnd(36)}${'MB resident'.padStart(12)}${'peak'.padStart(8)}${'MB in heaps'.padStart(13)}`)
    await row(stack, 'the start')
    // The heaps after a third and after all of them tell whether anything is kept for each photo.
    const third = Math.ceil(photos / 3)
    for (const [from, to] of [
      [0, third],
      [third, photos],
    ] as const) {
      const peak = await peakDuring(stack, () => inParallel(files.slice(from, to), PARALLEL, stack.send))
      await row(stack, `${to} photos`, peak)
    }
    await sleep(IDLE_SECONDS * 1000)
    await row(stack, `${IDLE_SECONDS} idle seconds`)
  } finally {
    await stack.stop()
    rmSync(folder, { recursive: true })
  }
}

async function row(stack: StackProcess, name: string, peak?: number): Promise<void> {
  const resident = await stack.memory()
  const { mainMb, functionsMb, functions } = await stack.heaps()
  const heaps = `${mainMb.toFixed(1)} + ${functionsMb.toFixed(1)} in ${functions} functions`
  console.log(`${name.padEnd(36)}${resident.toFixed(0).padStart(12)}${(peak?.toFixed(0) ?? '').padStart(8)}  ${heaps}`)
}

async function peakDuring(stack: StackProcess, work: () => Promise<unknown>): Promise<number> {
  let peak = 0
  let ended = false
  const watching = (async () => {
    while (!ended) {
      peak = Math.max(peak, await stack.memory())
      await sleep(SAMPLE_MS)
    }
  })()
  await work()
  ended = true
  await watching
  return peak
}
