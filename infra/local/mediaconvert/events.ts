import type { Cloud } from '../cloud.ts'
import type { ServiceEvent } from '../eventbridge/event.ts'
import type { Job } from './jobs.ts'
import type { Source } from './source.ts'
import type { GroupResult, Phase } from './transcode.ts'

/**
 * What MediaConvert tells the default bus about a job.
 * https://docs.aws.amazon.com/mediaconvert/latest/ug/mediaconvert_event_list.html
 */
export function jobEvent(cloud: Cloud, job: Job, status: EventStatus, facts: object = {}): ServiceEvent {
  const now = cloud.now()
  return {
    source: 'aws.mediaconvert',
    'detail-type': 'MediaConvert Job State Change',
    account: cloud.accountId,
    time: new Date(now).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region: cloud.region,
    resources: [jobArn(cloud, job)],
    detail: {
      timestamp: now,
      accountId: cloud.accountId,
      queue: job.queue,
      jobId: job.id,
      status,
      userMetadata: job.userMetadata,
      ...facts,
    },
  }
}

export type EventStatus = 'PROGRESSING' | 'INPUT_INFORMATION' | 'STATUS_UPDATE' | 'COMPLETE' | 'CANCELED' | 'ERROR'

export function jobArn({ region, accountId }: Cloud, { id }: Pick<Job, 'id'>): string {
  return `arn:aws:mediaconvert:${region}:${accountId}:jobs/${id}`
}

export function inputInformation({ settings }: Job, source: Source): object {
  const [input] = settings['inputs'] as readonly { readonly fileInput: string }[]
  const { size, frameRate, videoCodec, bitDepth, audio } = source
  return {
    inputDetails: [
      {
        id: 1,
        uri: input?.fileInput,
        audio: audio
          ? [
              {
                channels: audio.channels,
                codec: audio.codec.toUpperCase(),
                language: 'UND',
                sampleRate: audio.sampleRate,
                streamId: 2,
              },
            ]
          : [],
        video: [
          {
            bitDepth,
            codec: CODECS[videoCodec] ?? videoCodec.toUpperCase(),
            colorFormat: 'YUV_420',
            frameRate: frameRate.numerator / frameRate.denominator,
            height: size.height,
            interlaceMode: 'PROGRESSIVE',
            sar: '1:1',
            standard: 'UNSPECIFIED',
            streamId: 1,
            width: size.width,
          },
        ],
      },
    ],
  }
}

const CODECS: Readonly<Record<string, string>> = { h264: 'H_264', hevc: 'H_265', mpeg4: 'MPEG_4', vp9: 'VP9' }

const PHASES: readonly Phase[] = ['PROBING', 'TRANSCODING', 'UPLOADING']

export function statusUpdate({ phase = 'PROBING', percent = 0 }: Job, phasePercent: number, frames: number): object {
  const at = PHASES.indexOf(phase)
  return {
    framesDecoded: frames,
    jobProgress: {
      phaseProgress: Object.fromEntries(
        PHASES.map((name, index) => {
          if (index < at) return [name, { status: 'COMPLETE', percentComplete: 100 }]
          if (index > at) return [name, { status: 'PENDING', percentComplete: 0 }]
          return [name, { status: 'PROGRESSING', percentComplete: phasePercent }]
        }),
      ),
      jobPercentComplete: percent,
      currentPhase: phase,
      retryCount: 0,
    },
  }
}

export function completion(results: readonly GroupResult[]): object {
  return {
    paddingInserted: 0,
    blackVideoDetected: 0,
    warnings: [],
    outputGroupDetails: results.map(({ type, playlists, outputs }) => ({
      type,
      ...(playlists.length > 0 && { playlistFilePaths: playlists }),
      outputDetails: outputs.map(({ paths, durationMs, video }) => ({
        ...(paths.length > 0 && { outputFilePaths: paths }),
        durationInMs: durationMs,
        ...(video && {
          videoDetails: {
            widthInPx: video.width,
            heightInPx: video.height,
            ...(video.averageBitrate !== undefined && { averageBitrate: video.averageBitrate }),
          },
        }),
      })),
    })),
  }
}
