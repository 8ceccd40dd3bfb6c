import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { PHOTO } from '../../consumers/optimize-image/consumer.ts'
import type { Form, Images } from '../../ports/images/images.ts'
import { sharpImages } from '../../ports/images/sharp-images.ts'
import { withExif } from '../../tests/fixtures/exif.ts'
import { photo } from '../../tests/fixtures/photo.ts'
import { onePipeline } from './image-rivals.ts'
import { accepted, WAYS } from './image-ways.ts'
import { faster, near, type Row, told } from './table.ts'

/** Photos from the header to the last form, against how others do it and against what nobody can do without. */
export async function imageRows(rounds: number): Promise<Row[]> {
  const images = sharpImages()
  const rows: Row[] = []
  const folder = mkdtempSync(join(tmpdir(), 'messageai-photos-'))
  for (const [name, make] of Object.entries(PHOTOS)) {
    process.stderr.write(`images: ${name} `)
    const bytes = await make()
    const file = join(folder, name)
    writeFileSync(file, bytes)
    const children = Object.keys(WAYS).map((way) => ({ name: way, spend: inProcess(way) }))
    const spent = await turns(children, file, rounds)
    for (const { spend } of children) spend.stop()
    const [ours = [], pipelines = [], firebase = [], limit = []] = Object.keys(WAYS).map((way) => spent.get(way))
    rows.push(
      faster(`${name}: against one pipeline an output`, { ours, other: pipelines }, 2.3),
      faster(`${name}: against Firebase's resizer`, { ours, other: firebase }, 2),
      near(`${name}: against one decode and bare encodes`, { ours, other: limit }, 1.4),
      ...(await qualities(images, bytes)),
    )
  }
  rmSync(folder, { recursive: true })
  return rows
}

interface Child {
  (file: string): Promise<number>
  stop(): void
}

function inProcess(way: string): Child {
  const child = fork(join(import.meta.dirname, 'image-child.ts'), [way])
  const spend = async (file: string) => {
    child.send(file)
    const [seconds] = (await once(child, 'message')) as [number]
    return seconds
  }
  return Object.assign(spend, { stop: () => child.disconnect() })
}

/** CPU seconds of each way, turn by turn; the first turn, in which code is compiled, doesn't count. */
async function turns(
  children: readonly { readonly name: string; readonly spend: Child }[],
  file: string,
  rounds: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const spent = new Map<string, number[]>()
  for (let round = 0; round <= rounds; round++) {
    for (const { name, spend } of children) {
      const seconds = await spend(file)
      if (round > 0) spent.set(name, [...(spent.get(name) ?? []), seconds])
      process.stderr.write('.')
    }
  }
  process.stderr.write('\n')
  return spent
}

/** As phones hold them: turned by a tag. */
const PHOTOS: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  '12 MP': async () => upright(await photo({ width: 4032, height: 3024 })),
  '12 MP in Display P3': async () => {
    const plain = await photo({ width: 4032, height: 3024 })
    return upright(await sharp(plain).withIccProfile('p3').jpeg({ quality: 90 }).toBuffer())
  },
  '48 MP': async () => upright(await photo({ width: 8064, height: 6048, quality: 85 })),
}

const upright = (jpeg: Uint8Array) => withExif(jpeg, { orientation: 6 })

/** How near the largest form and the large thumbnail come to the picture made smaller by sharp's best, without loss. */
async function qualities(images: Images, bytes: Uint8Array): Promise<Row[]> {
  const rows: Row[] = []
  const rendered = accepted(await images.render(bytes, PHOTO))
  for (const wanted of ['webp', 'large']) {
    const form = PHOTO.forms.find(({ name }) => name === wanted)
    const ours = rendered.forms.find(({ name }) => name === wanted)
    if (!form || !ours) throw new Error(`there is no form ${wanted}`)
    const reference = await referencePixels(bytes, form)
    const say = async (encoded: Uint8Array) => `${psnr(await sharp(encoded).raw().toBuffer(), reference).toFixed(1)} dB`
    const theirs = await onePipeline(bytes, form)
    const sizes = `${kilobytes(ours.bytes)} against ${kilobytes(theirs)} kB`
    rows.push(told(`   ${form.maxSide} px WebP, PSNR; ${sizes}`, await say(ours.bytes), await say(theirs)))
  }
  return rows
}

const kilobytes = (bytes: Uint8Array) => Math.round(bytes.length / 1000)

function referencePixels(bytes: Uint8Array, { maxSide }: Form): Promise<Buffer> {
  return sharp(bytes).autoOrient().resize(maxSide, maxSide, { fit: 'inside' }).toColourspace('srgb').raw().toBuffer()
}

/** Peak signal-to-noise ratio in decibels. */
function psnr(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) throw new Error(`${a.length} samples can't be compared with ${b.length}`)
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += ((a[at] ?? 0) - (b[at] ?? 0)) ** 2
  return 10 * Math.log10((255 * 255 * a.length) / sum)
}
