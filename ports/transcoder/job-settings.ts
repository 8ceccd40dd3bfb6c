import type {
  JobSettings,
  JobTemplateSettings,
  Output,
  OutputGroup,
  VideoDescription,
} from '@aws-sdk/client-mediaconvert'
import { AUDIO_MODIFIER, modifierOf } from './job-template.ts'
import { frameSize, isTooFast, LADDER, ladderFor, OUTPUT_NAMES, type Rung } from './ladder.ts'
import { OrderRefused, type SourceVideo, type TranscodeOrder } from './transcoder.ts'

/**
 * A job's whole settings: the template's, cut to the source. Rungs that the source doesn't fill are left out, and so is
 * sound where it has none; what is wide in range is brought down, and what is too fast is slowed.
 * @throws OrderRefused where the template lacks what it is cut from.
 */
export function jobSettings(
  template: JobTemplateSettings,
  { source, output, video }: Pick<TranscodeOrder, 'source' | 'output' | 'video'>,
): JobSettings {
  const [input] = template.Inputs ?? []
  const below = (name: string) => `s3://${output.bucket}/${output.prefix}${name}`
  return {
    ...template,
    Inputs: [{ ...input, FileInput: `s3://${source.bucket}/${source.key}` }],
    OutputGroups: (template.OutputGroups ?? []).map((group) =>
      group.OutputGroupSettings?.Type === 'CMAF_GROUP_SETTINGS'
        ? stream(group, below(OUTPUT_NAMES.base), video)
        : frames(group, below(OUTPUT_NAMES.frames), video),
    ),
  }
}

function stream(group: OutputGroup, Destination: string, video: SourceVideo): OutputGroup {
  const outputs = group.Outputs ?? []
  const named = (modifier: string): Output => {
    const found = outputs.find(({ NameModifier }) => NameModifier === modifier)
    if (!found) throw new OrderRefused(`the job template has no output ${modifier}`)
    return found
  }
  const smallest = LADDER.rungs[LADDER.rungs.length - 1]?.name ?? ''
  const isOfTheLadder = ({ name }: Rung) => LADDER.rungs.some((rung) => rung.name === name)
  return {
    ...group,
    OutputGroupSettings: {
      ...group.OutputGroupSettings,
      CmafGroupSettings: { ...group.OutputGroupSettings?.CmafGroupSettings, Destination },
    },
    Outputs: [
      ...ladderFor(video).map((rung) => ({
        ...cutTo(named(modifierOf(isOfTheLadder(rung) ? rung.name : smallest)), rung, video),
        NameModifier: modifierOf(rung.name),
      })),
      ...(video.hasSound ? [named(AUDIO_MODIFIER)] : []),
    ],
  }
}

function frames(group: OutputGroup, Destination: string, video: SourceVideo): OutputGroup {
  return {
    ...group,
    OutputGroupSettings: {
      ...group.OutputGroupSettings,
      FileGroupSettings: { ...group.OutputGroupSettings?.FileGroupSettings, Destination },
    },
    Outputs: (group.Outputs ?? []).map((output) => cutTo(output, frameSize(video), video)),
  }
}

function cutTo(
  output: Output,
  { width, height }: { readonly width: number; readonly height: number },
  video: SourceVideo,
): Output {
  const { VideoDescription: description = {} } = output
  return {
    ...output,
    VideoDescription: {
      ...description,
      Width: width,
      Height: height,
      // Asked for only where it is needed: it costs the dearer tier.
      ...(video.hdr && { VideoPreprocessors: { ColorCorrector: { ColorSpaceConversion: 'FORCE_709' } } }),
      ...(isTooFast(video) && { CodecSettings: slowed(description) }),
    },
  }
}

function slowed({ CodecSettings: settings }: VideoDescription): VideoDescription['CodecSettings'] {
  if (!settings?.H264Settings) return settings
  return {
    ...settings,
    H264Settings: {
      ...settings.H264Settings,
      FramerateControl: 'SPECIFIED',
      FramerateConversionAlgorithm: 'DUPLICATE_DROP',
      FramerateNumerator: LADDER.maxFrameRate,
      FramerateDenominator: 1,
    },
  }
}
