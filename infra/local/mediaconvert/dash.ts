import { averageBitrate, durationOf, type Rendition } from './rendition.ts'

/** A static manifest of DASH's on-demand profile (ISO/IEC 23009-1): each rendition is one file with its own index. */
export function dashManifest(renditions: readonly Rendition[], segmentSeconds: number): string {
  const videos = renditions.filter(({ video }) => video)
  const audios = renditions.filter(({ video }) => !video)
  const duration = Math.max(...renditions.map(durationOf))
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011" type="static" mediaPresentationDuration="${span(duration)}" minBufferTime="${span(segmentSeconds)}">`,
    `  <Period id="0" start="PT0S" duration="${span(duration)}">`,
    ...adaptationSet('video', videos),
    ...adaptationSet('audio', audios),
    '  </Period>',
    '</MPD>',
    '',
  ].join('\n')
}

function adaptationSet(type: 'video' | 'audio', renditions: readonly Rendition[]): readonly string[] {
  if (renditions.length === 0) return []
  const aligned = 'segmentAlignment="true" subsegmentAlignment="true" startWithSAP="1" subsegmentStartsWithSAP="1"'
  return [
    `    <AdaptationSet id="${type === 'video' ? 1 : 2}" contentType="${type}" mimeType="${type}/mp4" ${aligned}>`,
    ...renditions.flatMap((rendition) => representation(rendition)),
    '    </AdaptationSet>',
  ]
}

function representation(rendition: Rendition): readonly string[] {
  const { media, file, video } = rendition
  const shape = video
    ? ` width="${video.size.width}" height="${video.size.height}" sar="1:1" frameRate="${video.frameRate.numerator}/${video.frameRate.denominator}"`
    : ''
  const { offset, bytes } = file.index
  const time = `timescale="${file.timescale}" presentationTimeOffset="${file.start}"`
  const id = escapeXml(media.replace(/\.[^.]*$/, ''))
  return [
    `      <Representation id="${id}" codecs="${file.codecs}" bandwidth="${averageBitrate(rendition)}"${shape}>`,
    `        <BaseURL>${escapeXml(media)}</BaseURL>`,
    `        <SegmentBase ${time} indexRange="${offset}-${offset + bytes - 1}" indexRangeExact="true">`,
    `          <Initialization range="0-${file.initBytes - 1}"/>`,
    '        </SegmentBase>',
    '      </Representation>',
  ]
}

function span(seconds: number): string {
  return `PT${seconds.toFixed(3)}S`
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
