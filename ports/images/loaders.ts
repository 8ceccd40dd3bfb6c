import sharp from 'sharp'

/**
 * Every loader of libvips but those for JPEG, PNG, WebP, GIF and HEIF/AVIF. `sniff` already keeps other bytes away from
 * the decoder; this is the second lock. The unwanted are listed, rather than all blocked and the wanted freed, because
 * the setting belongs to the process: between the two calls a decode in another worker thread would find no loader.
 */
const UNWANTED_LOADERS = [
  'Analyze',
  'Csv',
  'DcRaw',
  'Fits',
  'Jp2k',
  'Jxl',
  'Magick',
  'Magick7',
  'Mat',
  'Matrix',
  'Nifti',
  'Openexr',
  'Openslide',
  'Pdf',
  'Ppm',
  'Rad',
  'Raw',
  'Svg',
  'Tiff',
  // Ultra HDR photos are JPEGs with a gain map: read as JPEG they cost half and look as they do everywhere.
  'Uhdr',
  'Vips',
].map((name) => `VipsForeignLoad${name}`)

/** Settles sharp's process-wide settings; calling it again changes nothing. */
export function restrictSharp(): void {
  sharp.block({ operation: UNWANTED_LOADERS })
  sharp.cache(false)
  sharp.concurrency(1)
}
