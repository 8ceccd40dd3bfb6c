import { AudioNormalizationAlgorithm, type JobSettings, type Output } from '@aws-sdk/client-mediaconvert'

/** A ladder of one size after another, sound, and pictures at intervals, as jobs ask for them. */
export function ladderSettings(options: {
  readonly input: string
  /** `s3://bucket/path/` */
  readonly folder: string
  readonly sizes: readonly (readonly [width: number, height: number])[]
  readonly sound?: boolean
  readonly toStandardRange?: boolean
  readonly frameRate?: number
  readonly pictureSeconds?: number
}): JobSettings {
  const { input, folder, sizes, sound = true, pictureSeconds } = options
  return {
    TimecodeConfig: { Source: 'ZEROBASED' },
    Inputs: [
      {
        FileInput: input,
        TimecodeSource: 'ZEROBASED',
        VideoSelector: { Rotate: 'AUTO', ColorSpace: 'FOLLOW' },
        AudioSelectors: { 'Audio Selector 1': { DefaultSelection: 'DEFAULT' } },
      },
    ],
    OutputGroups: [
      {
        Name: 'CMAF',
        OutputGroupSettings: {
          Type: 'CMAF_GROUP_SETTINGS',
          CmafGroupSettings: {
            Destination: `${folder}master`,
            SegmentControl: 'SINGLE_FILE',
            SegmentLength: 4,
            FragmentLength: 2,
            WriteHlsManifest: 'ENABLED',
            WriteDashManifest: 'ENABLED',
          },
        },
        Outputs: [...sizes.map((size) => video(size, options)), ...(sound ? [AUDIO] : [])],
      },
      ...(pictureSeconds === undefined ? [] : [pictures(folder, pictureSeconds)]),
    ],
  }
}

function video(
  [Width, Height]: readonly [number, number],
  { toStandardRange = false, frameRate }: { readonly toStandardRange?: boolean; readonly frameRate?: number },
): Output {
  return {
    NameModifier: `_${Math.min(Width, Height)}p`,
    ContainerSettings: { Container: 'CMFC' },
    VideoDescription: {
      Width,
      Height,
      ...(toStandardRange && { VideoPreprocessors: { ColorCorrector: { ColorSpaceConversion: 'FORCE_709' } } }),
      CodecSettings: {
        Codec: 'H_264',
        H264Settings: {
          RateControlMode: 'QVBR',
          QvbrSettings: { QvbrQualityLevel: 7 },
          MaxBitrate: 800_000,
          GopSize: 2,
          GopSizeUnits: 'SECONDS',
          SceneChangeDetect: 'DISABLED',
          CodecProfile: 'HIGH',
          ...(frameRate === undefined
            ? { FramerateControl: 'INITIALIZE_FROM_SOURCE' }
            : { FramerateControl: 'SPECIFIED', FramerateNumerator: frameRate, FramerateDenominator: 1 }),
        },
      },
    },
  }
}

const AUDIO: Output = {
  NameModifier: '_audio',
  ContainerSettings: {
    Container: 'CMFC',
    CmfcSettings: { AudioGroupId: 'audio', AudioTrackType: 'ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT' },
  },
  AudioDescriptions: [
    {
      AudioSourceName: 'Audio Selector 1',
      AudioNormalizationSettings: {
        Algorithm: AudioNormalizationAlgorithm.ITU_BS_1770_4,
        AlgorithmControl: 'CORRECT_AUDIO',
        TargetLkfs: -16,
        TruePeakLimiterThreshold: -1.5,
      },
      CodecSettings: {
        Codec: 'AAC',
        AacSettings: { Bitrate: 96_000, CodingMode: 'CODING_MODE_2_0', SampleRate: 48_000 },
      },
    },
  ],
}

function pictures(folder: string, seconds: number) {
  return {
    Name: 'Pictures',
    OutputGroupSettings: {
      Type: 'FILE_GROUP_SETTINGS' as const,
      FileGroupSettings: { Destination: `${folder}frames/frame` },
    },
    Outputs: [
      {
        ContainerSettings: { Container: 'RAW' as const },
        VideoDescription: {
          Width: 96,
          Height: 54,
          CodecSettings: {
            Codec: 'FRAME_CAPTURE' as const,
            FrameCaptureSettings: {
              FramerateNumerator: 1,
              FramerateDenominator: seconds,
              MaxCaptures: 50,
              Quality: 80,
            },
          },
        },
      },
    ],
  }
}
