import type { Size } from './ladder.ts'
import type { FilmFacts } from './video.ts'

/** What `zscale` calls a transfer function. */
const TRANSFERS = { hlg: 'arib-std-b67', pq: 'smpte2084' } as const

/**
 * Scales to an exact size in square pixels; ffmpeg has turned the picture upright before. HDR becomes SDR: after the
 * scaling, as that costs least, and in linear light with 203 cd/m² as white (ITU-R BT.2408).
 * @param has whether this ffmpeg has `zscale`; without it HDR looks dull, and is there.
 */
export function scaled({ width, height }: Size, { video: { hdr } }: FilmFacts, has: { zscale: boolean }): string {
  const scale = `scale=${width}:${height}:flags=bicubic,setsar=1`
  if (hdr === 'sdr' || !has.zscale) return scale
  return [
    scale,
    `zscale=tin=${TRANSFERS[hdr]}:min=bt2020nc:pin=bt2020:t=linear:npl=203,format=gbrpf32le`,
    'zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv',
  ].join(',')
}

/** For a still: full range and the matrix of JFIF, as JPEG knows no other. */
export const AS_JPEG = 'scale=out_range=full:out_color_matrix=bt601,format=yuvj420p'
