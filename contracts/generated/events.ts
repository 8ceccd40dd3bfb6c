// Made by `npm run contracts` from the schemas of contracts/; a change made here is lost.

import { EventContract } from '../event-contract.ts'
import type { AudioFacts, AudioRendition, Face, Frame, Label, Rendition, Rung, StoredObject, VideoFacts, VideoRendition } from './shapes.ts'
import {
  readContentModeratedV1,
  writeContentModeratedV1,
  readFaceDetectedV1,
  writeFaceDetectedV1,
  readFileProcessedV1,
  writeFileProcessedV1,
  readImageOptimizedV1,
  writeImageOptimizedV1,
  readMalwareScanCompletedV1,
  writeMalwareScanCompletedV1,
  readMalwareScanPassedV1,
  writeMalwareScanPassedV1,
  readMediaReadyV1,
  writeMediaReadyV1,
  readMediaRejectedV1,
  writeMediaRejectedV1,
  readMediaUploadRequestedV1,
  writeMediaUploadRequestedV1,
  readMediaUploadedV1,
  writeMediaUploadedV1,
  readMetadataExtractedV1,
  writeMetadataExtractedV1,
  readMetadataExtractedV2,
  writeMetadataExtractedV2,
  readModerationOverriddenV1,
  writeModerationOverriddenV1,
  readProcessingFailedV1,
  writeProcessingFailedV1,
  readThumbnailReadyV1,
  writeThumbnailReadyV1,
  readThumbnailReadyV2,
  writeThumbnailReadyV2,
  readTranscodeFailedV1,
  writeTranscodeFailedV1,
  readVideoCompressedV1,
  writeVideoCompressedV1,
  readVideoFramesSampledV1,
  writeVideoFramesSampledV1,
  readVideoRemuxSkippedV1,
  writeVideoRemuxSkippedV1,
  readVideoRemuxedV1,
  writeVideoRemuxedV1,
  readVideoStreamReadyV1,
  writeVideoStreamReadyV1,
  readVideoTranscodeProgressedV1,
  writeVideoTranscodeProgressedV1,
  readVideoTranscodeStartedV1,
  writeVideoTranscodeStartedV1,
  readVideoTranscodedV1,
  writeVideoTranscodedV1,
  readVoiceProcessedV1,
  writeVoiceProcessedV1,
} from './validators.js'

export type * from './shapes.ts'

/**
 * What every event says of itself, in `detail.meta`: the attributes and extensions of CloudEvents 1.0 under the product's names. What happened is in `detail.data`.
 */
export interface Meta {
  /**
   * A UUIDv5 of what caused the event: the same cause, processed again, gives the same id.
   */
  readonly id: string
  /**
   * The event's name without its version, such as ThumbnailReady.
   */
  readonly type: string
  /**
   * `<major>.<minor>` of the contract that `data` was written by.
   */
  readonly version: string
  /**
   * When the fact happened; shown, never compared.
   */
  readonly time: string
  /**
   * The `$id` of the schema of `data`: a name, not an address to fetch from.
   */
  readonly dataschema: string
  /**
   * The media that this is about.
   */
  readonly subject: string
  /**
   * `<epoch>.<retry>`: which forced replay and which retry made it; `0.0` the first time.
   */
  readonly run: string
  /**
   * The same for everything that came of one request or upload.
   */
  readonly correlationId: string
  /**
   * The id of the event that caused this one; a first event names itself.
   */
  readonly causationId: string
  /**
   * W3C Trace Context.
   */
  readonly traceparent: string
  /**
   * Who asked for it, as an opaque id: never a name, an address or a number that an archive would keep for ever.
   */
  readonly actor?: string
  /**
   * On everything that is published because of a replay: ordinary rules don't match it.
   */
  readonly replay?: {
    /**
     * The name of the replay.
     */
    readonly id: string
    /**
     * `default`: what was done stays done. `force`: do it again, as a new run.
     */
    readonly mode: 'default' | 'force' | (string & {})
    /**
     * The number of the forced replay; 0 where none was forced.
     */
    readonly epoch: number
    /**
     * The consumers whose replay lanes this event reaches, as the plan of the replay names them; none where it is left out.
     *
     * @minItems 1
     * @maxItems 32
     */
    readonly lanes?: readonly string[]
  }
}

/**
 * Sent when somebody or something has looked at what a media shows. `flagged` is shown, and people look again; `blocked` is not shown, and MediaRejected comes with it.
 */
export interface ContentModeratedV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  /**
   * What follows.
   */
  readonly verdict: 'approved' | 'flagged' | 'blocked' | (string & {})
  /**
   * What was seen, surest first.
   *
   * @maxItems 64
   */
  readonly labels: readonly Label[]
  /**
   * Who looked, with its version.
   */
  readonly model: string
  /**
   * SHA-256 of what was looked at: the same content is looked at once.
   */
  readonly contentHash: string
}

/** Sent when somebody or something has looked at what a media shows. `flagged` is shown, and people look again; `blocked` is not shown, and MediaRejected comes with it. */
export const ContentModeratedV1 = new EventContract<ContentModeratedV1Data>({
  name: 'ContentModerated',
  major: 1,
  minor: 0,
  dataschema: 'https://contracts.messageai.media/events/content-moderated/v1.schema.json',
  writer: writeContentModeratedV1,
  reader: readContentModeratedV1,
})

/**
 * Sent when a profile picture shows one face that is large and sharp enough, and it was cut to it.
 */
export interface FaceDetectedV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  readonly face: Face
  /**
   * Squares around the face, smallest first.
   *
   * @minItems 1
   * @maxItems 16
   */
  readonly avatars: readonly Rendition[]
}

/** Sent when a profile picture shows one face that is large and sharp enough, and it was cut to it. */
export const FaceDetectedV1 = new EventContract<FaceDetectedV1Data>({
  name: 'FaceDetected',
  major: 1,
  minor: 0,
  dataschema: 'https://contracts.messageai.media/events/face-detected/v1.schema.json',
  writer: writeFaceDetectedV1,
  reader: readFaceDetectedV1,
})

/**
 * Sent when it is known what a file is and how it may be handed out. Archives are never unpacked. Never holds its name: that is in the media's document alone.
 */
export interface FileProcessedV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  /**
   * From the bytes, never from the name.
   */
  format:
    'pdf' | 'zip' | 'office' | 'text' | 'image' | 'video' | 'audio' | 'html' | 'executable' | 'other' | (string & {})
  /**
   * With which it is served; what browsers would run is served as plain bytes.
   */
  readonly contentType: string
  /**
   * Whether a browser may show it in place.
   */
  readonly disposition: 'attachment' | 'inline' | (string & {})
  /**
   * Of a document.
   */
  readonly pages?: number
  /**
   * Of its first page.
   *
   * @maxItems 8
   */
  readonly previews?: readonly Rendition[]
}

/** Sent when it is known what a file is and how it may be handed out. Archives are never unpacked. Never holds its name: that is in the media's document alone. */
export const FileProcessedV1 = new EventContract<FileProcessedV1Data>({
  name: 'FileProcessed',
  major: 1,
  minor: 0,
  dataschema: 'https://contracts.messageai.media/events/file-processed/v1.schema.json',
  writer: writeFileProcessedV1,
  reader: readFileProcessedV1,
})

/**
 * Sent when the forms of a photo that a chat shows in full are stored and were verified: WebP, and JPEG for what can't show it; of a GIF that is too large to stay moving in WebP, also an MP4 without sound.
 */
export interface ImageOptimizedV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  /**
   * @minItems 1
   * @maxItems 16
   */
  readonly variants: readonly Rendition[]
  /**
   * For whoever looks at what a picture shows, such as moderation: JPEGs of later frames where it moves, and on other backgrounds than white where it is see-through. Never shown to people.
   *
   * @maxItems 16
   */
  readonly stills?: readonly Rendition[]
}

/** Sent when the forms of a photo that a chat shows in full are stored and were verified: WebP, and JPEG for what can't show it; of a GIF that is too large to stay moving in WebP, also an MP4 without sound. */
export const ImageOptimizedV1 = new EventContract<ImageOptimizedV1Data>({
  name: 'ImageOptimized',
  major: 1,
  minor: 1,
  dataschema: 'https://contracts.messageai.media/events/image-optimized/v1.schema.json',
  writer: writeImageOptimizedV1,
  reader: readImageOptimizedV1,
})

/**
 * Sent when the scanner has given its verdict on one version of an original. Only `clean` lets it be served.
 */
export interface MalwareScanCompletedV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  readonly object: StoredObject
  /**
   * `unsupported`, `failed` and `access-denied` are not clean.
   */
  readonly verdict: 'clean' | 'infected' | 'unsupported' | 'failed' | 'access-denied' | (string & {})
  readonly scanner: string
  /**
   * What the scanner calls them.
   *
   * @maxItems 32
   */
  readonly threats?: readonly string[]
}

/** Sent when the scanner has given its verdict on one version of an original. Only `clean` lets it be served. */
export const MalwareScanCompletedV1 = new EventContract<MalwareScanCompletedV1Data>({
  name: 'MalwareScanCompleted',
  major: 1,
  minor: 0,
  dataschema: 'https://contracts.messageai.media/events/malware-scan-completed/v1.schema.json',
  writer: writeMalwareScanCompletedV1,
  reader: readMalwareScanCompletedV1,
})

/**
 * Sent when the bound version of an original was scanned and found clean. Never sent for any other verdict.
 */
export interface MalwareScanPassedV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  readonly object: StoredObject
  readonly scanner: string
}

/** Sent when the bound version of an original was scanned and found clean. Never sent for any other verdict. */
export const MalwareScanPassedV1 = new EventContract<MalwareScanPassedV1Data>({
  name: 'MalwareScanPassed',
  major: 1,
  minor: 0,
  dataschema: 'https://contracts.messageai.media/events/malware-scan-passed/v1.schema.json',
  writer: writeMalwareScanPassedV1,
  reader: readMalwareScanPassedV1,
})

/**
 * Sent when every required step of a media has succeeded. The same winning runs give the same event id, however often it is sent.
 */
export interface MediaReadyV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  /**
   * The required steps and the run of each that won, by name.
   *
   * @minItems 1
   * @maxItems 32
   */
  readonly steps: {
    readonly name: string
    readonly run: string
  }[]
}

/** Sent when every required step of a media has succeeded. The same winning runs give the same event id, however often it is sent. */
export const MediaReadyV1 = new EventContract<MediaReadyV1Data>({
  name: 'MediaReady',
  major: 1,
  minor: 1,
  dataschema: 'https://contracts.messageai.media/events/media-ready/v1.schema.json',
  writer: writeMediaReadyV1,
  reader: readMediaReadyV1,
})

/**
 * Sent when a file is at fault and the person who sent it can act. Never sent for faults of ours: those are ProcessingFailed.
 */
export interface MediaRejectedV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  /**
   * The consumer that found it.
   */
  readonly step: string
  /**
   * Machine-readable reason.
   */
  code:
    | 'unsupported-type'
    | 'undecodable'
    | 'too-large'
    | 'too-many-pixels'
    | 'too-many-frames'
    | 'empty'
    | 'type-mismatch'
    | 'too-long'
    | 'no-picture'
    | 'no-sound'
    | 'not-allowed'
    | 'malware'
    | 'unscannable'
    | 'no-face'
    | 'several-faces'
    | 'face-too-small'
    | 'face-blurred'
    | 'no-stream'
    | 'too-much-memory'
    | 'too-many-tracks'
    | 'too-many-channels'
    | (string & {})
  /**
   * One sentence for people: what is wrong and what would do.
   */
  readonly message: string
}

/** Sent when a file is at fault and the person who sent it can act. Never sent for faults of ours: those are ProcessingFailed. */
export const MediaRejectedV1 = new EventContract<MediaRejectedV1Data>({
  name: 'MediaRejected',
  major: 1,
  minor: 2,
  dataschema: 'https://contracts.messageai.media/events/media-rejected/v1.schema.json',
  writer: writeMediaRejectedV1,
  reader: readMediaRejectedV1,
})

/**
 * Sent when a client was given a signed upload for a new media. Never sent for a repeated request with the same idempotency key.
 */
export interface MediaUploadRequestedV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  /**
   * As the client declared it; the bytes decide later.
   */
  readonly contentType: string
  /**
   * As the client declared it.
   */
  readonly bytes: number
  /**
   * When the signed upload ends.
   */
  readonly expiresAt: string
}

/** Sent when a client was given a signed upload for a new media. Never sent for a repeated request with the same idempotency key. */
export const MediaUploadRequestedV1 = new EventContract<MediaUploadRequestedV1Data>({
  name: 'MediaUploadRequested',
  major: 1,
  minor: 1,
  dataschema: 'https://contracts.messageai.media/events/media-upload-requested/v1.schema.json',
  writer: writeMediaUploadRequestedV1,
  reader: readMediaUploadRequestedV1,
})

/**
 * Sent once for a media, when its bytes lie in storage and were bound to it. Never sent for derived objects, nor for a second version of the same key.
 */
export interface MediaUploadedV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  /**
   * As the client declared it; the bytes decide later.
   */
  readonly contentType: string
  readonly object: StoredObject
}

/** Sent once for a media, when its bytes lie in storage and were bound to it. Never sent for derived objects, nor for a second version of the same key. */
export const MediaUploadedV1 = new EventContract<MediaUploadedV1Data>({
  name: 'MediaUploaded',
  major: 1,
  minor: 1,
  dataschema: 'https://contracts.messageai.media/events/media-uploaded/v1.schema.json',
  writer: writeMediaUploadedV1,
  reader: readMediaUploadedV1,
})

/**
 * Sent when a media's own facts were read from its bytes. Never holds a place: GPS is not read into any event or document.
 */
export interface MetadataExtractedV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is. Grows: video, voice, file, profile.
   */
  readonly kind: 'image' | (string & {})
  /**
   * From the bytes, never from the name.
   */
  readonly format: 'jpeg' | 'png' | 'webp' | 'gif' | 'avif' | 'heic' | (string & {})
  /**
   * That of the bytes.
   */
  readonly contentType: string
  readonly bytes: number
  /**
   * Pixels, upright.
   */
  readonly width: number
  /**
   * Pixels, upright.
   */
  readonly height: number
  readonly frames: number
  readonly hasAlpha: boolean
  /**
   * Local wall time as the camera wrote it, without a zone.
   */
  readonly capturedAt?: string
}

/** Sent when a media's own facts were read from its bytes. Never holds a place: GPS is not read into any event or document. */
export const MetadataExtractedV1 = new EventContract<MetadataExtractedV1Data>({
  name: 'MetadataExtracted',
  major: 1,
  minor: 0,
  dataschema: 'https://contracts.messageai.media/events/metadata-extracted/v1.schema.json',
  writer: writeMetadataExtractedV1,
  reader: readMetadataExtractedV1,
})

/**
 * Sent when a media's own facts were read from its bytes: what a picture, a video, a recording or a document says of itself. Never holds a place or a title: those are not read into any event or document. Since v2 not every media is a picture.
 */
export interface MetadataExtractedV2Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  /**
   * From the bytes, never from the name.
   */
  format:
    | 'jpeg'
    | 'png'
    | 'webp'
    | 'gif'
    | 'avif'
    | 'heic'
    | 'mp4'
    | 'mov'
    | 'webm'
    | 'matroska'
    | 'avi'
    | '3gp'
    | 'm4a'
    | 'mp3'
    | 'ogg'
    | 'wav'
    | 'flac'
    | 'aac'
    | 'amr'
    | 'pdf'
    | 'zip'
    | 'text'
    | 'other'
    | (string & {})
  /**
   * That of the bytes.
   */
  readonly contentType: string
  readonly bytes: number
  /**
   * Pixels, upright.
   */
  readonly width?: number
  /**
   * Pixels, upright.
   */
  readonly height?: number
  /**
   * Of a picture; more than one where it moves.
   */
  readonly frames?: number
  readonly hasAlpha?: boolean
  /**
   * Local wall time as the camera wrote it, without a zone.
   */
  readonly capturedAt?: string
  /**
   * How long it plays.
   */
  readonly durationMs?: number
  readonly video?: VideoFacts
  readonly audio?: AudioFacts
  /**
   * Of a document.
   */
  readonly pages?: number
}

/** Sent when a media's own facts were read from its bytes: what a picture, a video, a recording or a document says of itself. Never holds a place or a title: those are not read into any event or document. Since v2 not every media is a picture. */
export const MetadataExtractedV2 = new EventContract<MetadataExtractedV2Data>({
  name: 'MetadataExtracted',
  major: 2,
  minor: 0,
  dataschema: 'https://contracts.messageai.media/events/metadata-extracted/v2.schema.json',
  writer: writeMetadataExtractedV2,
  reader: readMetadataExtractedV2,
})

/**
 * Sent when a moderator has decided otherwise, for the very bytes that were looked at. The highest number counts.
 */
export interface ModerationOverriddenV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  /**
   * Counts the decisions on this media.
   */
  readonly number: number
  /**
   * What the moderator decided.
   */
  readonly verdict: 'approved' | 'blocked' | (string & {})
  readonly object: StoredObject
}

/** Sent when a moderator has decided otherwise, for the very bytes that were looked at. The highest number counts. */
export const ModerationOverriddenV1 = new EventContract<ModerationOverriddenV1Data>({
  name: 'ModerationOverridden',
  major: 1,
  minor: 0,
  dataschema: 'https://contracts.messageai.media/events/moderation-overridden/v1.schema.json',
  writer: writeModerationOverriddenV1,
  reader: readModerationOverriddenV1,
})

/**
 * Sent when a step was given up because of a fault of ours: it could not be done, or its deadline passed. A media that requires the step has failed, and a retry may help. Never sent for bad files: those are MediaRejected.
 */
export interface ProcessingFailedV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  /**
   * The consumer whose step it is.
   */
  readonly step: string
  readonly run: string
  code:
    | 'deadline-passed'
    | 'transcode-failed'
    | 'stream-incomplete'
    | 'scan-failed'
    | 'decoder-missing'
    | 'no-ffmpeg'
    | 'ffmpeg-failed'
    | 'timed-out'
    | 'stopped'
    | 'killed'
    | (string & {})
  /**
   * One sentence for people: what is wrong and what would do.
   */
  readonly message: string
}

/** Sent when a step was given up because of a fault of ours: it could not be done, or its deadline passed. A media that requires the step has failed, and a retry may help. Never sent for bad files: those are MediaRejected. */
export const ProcessingFailedV1 = new EventContract<ProcessingFailedV1Data>({
  name: 'ProcessingFailed',
  major: 1,
  minor: 2,
  dataschema: 'https://contracts.messageai.media/events/processing-failed/v1.schema.json',
  writer: writeProcessingFailedV1,
  reader: readProcessingFailedV1,
})

/**
 * Sent when all thumbnails of a media are stored and were verified. Never sent for a part of them.
 */
export interface ThumbnailReadyV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is. Grows: video, voice, file, profile.
   */
  readonly kind: 'image' | (string & {})
  /**
   * @minItems 1
   * @maxItems 16
   */
  readonly thumbnails: readonly Rendition[]
  /**
   * A blurred placeholder of some 25 bytes, base64.
   */
  readonly thumbhash: string
}

/** Sent when all thumbnails of a media are stored and were verified. Never sent for a part of them. */
export const ThumbnailReadyV1 = new EventContract<ThumbnailReadyV1Data>({
  name: 'ThumbnailReady',
  major: 1,
  minor: 0,
  dataschema: 'https://contracts.messageai.media/events/thumbnail-ready/v1.schema.json',
  writer: writeThumbnailReadyV1,
  reader: readThumbnailReadyV1,
})

/**
 * Sent when all thumbnails of a media are stored and were verified. Never sent for a part of them. Since v1 the placeholder says what kind it is, so that another kind needs no new major.
 */
export interface ThumbnailReadyV2Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  /**
   * @minItems 1
   * @maxItems 16
   */
  readonly thumbnails: readonly Rendition[]
  /**
   * What is shown until a thumbnail has come.
   */
  readonly placeholder: {
    /**
     * How `value` is to be read; of a kind that you do not know, show none.
     */
    readonly kind: 'thumbhash' | (string & {})
    /**
     * base64; a thumbhash has some 25 bytes.
     */
    readonly value: string
  }
}

/** Sent when all thumbnails of a media are stored and were verified. Never sent for a part of them. Since v1 the placeholder says what kind it is, so that another kind needs no new major. */
export const ThumbnailReadyV2 = new EventContract<ThumbnailReadyV2Data>({
  name: 'ThumbnailReady',
  major: 2,
  minor: 1,
  dataschema: 'https://contracts.messageai.media/events/thumbnail-ready/v2.schema.json',
  writer: writeThumbnailReadyV2,
  reader: readThumbnailReadyV2,
})

/**
 * Sent when the transcoder gave a job up, or it was cancelled. The single-file forms are then made without it.
 */
export interface TranscodeFailedV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  /**
   * The transcoder's own name for the job.
   */
  readonly jobId: string
  /**
   * Which try it is; its outputs lie below a prefix of their own.
   */
  readonly attempt: string
  /**
   * The transcoder's own code, or `canceled`.
   */
  readonly code: string
  /**
   * One sentence for people: what is wrong and what would do.
   */
  readonly message: string
}

/** Sent when the transcoder gave a job up, or it was cancelled. The single-file forms are then made without it. */
export const TranscodeFailedV1 = new EventContract<TranscodeFailedV1Data>({
  name: 'TranscodeFailed',
  major: 1,
  minor: 0,
  dataschema: 'https://contracts.messageai.media/events/transcode-failed/v1.schema.json',
  writer: writeTranscodeFailedV1,
  reader: readTranscodeFailedV1,
})

/**
 * Sent when the single-file forms of a video are stored and were verified, one for each quality: H.264 and AAC, playing from their first bytes on.
 */
export interface VideoCompressedV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  /**
   * @minItems 1
   * @maxItems 16
   */
  readonly videos: readonly VideoRendition[]
}

/** Sent when the single-file forms of a video are stored and were verified, one for each quality: H.264 and AAC, playing from their first bytes on. */
export const VideoCompressedV1 = new EventContract<VideoCompressedV1Data>({
  name: 'VideoCompressed',
  major: 1,
  minor: 0,
  dataschema: 'https://contracts.messageai.media/events/video-compressed/v1.schema.json',
  writer: writeVideoCompressedV1,
  reader: readVideoCompressedV1,
})

/**
 * Sent when a few pictures of a video are stored for whoever looks at what it shows, such as moderation. Never shown to people.
 */
export interface VideoFramesSampledV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  /**
   * @minItems 1
   * @maxItems 32
   */
  readonly frames: readonly Frame[]
}

/** Sent when a few pictures of a video are stored for whoever looks at what it shows, such as moderation. Never shown to people. */
export const VideoFramesSampledV1 = new EventContract<VideoFramesSampledV1Data>({
  name: 'VideoFramesSampled',
  major: 1,
  minor: 0,
  dataschema: 'https://contracts.messageai.media/events/video-frames-sampled/v1.schema.json',
  writer: writeVideoFramesSampledV1,
  reader: readVideoFramesSampledV1,
})

/**
 * Sent when it is found that a video's own pictures and sound can't be handed out as they came, so that nothing of it plays before its stream is made. Nothing is wrong with the video, and nothing waits for this.
 */
export interface VideoRemuxSkippedV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  /**
   * Other devices could not play it so, or its file can't be copied without decoding it.
   */
  readonly code: 'unfit' | 'uncopyable' | (string & {})
  /**
   * One sentence for people: why it takes longer.
   */
  readonly message: string
}

/** Sent when it is found that a video's own pictures and sound can't be handed out as they came, so that nothing of it plays before its stream is made. Nothing is wrong with the video, and nothing waits for this. */
export const VideoRemuxSkippedV1 = new EventContract<VideoRemuxSkippedV1Data>({
  name: 'VideoRemuxSkipped',
  major: 1,
  minor: 0,
  dataschema: 'https://contracts.messageai.media/events/video-remux-skipped/v1.schema.json',
  writer: writeVideoRemuxSkippedV1,
  reader: readVideoRemuxSkippedV1,
})

/**
 * Sent when a video's own pictures and sound, as they came, are stored as a file that plays from its first bytes on. Never sent for a video that other devices could not play so.
 */
export interface VideoRemuxedV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  readonly video: VideoRendition
}

/** Sent when a video's own pictures and sound, as they came, are stored as a file that plays from its first bytes on. Never sent for a video that other devices could not play so. */
export const VideoRemuxedV1 = new EventContract<VideoRemuxedV1Data>({
  name: 'VideoRemuxed',
  major: 1,
  minor: 0,
  dataschema: 'https://contracts.messageai.media/events/video-remuxed/v1.schema.json',
  writer: writeVideoRemuxedV1,
  reader: readVideoRemuxedV1,
})

/**
 * Sent when a video's stream is stored whole and was verified: an HLS master playlist, a playlist and segments for each quality, and a DASH manifest over the same segments.
 */
export interface VideoStreamReadyV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  readonly hls: StoredObject
  readonly dash?: StoredObject
  /**
   * Below which its playlists and segments lie.
   */
  readonly prefix?: string
  /**
   * How long it plays.
   */
  readonly durationMs: number
  /**
   * Best first.
   *
   * @minItems 1
   * @maxItems 16
   */
  readonly rungs: readonly Rung[]
  /**
   * Pictures at intervals, for scrubbing.
   *
   * @maxItems 1000
   */
  readonly frames?: readonly Frame[]
  readonly audio?: StoredObject
}

/** Sent when a video's stream is stored whole and was verified: an HLS master playlist, a playlist and segments for each quality, and a DASH manifest over the same segments. */
export const VideoStreamReadyV1 = new EventContract<VideoStreamReadyV1Data>({
  name: 'VideoStreamReady',
  major: 1,
  minor: 0,
  dataschema: 'https://contracts.messageai.media/events/video-stream-ready/v1.schema.json',
  writer: writeVideoStreamReadyV1,
  reader: readVideoStreamReadyV1,
})

/**
 * Sent as the transcoder gets on, at most once for each tenth. May come late or out of order: the highest counts.
 */
export interface VideoTranscodeProgressedV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  /**
   * The transcoder's own name for the job.
   */
  readonly jobId: string
  /**
   * Which try it is; its outputs lie below a prefix of their own.
   */
  readonly attempt: string
  readonly percent: number
  /**
   * What it is at.
   */
  readonly phase?: 'probing' | 'transcoding' | 'uploading' | (string & {})
}

/** Sent as the transcoder gets on, at most once for each tenth. May come late or out of order: the highest counts. */
export const VideoTranscodeProgressedV1 = new EventContract<VideoTranscodeProgressedV1Data>({
  name: 'VideoTranscodeProgressed',
  major: 1,
  minor: 0,
  dataschema: 'https://contracts.messageai.media/events/video-transcode-progressed/v1.schema.json',
  writer: writeVideoTranscodeProgressedV1,
  reader: readVideoTranscodeProgressedV1,
})

/**
 * Sent when the transcoder has taken the job that makes a video's stream. Its end comes as VideoTranscoded or TranscodeFailed.
 */
export interface VideoTranscodeStartedV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  /**
   * The transcoder's own name for the job.
   */
  readonly jobId: string
  /**
   * Which try it is; its outputs lie below a prefix of their own.
   */
  readonly attempt: string
}

/** Sent when the transcoder has taken the job that makes a video's stream. Its end comes as VideoTranscoded or TranscodeFailed. */
export const VideoTranscodeStartedV1 = new EventContract<VideoTranscodeStartedV1Data>({
  name: 'VideoTranscodeStarted',
  major: 1,
  minor: 0,
  dataschema: 'https://contracts.messageai.media/events/video-transcode-started/v1.schema.json',
  writer: writeVideoTranscodeStartedV1,
  reader: readVideoTranscodeStartedV1,
})

/**
 * Sent when the transcoder says that it is done. What lies there was not looked at yet: VideoStreamReady is sent when it was.
 */
export interface VideoTranscodedV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  /**
   * The transcoder's own name for the job.
   */
  readonly jobId: string
  /**
   * Which try it is; its outputs lie below a prefix of their own.
   */
  readonly attempt: string
  readonly bucket: string
  /**
   * Below which all its outputs lie.
   */
  readonly prefix: string
  /**
   * How long the longest output plays.
   */
  readonly durationMs: number
}

/** Sent when the transcoder says that it is done. What lies there was not looked at yet: VideoStreamReady is sent when it was. */
export const VideoTranscodedV1 = new EventContract<VideoTranscodedV1Data>({
  name: 'VideoTranscoded',
  major: 1,
  minor: 0,
  dataschema: 'https://contracts.messageai.media/events/video-transcoded/v1.schema.json',
  writer: writeVideoTranscodedV1,
  reader: readVideoTranscodedV1,
})

/**
 * Sent when the forms of a voice note are stored and were verified: AAC, which plays everywhere, and Opus beside it; with its wave for the bubble.
 */
export interface VoiceProcessedV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  /**
   * How long it plays.
   */
  readonly durationMs: number
  /**
   * base64 of 64 bytes, the loudest of each 64th of it, as the root of its part of full scale.
   */
  readonly peaks: string
  /**
   * LUFS, integrated, of the recording as it came; absent for silence.
   */
  readonly loudness?: number
  /**
   * Best supported first.
   *
   * @minItems 1
   * @maxItems 8
   */
  readonly audios: readonly AudioRendition[]
}

/** Sent when the forms of a voice note are stored and were verified: AAC, which plays everywhere, and Opus beside it; with its wave for the bubble. */
export const VoiceProcessedV1 = new EventContract<VoiceProcessedV1Data>({
  name: 'VoiceProcessed',
  major: 1,
  minor: 0,
  dataschema: 'https://contracts.messageai.media/events/voice-processed/v1.schema.json',
  writer: writeVoiceProcessedV1,
  reader: readVoiceProcessedV1,
})

/** Every event, each major of it. */
export const EVENTS: readonly EventContract<never>[] = [
  ContentModeratedV1,
  FaceDetectedV1,
  FileProcessedV1,
  ImageOptimizedV1,
  MalwareScanCompletedV1,
  MalwareScanPassedV1,
  MediaReadyV1,
  MediaRejectedV1,
  MediaUploadRequestedV1,
  MediaUploadedV1,
  MetadataExtractedV1,
  MetadataExtractedV2,
  ModerationOverriddenV1,
  ProcessingFailedV1,
  ThumbnailReadyV1,
  ThumbnailReadyV2,
  TranscodeFailedV1,
  VideoCompressedV1,
  VideoFramesSampledV1,
  VideoRemuxSkippedV1,
  VideoRemuxedV1,
  VideoStreamReadyV1,
  VideoTranscodeProgressedV1,
  VideoTranscodeStartedV1,
  VideoTranscodedV1,
  VoiceProcessedV1,
]
