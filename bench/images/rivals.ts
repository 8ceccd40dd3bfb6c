import sharp, { type Sharp } from 'sharp'
import { rgbaToThumbHash } from 'thumbhash'
import type { Form, RenderPlan } from '../../ports/images/images.ts'

/** As tutorials do it: the file is decoded again for each output, with sharp's own settings. */
export async function onePipelineAnOutput(bytes: Uint8Array, { forms, thumbhash }: RenderPlan): Promise<void> {
  for (const { maxSide, encoding, quality } of forms) {
    const resized = sharp(bytes).autoOrient().resize(maxSide, maxSide, { fit: 'inside', withoutEnlargement: true })
    await resized[encoding]({ quality }).toBuffer()
  }
  if (thumbhash) await hash(sharp(bytes).autoOrient().resize(100, 100, { fit: 'inside' }))
}

/**
 * What no way can do without: the cheapest decode that fills the largest form, and each encode, at the effort that we
 * use, from pixels that lie there already. No resizing between sizes, no colours, no checks.
 */
export async function bareLimit(bytes: Uint8Array, { forms }: RenderPlan): Promise<() => Promise<void>> {
  const largest = Math.max(...forms.map((form) => form.maxSide))
  const ready = await Promise.all(
    forms.map(async (form) => ({ form, pixels: await decode(bytes, form.maxSide, 'lanczos3') })),
  )
  return async () => {
    await decode(bytes, largest, 'nearest')
    for (const { form, pixels } of ready) await encode(form, pixels)
  }
}

async function decode(bytes: Uint8Array, side: number, kernel: 'lanczos3' | 'nearest') {
  return sharp(bytes, { ignoreIcc: true })
    .resize(side, side, { fit: 'inside', kernel })
    .raw()
    .toBuffer({ resolveWithObject: true })
}

async function encode({ encoding, quality }: Form, { data, info }: Awaited<ReturnType<typeof decode>>): Promise<void> {
  const image = sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } })
  await (encoding === 'webp' ? image.webp({ quality, effort: 2 }) : image.jpeg({ quality })).toBuffer()
}

async function hash(image: Sharp): Promise<Uint8Array> {
  const { data, info } = await image.ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  return rgbaToThumbHash(info.width, info.height, data)
}
