import type { JobTemplateSettings, Output, OutputGroup } from '@aws-sdk/client-mediaconvert'
import { LADDER } from './ladder.ts'

/** What outputs of the template are told apart by. */
export const modifierOf = (name: string): string => `_${name}`

export const AUDIO_MODIFIER = modifierOf('audio')
const AUDIO_SELECTOR = 'Audio Selector 1'

/**
 * The settings of the job template: the whole ladder, without what depends on a source. Plain data, which the template
 * that is deployed is made of and jobs are cut from.
 */
export function jobTemplateSettings(): JobTemplateSettings & { readonly OutputGroups: readonly OutputGroup[] } {
  return {
    TimecodeConfig: { Source: 'ZEROBASED' },
    Inputs: [
      {
        TimecodeSource: 'ZEROBASED',
        // Without it MediaConvert shows phones' portrait videos lying down.
        VideoSelector: { Rotate: 'AUTO', ColorSpace: 'FOLLOW' },
        AudioSelectors: { [AUDIO_SELECTOR]: { DefaultSelection: 'DEFAULT' } },
      },
    ],
    OutputGroups: [
      {
        Name: 'Stream',
        OutputGroupSettings: {
          Type: 'CMAF_GROUP_SETTINGS',
          CmafGroupSettings: {
            SegmentControl: 'SINGLE_FILE',
            SegmentLength: LADDER.segmentSeconds,
            FragmentLength: LADDER.gopSeconds,
            SegmentLengthControl: 'GOP_MULTIPLE',
            ManifestDurationFormat: 'FLOATING_POINT',
            StreamInfResolution: 'INCLUDE',
            CodecSpecification: 'RFC_6381',
            MpdProfile: 'ON_DEMAND_PROFILE',
            MpdManifestBandwidthType: 'AVERAGE',
            WriteHlsManifest: 'ENABLED',
            WriteDashManifest: 'ENABLED',
          },
        },
        Outputs: [...LADDER.rungs.map(({ name, maxBitrate }) => rung(name, maxBitrate)), audio()],
      },
      {
        Name: 'Frames',
        OutputGroupSettings: { Type: 'FILE_GROUP_SETTINGS', FileGroupSettings: {} },
        Outputs: [frames()],
      },
    ],
  }
}

function rung(name: string, maxBitrate: number): Output {
  return {
    NameModifier: modifierOf(name),
    ContainerSettings: { Container: 'CMFC' },
    VideoDescription: {
      CodecSettings: {
        Codec: 'H_264',
        H264Settings: {
          RateControlMode: 'QVBR',
          QvbrSettings: { QvbrQualityLevel: LADDER.quality },
          MaxBitrate: maxBitrate,
          QualityTuningLevel: 'SINGLE_PASS',
          CodecProfile: 'HIGH',
          CodecLevel: 'AUTO',
          InterlaceMode: 'PROGRESSIVE',
          ParControl: 'SPECIFIED',
          ParNumerator: 1,
          ParDenominator: 1,
          FramerateControl: 'INITIALIZE_FROM_SOURCE',
          GopSize: LADDER.gopSeconds,
          GopSizeUnits: 'SECONDS',
          GopClosedCadence: 1,
          // A keyframe at a cut would stand in one rung and not in another.
          SceneChangeDetect: 'DISABLED',
        },
      },
    },
  }
}

function audio(): Output {
  const { bitrate, sampleRate, lufs, truePeakDb } = LADDER.audio
  return {
    NameModifier: AUDIO_MODIFIER,
    ContainerSettings: {
      Container: 'CMFC',
      CmfcSettings: {
        AudioGroupId: 'audio',
        AudioTrackType: 'ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT',
        AudioDuration: 'MATCH_VIDEO_DURATION',
      },
    },
    AudioDescriptions: [
      {
        AudioSourceName: AUDIO_SELECTOR,
        AudioNormalizationSettings: {
          Algorithm: 'ITU_BS_1770_4',
          AlgorithmControl: 'CORRECT_AUDIO',
          PeakCalculation: 'TRUE_PEAK',
          TargetLkfs: lufs,
          TruePeakLimiterThreshold: truePeakDb,
        },
        CodecSettings: {
          Codec: 'AAC',
          AacSettings: {
            Bitrate: bitrate,
            CodecProfile: 'LC',
            CodingMode: 'CODING_MODE_2_0',
            RateControlMode: 'CBR',
            SampleRate: sampleRate,
          },
        },
      },
    ],
  }
}

function frames(): Output {
  const { everySeconds, max, quality } = LADDER.frames
  return {
    ContainerSettings: { Container: 'RAW' },
    VideoDescription: {
      CodecSettings: {
        Codec: 'FRAME_CAPTURE',
        FrameCaptureSettings: {
          FramerateNumerator: 1,
          FramerateDenominator: everySeconds,
          MaxCaptures: max,
          Quality: quality,
        },
      },
    },
  }
}
