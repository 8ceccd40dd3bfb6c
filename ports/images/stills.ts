import { refusalFor } from './decoder-error.ts'
import { encode, WHITE } from './encode.ts'
import type { Header } from './header.ts'
import type { Form, Refusal, RenderedForm, Stills } from './images.ts'
import { decode, type Pixels, release, scale } from './pixels.ts'
import { fitWithin } from './size.ts'
import { stillFrames } from './still-frames.ts'
import { verified } from './verified.ts'

interface Shot {
  readonly pixels: Pixels
  /** On white, by a form. */
  readonly isShown: boolean
}

/**
 * What the forms don't show of a picture: later frames where it moves, and what is see-through on other backgrounds, as
 * white on white is nothing to see. Takes the pixels of the first frame in place of its own, and gives them back smaller.
 */
export async function renderStills(
  bytes: Uint8Array,
  header: Header,
  { count, form, backgrounds }: Stills,
  { first, moves, deadline }: { readonly first: Pixels; readonly moves: boolean; readonly deadline: AbortSignal },
): Promise<{ readonly first: Pixels; readonly stills: readonly RenderedForm[] } | Refusal> {
  const small = isSeeThrough(first) ? await scale(first, fitWithin(first, form.maxSide)) : first
  const stills: RenderedForm[] = []
  const add = async ({ pixels, isShown }: Shot): Promise<void> => {
    const others = isSeeThrough(pixels) ? backgrounds : []
    for (const background of isShown ? others : [WHITE, ...others]) {
      deadline.throwIfAborted()
      const named: Form = { ...form, name: `${form.name}-${stills.length + 1}` }
      stills.push(await verified(named, pixels, await encode(pixels, named, background)))
    }
  }
  await add({ pixels: small, isShown: true })
  // Each frame is decoded by itself, so that no more than one of them is held.
  for (const page of moves ? stillFrames(header.frames, count) : []) {
    deadline.throwIfAborted()
    const pixels = await decode(bytes, { ...header, page }, form.maxSide).catch(refusalFor(bytes))
    if ('ok' in pixels) return pixels
    await add({ pixels, isShown: false })
    release(pixels)
  }
  return { first: small, stills }
}

function isSeeThrough({ data, channels }: Pixels): boolean {
  if (channels === 3) return false
  for (let at = 3; at < data.length; at += channels) if (data[at] !== 255) return true
  return false
}
