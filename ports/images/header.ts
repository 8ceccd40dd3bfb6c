import sharp, { type Metadata } from 'sharp'
import { LIMITS } from '../../contracts/limits.ts'
import { refusalFor } from './decoder-error.ts'
import { pixelsThatFitMemory } from './decoder-memory.ts'
import type { Refusal } from './images.ts'
import {
  emptyFile,
  tooManyBytes,
  tooManyFrames,
  tooManyPixels,
  tooManyPixelsInAll,
  unsupportedType,
} from './refusal.ts'
import { type AcceptedFormat, sniff } from './sniff.ts'

/** What the header says, within every limit. Width and height are upright. */
export interface Header {
  readonly ok: true
  readonly format: AcceptedFormat
  readonly width: number
  readonly height: number
  readonly frames: number
  /** Which image of the file to show; a HEIF file may hold several. */
  readonly page: number
  readonly metadata: Metadata
}

/** Reads the header, decodes no pixels, and refuses what is empty, of another type, damaged or beyond LIMITS. */
export async function readHeader(bytes: Uint8Array): Promise<Header | Refusal> {
  const sniffed = sniff(bytes)
  if (sniffed.kind === 'empty') return emptyFile()
  if (bytes.length > LIMITS.image.maxBytes) return tooManyBytes(bytes.length)
  if (sniffed.kind !== 'accepted') return unsupportedType(sniffed)

  // The limits are checked here, with an answer a person understands; the decoder checks pixels once more.
  const metadata = await sharp(bytes, { limitInputPixels: false, failOn: 'error' }).metadata().catch(refusalFor(bytes))
  if ('ok' in metadata) return metadata
  const header = headerOf(metadata, sniffed.format)
  return beyondLimits(header) ?? header
}

function headerOf(metadata: Metadata, sniffed: AcceptedFormat): Header {
  // Only the decoder knows the codec inside a container that names none.
  const format = metadata.format === 'heif' ? (metadata.compression === 'av1' ? 'avif' : 'heic') : sniffed
  const moves = format === 'gif' || format === 'webp'
  return {
    ok: true,
    format,
    width: metadata.autoOrient.width,
    height: metadata.autoOrient.height,
    frames: moves ? (metadata.pages ?? 1) : 1,
    page: moves ? 0 : (metadata.pagePrimary ?? 0),
    metadata,
  }
}

function beyondLimits({ width, height, frames, metadata }: Header): Refusal | undefined {
  const { maxFrames, maxTotalPixels } = LIMITS.image
  const maxPixels = Math.min(LIMITS.image.maxPixels, pixelsThatFitMemory(metadata))
  if (width * height > maxPixels) return tooManyPixels(width, height, maxPixels)
  if (frames > maxFrames) return tooManyFrames(frames)
  if (width * height * frames > maxTotalPixels) return tooManyPixelsInAll(width, height, frames)
  return undefined
}
