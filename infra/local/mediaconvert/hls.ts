import { averageBitrate, peakBitrate, type Rendition } from './rendition.ts'

/** HLS playlists, RFC 8216. Version 6: byte ranges, and an `EXT-X-MAP` outside of I-frame playlists. */
const VERSION = 6

export function mediaPlaylist({ media, file, segments }: Rendition): string {
  return lines(
    '#EXTM3U',
    `#EXT-X-VERSION:${VERSION}`,
    `#EXT-X-TARGETDURATION:${Math.max(1, ...segments.map(({ seconds }) => Math.round(seconds)))}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    `#EXT-X-MAP:URI="${media}",BYTERANGE="${file.initBytes}@0"`,
    ...segments.flatMap(({ offset, bytes, seconds }) => [
      `#EXTINF:${seconds.toFixed(6)},`,
      `#EXT-X-BYTERANGE:${bytes}@${offset}`,
      media,
    ]),
    '#EXT-X-ENDLIST',
  )
}

/** Best first is how the job lists them: its order is kept. */
export function masterPlaylist(renditions: readonly Rendition[]): string {
  const audio = renditions.find(({ video }) => !video)
  const group = audio?.audioGroup ?? ''
  return lines(
    '#EXTM3U',
    `#EXT-X-VERSION:${VERSION}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...(audio
      ? [
          `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="${group}",NAME="default",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="${audio.playlist}"`,
        ]
      : []),
    ...renditions.flatMap((rendition) => {
      const { video, file, playlist } = rendition
      if (!video) return []
      const { size, frameRate } = video
      const attributes = [
        `BANDWIDTH=${peakBitrate(rendition) + (audio ? peakBitrate(audio) : 0)}`,
        `AVERAGE-BANDWIDTH=${averageBitrate(rendition) + (audio ? averageBitrate(audio) : 0)}`,
        `CODECS="${[file.codecs, ...(audio ? [audio.file.codecs] : [])].join(',')}"`,
        `RESOLUTION=${size.width}x${size.height}`,
        `FRAME-RATE=${(frameRate.numerator / frameRate.denominator).toFixed(3)}`,
        ...(audio ? [`AUDIO="${group}"`] : []),
      ]
      return [`#EXT-X-STREAM-INF:${attributes.join(',')}`, playlist]
    }),
  )
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`
}
