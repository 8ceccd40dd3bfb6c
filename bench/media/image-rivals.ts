import sharp, { type Sharp } from 'sharp'
import { rgbaToThumbHash } from 'thumbhash'
import { ENCODERS, WHITE } from '../../ports/images/encode.ts'
import type { Form, RenderPlan } from '../../ports/images/images.ts'

/** As tutorials do it: the file is decoded again for each output, with sharp's own settings. */
export async function onePipelineAnOutput(bytes: Uint8Array, { forms, thumbhash }: RenderPlan): Promise<void> {
  await sharp(bytes).metadata()
  for (const form of forms) await onePipeline(bytes, form)
  if (thumbhash) await hash(sharp(bytes).autoOrient().resize(100, 100, { fit: 'inside' }))
}

/** One of those outputs. */
export function onePipeline(bytes: Uint8Array, { maxSide, encoding, quality }: Form): Promise<Buffer> {
  const resized = sharp(bytes).autoOrient().resize(maxSide, maxSide, { fit: 'inside', withoutEnlargement: true })
  return resized[encoding]({ quality }).toBuffer()
}

/**
 * The way of Firebase's extension "Resize Images" (firebase/extensions, storage-resize-images, resize-image.ts): for each
 * size the file is decoded, resized and encoded as what it was, that is encoded as what is wanted, and that once more on
 * its way into a file. It makes no placeholder.
 */
export async function firebaseWay(bytes: Uint8Array, { forms }: RenderPlan): Promise<void> {
  await sharp(bytes).metadata()
  for (const { maxSide, encoding, quality } of forms) {
    const resized = await sharp(bytes, { failOn: 'none', animated: false })
      .autoOrient()
      .resize(maxSide, maxSide, { fit: 'inside', withoutEnlargement: true })
      .toBuffer()
    const converted = await sharp(resized)[encoding]({ quality }).toBuffer()
    await sharp(converted).toBuffer()
  }
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
  await ENCODERS[encoding].encode(image, quality, WHITE).toBuffer()
}

async function hash(image: Sharp): Promise<Uint8Array> {
  const { data, info } = await image.ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  return rgbaToThumbHash(info.width, info.height, data)
}
