import type { FfmpegOutput, FfmpegRun } from './ffmpeg.ts'
import type { AudioPlan, CapturePlan, FrameRate, GroupPlan, InputPlan, Size, VideoPlan } from './plan.ts'
import type { Source } from './source.ts'

/** Where in a job an output stands. */
interface Place {
  readonly group: number
  readonly output: number
}

/** The one run of ffmpeg that makes every output of a job. */
export type Command = Required<Pick<FfmpegRun, 'inputOptions' | 'filters' | 'outputs'>>

interface Encode extends Place {
  readonly plan: VideoPlan | CapturePlan
  readonly size: Size
}

/** The file that a rendition is written to, in the job's folder. */
export function renditionFile({ group, output }: Place): string {
  return `${group}-${output}.mp4`
}

/** What the names of a capture's pictures begin with, in the job's folder; `.0000000.jpg` and so on follow. */
export function captureStem({ group, output }: Place): string {
  return `${group}-${output}`
}

/**
 * One decode feeds all: the picture is brought to its rate and range once, then scaled from each size to the next
 * smaller one, and every encoder takes it where it has its size.
 */
export function ladderCommand(input: InputPlan, groups: readonly GroupPlan[], source: Source): Command {
  const videos = encodesOf(groups, source)
  const sound = soundCommand(groups, source)
  return {
    inputOptions: input.rotate === 'AUTO' ? [] : ['-noautorotate'],
    filters: [videoGraph(input, videos, source), ...(sound ? [sound.filters] : [])].join(';'),
    outputs: [...videos.map((encode) => videoOutput(encode, source)), ...(sound?.outputs ?? [])],
  }
}

/** Of a job's outputs those that are sound alone; undefined where there is none. */
export function soundCommand(groups: readonly GroupPlan[], source: Source): Command | undefined {
  const audios = groups.flatMap(({ outputs }, group) =>
    outputs.flatMap((plan, output) => (plan.kind === 'audio' ? [{ plan, group, output }] : [])),
  )
  if (audios.length === 0) return undefined
  return {
    inputOptions: [],
    filters: audios.map(({ plan, ...place }) => `[0:a:0]${audioFilters(plan, source)}${label('a', place)}`).join(';'),
    outputs: audios.map(({ plan, ...place }) => audioOutput(plan, place, source)),
  }
}

/** A rendition is measured once it is made: beyond this it is wrong, and goes on for no longer. */
const SPARE_SECONDS = 1
/** Of a file beside what its bit rate makes of its length: rates are kept on the average only. */
const SPARE_BYTES = 16 * 1024 ** 2
const SPARE_RATE = 2
/** Of a picture, whose bytes are fewer than its pixels'. */
const BYTES_A_PIXEL = 3

function boundsOf(bitrate: number, { durationSeconds }: Source): Pick<FfmpegOutput, 'maxSeconds' | 'maxBytes'> {
  const maxSeconds = durationSeconds + SPARE_SECONDS
  return { maxSeconds, maxBytes: ((bitrate * SPARE_RATE) / 8) * maxSeconds + SPARE_BYTES }
}

const MOV_FLAGS = '+default_base_moof+global_sidx'
const FRAGMENTED = ['-map_metadata', '-1', '-map_chapters', '-1', '-fflags', '+bitexact', '-flags', '+bitexact']

const label = (kind: 'v' | 'a', { group, output }: Place) => `[${kind}${group}_${output}]`

/** Largest first; a picture at intervals has the shape of the input where its job gives it none. */
function encodesOf(groups: readonly GroupPlan[], source: Source): readonly Encode[] {
  const even = { width: source.size.width & ~1, height: source.size.height & ~1 }
  return groups
    .flatMap(({ outputs }, group) =>
      outputs.flatMap((plan, output): Encode[] =>
        plan.kind === 'audio' ? [] : [{ plan, group, output, size: plan.size ?? even }],
      ),
    )
    .sort((a, b) => area(b.size) - area(a.size) || rank(a) - rank(b))
}

/** Of one size, renditions come first: pictures are taken from them. */
const rank = ({ plan }: Encode) => Number(plan.kind === 'capture')

const area = ({ width, height }: Size) => width * height

function videoGraph(input: InputPlan, encodes: readonly Encode[], source: Source): string {
  const frameRate = outputRate(encodes, source)
  const first = encodes.find(({ plan }) => plan.kind === 'video')
  const chains: string[] = []
  let from = '[0:V:0]'
  // Where the sound begins before it, the first picture is shown from there on: else all of them would come too early.
  let filters = [...rotationFilters(input), `fps=${rate(frameRate)}:start_time=0`]
  // Of the first picture the size is never taken for granted: turned by less than a right angle it isn't the source's.
  let at: Size | undefined
  for (const [index, { plan, size, ...place }] of encodes.entries()) {
    const isLast = index === encodes.length - 1
    const isCapture = plan.kind === 'capture'
    if (!isCapture) {
      if (!at || !sameSize(at, size)) filters.push(`scale=${size.width}:${size.height}:flags=bicubic`)
      // Even sides change the shape a little: the filter would have players undo that.
      filters.push('setsar=1')
      if (plan === first?.plan) filters.push(...rangeFilters(first.plan as VideoPlan, source))
      at = size
    }
    const own = isCapture ? captureFilters(plan, size) : []
    if (isLast) {
      chains.push(`${from}${[...filters, ...own, 'null'].join(',')}${label('v', place)}`)
      break
    }
    const next = `[c${index}]`
    const branch = own.length > 0 ? `[b${index}]` : label('v', place)
    chains.push(`${from}${[...filters, 'split=2'].join(',')}${branch}${next}`)
    if (own.length > 0) chains.push(`${branch}${own.join(',')}${label('v', place)}`)
    from = next
    filters = []
  }
  return chains.join(';')
}

const sameSize = (a: Size, b: Size) => a.width === b.width && a.height === b.height

export function outputRate(encodes: readonly Pick<Encode, 'plan'>[], source: Source): FrameRate {
  for (const { plan } of encodes) {
    if (plan.kind === 'video' && plan.frameRate !== 'source') return plan.frameRate
  }
  return source.frameRate
}

const rate = ({ numerator, denominator }: FrameRate) => `${numerator}/${denominator}`

function rotationFilters({ rotate }: InputPlan): readonly string[] {
  if (rotate === 90) return ['transpose=clock']
  if (rotate === 180) return ['hflip', 'vflip']
  if (rotate === 270) return ['transpose=cclock']
  return []
}

/** Scaled before, as what it does a pixel at a time is dear. */
function rangeFilters({ toStandardRange }: VideoPlan, { highRange }: Source): readonly string[] {
  if (!toStandardRange || !highRange) return ['format=yuv420p']
  return [
    'zscale=t=linear:npl=203',
    'format=gbrpf32le',
    'zscale=p=bt709',
    'tonemap=hable:desat=0',
    'zscale=t=bt709:m=bt709:r=tv',
    'format=yuv420p',
  ]
}

/** Chosen first, then scaled: few pictures pass. The clock then ticks once a picture, so that none is shown twice. */
function captureFilters({ everySeconds }: CapturePlan, { width, height }: Size): readonly string[] {
  return [
    `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${everySeconds})'`,
    `scale=${width}:${height}:flags=bicubic`,
    'setsar=1',
    'format=yuvj420p',
    'setpts=N/TB',
  ]
}

function videoOutput({ plan, size, ...place }: Encode, source: Source): FfmpegOutput {
  const map = ['-map', label('v', place)]
  if (plan.kind === 'capture') {
    return {
      file: `${captureStem(place)}.%07d.jpg`,
      options: [
        ...[...map, '-c:v', 'mjpeg', '-q:v', String(Math.round(2 + (100 - plan.quality) * 0.29)), '-r', '1'],
        ...['-frames:v', String(plan.max), '-map_metadata', '-1', '-f', 'image2', '-start_number', '0'],
      ],
      // Of a picture a second.
      maxSeconds: plan.max,
      maxBytes: area(size) * BYTES_A_PIXEL + SPARE_BYTES,
    }
  }
  const { numerator, denominator } = outputRate([{ plan }], source)
  return {
    file: renditionFile(place),
    options: [
      ...[...map, '-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', plan.profile],
      // QVBR's level 7 is what CRF 23 looks like; a level is worth three steps.
      ...['-crf', String(23 - (plan.quality - 7) * 3)],
      ...['-maxrate', String(plan.maxBitrate), '-bufsize', String(plan.maxBitrate * 2)],
      // The same in every rendition, so that a player can change between them at each.
      ...['-force_key_frames', `expr:gte(t,n_forced*${plan.gopSeconds})`, '-sc_threshold', '0'],
      ...['-g', String(Math.ceil((plan.gopSeconds * numerator) / denominator))],
      ...FRAGMENTED,
      ...['-movflags', `+frag_keyframe+empty_moov${MOV_FLAGS}`, '-f', 'mp4'],
    ],
    ...boundsOf(plan.maxBitrate, source),
  }
}

function audioOutput(plan: AudioPlan, place: Place, source: Source): FfmpegOutput {
  return {
    file: renditionFile(place),
    options: [
      ...['-map', label('a', place), '-c:a', 'aac', '-b:a', String(plan.bitrate)],
      ...FRAGMENTED,
      // Sound has a keyframe in every packet: its fragments are cut by time.
      ...['-movflags', `+delay_moov${MOV_FLAGS}`, '-frag_duration', '2000000', '-f', 'mp4'],
    ],
    ...boundsOf(plan.bitrate, source),
  }
}

/** As long as the pictures: cut where it is longer, silence where it is shorter. */
function audioFilters({ loudness, sampleRate }: AudioPlan, { durationSeconds }: Source): string {
  return [
    // Whole numbers end at full scale. Floating point may hold any loudness, at which AAC's encoder goes on for ever.
    'aformat=sample_fmts=s32',
    // What is missing at the begin or in between is silence: `loudnorm` puts whatever it gets end to end.
    `aresample=${sampleRate}:async=1:first_pts=0`,
    ...(loudness ? [`loudnorm=I=${loudness.lufs}:TP=${loudness.peakDb}:LRA=11`] : []),
    `aresample=${sampleRate}`,
    'aformat=channel_layouts=stereo',
    `apad=whole_dur=${durationSeconds.toFixed(6)}`,
    `atrim=end=${durationSeconds.toFixed(6)}`,
  ].join(',')
}
