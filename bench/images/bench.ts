import { parseArgs } from 'node:util'
import sharp from 'sharp'
import type { RenderPlan } from '../../ports/images/images.ts'
import { sharpImages } from '../../ports/images/sharp-images.ts'
import { photo } from '../../tests/fixtures/photo.ts'
import { bareLimit, onePipelineAnOutput } from './rivals.ts'

/** CPU seconds of the two plans that the product renders of every photo, against the usual way and against the limit. */
const PLANS: Readonly<Record<string, RenderPlan>> = {
  thumbnails: {
    forms: [160, 640, 1280].map((maxSide) => ({ name: `${maxSide}`, maxSide, encoding: 'webp', quality: 80 })),
    thumbhash: true,
  },
  optimised: {
    forms: [
      { name: 'webp', maxSide: 2048, encoding: 'webp', quality: 80, animated: true },
      { name: 'jpeg', maxSide: 2048, encoding: 'jpeg', quality: 80 },
    ],
    thumbhash: false,
  },
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } })
const rounds = Number(values.rounds)

const plainPhoto = await photo({ width: 4032, height: 3024 })
const PHOTOS: Readonly<Record<string, Uint8Array>> = {
  '12 MP': plainPhoto,
  '12 MP in Display P3': await sharp(plainPhoto).withIccProfile('p3').jpeg({ quality: 90 }).toBuffer(),
  '48 MP': await photo({ width: 8064, height: 6048, quality: 85 }),
}

const images = sharpImages()
for (const [name, bytes] of Object.entries(PHOTOS)) {
  console.log(`\n${name}, ${(bytes.length / 1e6).toFixed(1)} MB: CPU seconds, median of ${rounds}`)
  console.log('plan        ours   a pipeline an output   bare limit   ours ÷ pipelines   ours ÷ limit')
  for (const [plan, rows] of Object.entries(PLANS)) await compare(plan, bytes, rows)
}
console.log(`\nPeak memory of this process: ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`)

async function compare(name: string, bytes: Uint8Array, plan: RenderPlan): Promise<void> {
  const limit = await bareLimit(bytes, plan)
  const ways = [() => images.render(bytes, plan), () => onePipelineAnOutput(bytes, plan), limit]
  const seconds: number[][] = ways.map(() => [])
  // In turns, so that whatever else the machine does falls on all of them.
  for (let round = 0; round <= rounds; round++) {
    for (const [index, way] of ways.entries()) {
      const spent = await cpuSeconds(way)
      if (round > 0) seconds[index]?.push(spent)
    }
  }
  const [ours = 0, pipelines = 0, bare = 0] = seconds.map(median)
  console.log(
    name.padEnd(10),
    ours.toFixed(3).padStart(6),
    pipelines.toFixed(3).padStart(22),
    bare.toFixed(3).padStart(12),
    (ours / pipelines).toFixed(2).padStart(18),
    (ours / bare).toFixed(2).padStart(14),
  )
}

async function cpuSeconds(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
}
