// The picture work of a photo's consumers and nothing else, in a plain loop in a plain process. It answers each list of
// files with the CPU seconds that they took.
import { readFile } from 'node:fs/promises'
import { PHOTO } from '../../consumers/optimize-image/consumer.ts'
import type { Refusal } from '../../ports/images/images.ts'
import { sharpImages } from '../../ports/images/sharp-images.ts'
import { bareLimit } from '../media/image-rivals.ts'

export interface BareSeconds {
  /** What the consumers do: inspect, and render both plans. */
  readonly bare: number
  /** One decode for all outputs, and their bare encodes. */
  readonly limit: number
}

const images = sharpImages()

process.on('message', (files: readonly string[]) => {
  measure(files).then((seconds) => process.send?.(seconds))
})

async function measure(files: readonly string[]): Promise<BareSeconds> {
  let bare = 0
  let limit = 0
  for (const file of files) {
    const bytes = await readFile(file)
    bare += await cpuSeconds(async () => {
      accepted(await images.inspect(bytes))
      accepted(await images.render(bytes, PHOTO))
    })
    const atLeast = await bareLimit(bytes, PHOTO)
    limit += await cpuSeconds(atLeast)
  }
  return { bare, limit }
}

function accepted(result: { readonly ok: true } | Refusal): void {
  if (!result.ok) throw new Error(result.message)
}

async function cpuSeconds(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}
