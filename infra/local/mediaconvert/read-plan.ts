import { AwsError } from '../aws-json/error.ts'
import type {
  AudioPlan,
  CapturePlan,
  Destination,
  GroupPlan,
  InputPlan,
  Plan,
  Size,
  StreamPlan,
  VideoPlan,
} from './plan.ts'
import { SettingsReader } from './settings-reader.ts'

const MAX_SIDE = 8192

/**
 * Reads a job's settings, as they came over the wire.
 * @throws AwsError BadRequestException for whatever doesn't run here, and names it.
 */
export function readPlan(settings: Readonly<Record<string, unknown>>): Plan {
  const reader = new SettingsReader(settings, '')
  reader.object('timecodeConfig').optionalOneOf('source', ['ZEROBASED'])
  const [input, ...more] = reader.objects('inputs')
  if (!input || more.length > 0) return reader.fail('inputs', 'must be exactly one input to run locally')
  const selectors = [...input.map('audioSelectors')].map(([name, selector]) => {
    selector.optionalOneOf('defaultSelection', ['DEFAULT', 'NOT_DEFAULT'])
    return name
  })
  const groups = reader.objects('outputGroups').map((group) => readGroup(group, selectors))
  if (groups.length === 0) return reader.fail('outputGroups', 'must have a group')
  if (groups.filter(({ kind }) => kind === 'stream').length > 1)
    return reader.fail('outputGroups', 'of CMAF can be one only to run locally')
  const plan = { input: readInput(input), groups }
  reader.refuseUnread()
  return plan
}

function readInput(input: SettingsReader): InputPlan {
  input.optionalOneOf('timecodeSource', ['ZEROBASED', 'EMBEDDED'])
  const video = input.object('videoSelector')
  video.optionalOneOf('colorSpace', ['FOLLOW'])
  const rotate = video.optionalOneOf('rotate', ['AUTO', 'DEGREE_0', 'DEGREES_90', 'DEGREES_180', 'DEGREES_270'])
  const uri = input.text('fileInput')
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? []
  if (bucket === undefined || key === undefined) return input.fail('fileInput', 'must be s3://<bucket>/<key>')
  const degrees = { DEGREE_0: 0, DEGREES_90: 90, DEGREES_180: 180, DEGREES_270: 270 } as const
  return { uri, bucket, key, rotate: rotate === 'AUTO' ? 'AUTO' : degrees[rotate ?? 'DEGREE_0'] }
}

function readGroup(group: SettingsReader, selectors: readonly string[]): GroupPlan {
  group.optionalText('name')
  group.optionalText('customName')
  const settings = group.object('outputGroupSettings')
  const type = settings.oneOf('type', ['CMAF_GROUP_SETTINGS', 'FILE_GROUP_SETTINGS'])
  const outputs = group.objects('outputs')
  if (outputs.length === 0) return group.fail('outputs', 'must have an output')
  if (type === 'CMAF_GROUP_SETTINGS') {
    return readStream(settings.object('cmafGroupSettings'), outputs, selectors)
  }
  const destination = readDestination(settings.object('fileGroupSettings'))
  return { kind: 'captures', destination, outputs: outputs.map(readCapture) }
}

function readDestination(holder: SettingsReader): Destination {
  const uri = holder.text('destination')
  const [, bucket, prefix, base] = /^s3:\/\/([^/]+)\/((?:.*\/)?)([^/]+)$/.exec(uri) ?? []
  if (bucket === undefined || prefix === undefined || base === undefined)
    return holder.fail('destination', 'must be s3://<bucket>/<path>/<name>, as names are not taken from inputs locally')
  return { bucket, prefix, base }
}

function readStream(
  cmaf: SettingsReader,
  outputs: readonly SettingsReader[],
  selectors: readonly string[],
): StreamPlan {
  // Each fragment is one GOP, and a segment as many of them as it takes.
  cmaf.optionalNumber('fragmentLength', 1, 3600)
  cmaf.optionalNumber('minFinalSegmentLength', 0, 3600)
  cmaf.oneOf('segmentControl', ['SINGLE_FILE'])
  cmaf.optionalOneOf('segmentLengthControl', ['GOP_MULTIPLE'])
  cmaf.optionalOneOf('manifestDurationFormat', ['FLOATING_POINT'])
  cmaf.optionalOneOf('manifestCompression', ['NONE'])
  cmaf.optionalOneOf('streamInfResolution', ['INCLUDE'])
  cmaf.optionalOneOf('codecSpecification', ['RFC_6381'])
  cmaf.optionalOneOf('mpdProfile', ['ON_DEMAND_PROFILE'])
  cmaf.optionalOneOf('mpdManifestBandwidthType', ['AVERAGE'])
  cmaf.optionalOneOf('clientCache', ['ENABLED'])
  cmaf.optionalOneOf('ptsOffsetHandlingForBFrames', ['ZERO_BASED', 'MATCH_INITIAL_PTS'])
  const plans = outputs.map((output) => readStreamOutput(output, selectors))
  const videos = plans.filter((plan) => plan.kind === 'video')
  const [first] = videos
  if (!first) return cmaf.fail('outputs', 'must have a video to run locally')
  if (plans.length - videos.length > 1) return cmaf.fail('outputs', 'can have one audio only to run locally')
  for (const same of ['frameRate', 'gopSeconds', 'toStandardRange'] as const) {
    if (videos.some((video) => JSON.stringify(video[same]) !== JSON.stringify(first[same])))
      return cmaf.fail('outputs', `must agree in ${same} to run locally`)
  }
  const modifiers = plans.map(({ modifier }) => modifier)
  if (new Set(modifiers).size < modifiers.length) return cmaf.fail('outputs', 'must have different name modifiers')
  return {
    kind: 'stream',
    destination: readDestination(cmaf),
    segmentSeconds: cmaf.optionalNumber('segmentLength', 1, 3600) ?? 10,
    hls: cmaf.optionalOneOf('writeHlsManifest', ['ENABLED', 'DISABLED']) !== 'DISABLED',
    dash: cmaf.optionalOneOf('writeDashManifest', ['ENABLED', 'DISABLED']) !== 'DISABLED',
    outputs: plans,
  }
}

function readStreamOutput(output: SettingsReader, selectors: readonly string[]): VideoPlan | AudioPlan {
  const container = output.object('containerSettings')
  container.oneOf('container', ['CMFC'])
  const cmfc = container.object('cmfcSettings')
  const audios = output.objects('audioDescriptions')
  const [audio] = audios
  if (output.has('videoDescription')) {
    if (audio) return output.fail('audioDescriptions', 'must be in an output of their own in a CMAF group')
    // Which audio a rendition plays with: there is one.
    cmfc.optionalText('audioRenditionSets')
    return readVideo(output, output.object('videoDescription'))
  }
  if (!audio || audios.length > 1) return output.fail('audioDescriptions', 'must be one where there is no video')
  cmfc.optionalOneOf('audioTrackType', ['ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT'])
  cmfc.optionalOneOf('audioDuration', ['MATCH_VIDEO_DURATION'])
  const groupId = cmfc.optionalText('audioGroupId') ?? 'program_audio'
  return { kind: 'audio', modifier: output.text('nameModifier'), groupId, ...readAudio(audio, selectors) }
}

function readVideo(output: SettingsReader, video: SettingsReader): VideoPlan {
  video.optionalOneOf('scalingBehavior', ['DEFAULT', 'STRETCH_TO_OUTPUT'])
  video.optionalOneOf('timecodeInsertion', ['DISABLED'])
  video.optionalOneOf('colorMetadata', ['INSERT'])
  const codec = video.object('codecSettings')
  codec.oneOf('codec', ['H_264'])
  const h264 = codec.object('h264Settings')
  h264.optionalOneOf('interlaceMode', ['PROGRESSIVE'])
  h264.optionalOneOf('codecLevel', ['AUTO'])
  h264.optionalOneOf('qualityTuningLevel', ['SINGLE_PASS'])
  h264.optionalOneOf('gopSizeUnits', ['SECONDS']) ?? h264.fail('gopSizeUnits', 'must be SECONDS to run locally')
  h264.optionalNumber('gopClosedCadence', 1, 1)
  h264.optionalOneOf('parControl', ['INITIALIZE_FROM_SOURCE', 'SPECIFIED'])
  h264.optionalNumber('parNumerator', 1, 1)
  h264.optionalNumber('parDenominator', 1, 1)
  h264.optionalOneOf('framerateConversionAlgorithm', ['DUPLICATE_DROP'])
  // A keyframe at a cut would stand in one rendition and not in another.
  h264.oneOf('sceneChangeDetect', ['DISABLED'])
  h264.oneOf('rateControlMode', ['QVBR'])
  const control = h264.optionalOneOf('framerateControl', ['INITIALIZE_FROM_SOURCE', 'SPECIFIED'])
  const profile = h264.optionalOneOf('codecProfile', ['MAIN', 'HIGH']) ?? 'MAIN'
  return {
    kind: 'video',
    modifier: output.text('nameModifier'),
    size: readSize(video),
    quality: h264.object('qvbrSettings').optionalNumber('qvbrQualityLevel', 1, 10) ?? 7,
    maxBitrate: h264.number('maxBitrate', 1000, 1_152_000_000),
    gopSeconds: h264.number('gopSize', 0.1, 60),
    frameRate:
      control === 'SPECIFIED'
        ? {
            numerator: h264.number('framerateNumerator', 1, 2_147_483_647),
            denominator: h264.number('framerateDenominator', 1, 2_147_483_647),
          }
        : 'source',
    profile: profile === 'MAIN' ? 'main' : 'high',
    toStandardRange: readColour(video.object('videoPreprocessors').object('colorCorrector')),
  }
}

function readColour(corrector: SettingsReader): boolean {
  corrector.optionalOneOf('hdrToSdrToneMapper', ['PRESERVE_DETAILS', 'VIBRANT'])
  corrector.optionalNumber('sdrReferenceWhiteLevel', 100, 1000)
  return corrector.optionalOneOf('colorSpaceConversion', ['FORCE_709', 'NONE']) === 'FORCE_709'
}

function readAudio(
  audio: SettingsReader,
  selectors: readonly string[],
): Pick<AudioPlan, 'bitrate' | 'sampleRate' | 'loudness'> {
  const source = audio.optionalText('audioSourceName')
  if (source !== undefined && !selectors.includes(source))
    return audio.fail('audioSourceName', `names no audio selector of the input; there are: ${selectors.join(', ')}`)
  audio.optionalOneOf('languageCodeControl', ['FOLLOW_INPUT'])
  audio.optionalOneOf('audioTypeControl', ['FOLLOW_INPUT'])
  const codec = audio.object('codecSettings')
  codec.oneOf('codec', ['AAC'])
  const aac = codec.object('aacSettings')
  aac.optionalOneOf('codingMode', ['CODING_MODE_2_0'])
  aac.optionalOneOf('codecProfile', ['LC'])
  aac.optionalOneOf('rateControlMode', ['CBR'])
  aac.optionalOneOf('specification', ['MPEG4'])
  const normal = audio.object('audioNormalizationSettings')
  normal.optionalOneOf('algorithm', ['ITU_BS_1770_4'])
  normal.optionalOneOf('peakCalculation', ['TRUE_PEAK'])
  normal.optionalOneOf('loudnessLogging', ['DONT_LOG'])
  const corrects = normal.optionalOneOf('algorithmControl', ['CORRECT_AUDIO', 'MEASURE_ONLY']) === 'CORRECT_AUDIO'
  const lufs = normal.optionalNumber('targetLkfs', -59, 0) ?? -24
  const peakDb = normal.optionalNumber('truePeakLimiterThreshold', -8, 0) ?? 0
  return {
    bitrate: aac.number('bitrate', 6000, 1_024_000),
    sampleRate: aac.number('sampleRate', 8000, 96_000),
    loudness: corrects ? { lufs, peakDb } : undefined,
  }
}

function readCapture(output: SettingsReader): CapturePlan {
  output.object('containerSettings').oneOf('container', ['RAW'])
  output.optionalOneOf('extension', ['jpg'])
  const video = output.object('videoDescription')
  video.optionalOneOf('scalingBehavior', ['DEFAULT', 'STRETCH_TO_OUTPUT'])
  readColour(video.object('videoPreprocessors').object('colorCorrector'))
  const codec = video.object('codecSettings')
  codec.oneOf('codec', ['FRAME_CAPTURE'])
  const capture = codec.object('frameCaptureSettings')
  const perSecond =
    capture.number('framerateNumerator', 1, 2_147_483_647) / capture.number('framerateDenominator', 1, 2_147_483_647)
  return {
    kind: 'capture',
    modifier: output.optionalText('nameModifier') ?? '',
    size: readSize(video),
    everySeconds: 1 / perSecond,
    max: capture.optionalNumber('maxCaptures', 1, 10_000_000) ?? 10_000_000,
    quality: capture.optionalNumber('quality', 1, 100) ?? 80,
  }
}

function readSize(video: SettingsReader): Size | undefined {
  const width = video.optionalNumber('width', 32, MAX_SIDE)
  const height = video.optionalNumber('height', 32, MAX_SIDE)
  if (width === undefined && height === undefined) return undefined
  if (width === undefined || height === undefined) return video.fail('width', 'and height must both be given, or none')
  if (width % 2 === 1 || height % 2 === 1)
    throw new AwsError('BadRequestException', `${video.path}: width and height must be even, not ${width}x${height}`)
  return { width, height }
}
