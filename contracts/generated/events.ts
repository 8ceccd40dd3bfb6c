// Made by `npm run contracts` from the schemas of contracts/; a change made here is lost.

import { EventContract } from '../event-contract.ts'
import type { Rendition, StoredObject } from './shapes.ts'
import {
  readImageOptimizedV1,
  writeImageOptimizedV1,
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
  readProcessingFailedV1,
  writeProcessingFailedV1,
  readThumbnailReadyV1,
  writeThumbnailReadyV1,
  readThumbnailReadyV2,
  writeThumbnailReadyV2,
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
  }
}

/**
 * Sent when the forms of a photo that a chat shows in full are stored and were verified: WebP, and JPEG for what can't show it.
 */
export interface ImageOptimizedV1Data {
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
  readonly variants: readonly Rendition[]
}

/** Sent when the forms of a photo that a chat shows in full are stored and were verified: WebP, and JPEG for what can't show it. */
export const ImageOptimizedV1 = new EventContract<ImageOptimizedV1Data>({
  name: 'ImageOptimized',
  major: 1,
  minor: 0,
  dataschema: 'https://contracts.messageai.media/events/image-optimized/v1.schema.json',
  writer: writeImageOptimizedV1,
  reader: readImageOptimizedV1,
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
   * What the media is. Grows: video, voice, file, profile.
   */
  readonly kind: 'image' | (string & {})
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
  minor: 0,
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
   * What the media is. Grows: video, voice, file, profile.
   */
  readonly kind: 'image' | (string & {})
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
  minor: 0,
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
   * What the media is. Grows: video, voice, file, profile.
   */
  readonly kind: 'image' | (string & {})
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
  minor: 0,
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
   * What the media is. Grows: video, voice, file, profile.
   */
  readonly kind: 'image' | (string & {})
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
  minor: 0,
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
 * Sent when a required step was given up because of a fault of ours. A retry may help. Never sent for bad files: those are MediaRejected.
 */
export interface ProcessingFailedV1Data {
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  /**
   * What the media is. Grows: video, voice, file, profile.
   */
  readonly kind: 'image' | (string & {})
  /**
   * The consumer that found it.
   */
  readonly step: string
  readonly run: string
  readonly code: 'deadline-passed' | (string & {})
  /**
   * One sentence for people: what is wrong and what would do.
   */
  readonly message: string
}

/** Sent when a required step was given up because of a fault of ours. A retry may help. Never sent for bad files: those are MediaRejected. */
export const ProcessingFailedV1 = new EventContract<ProcessingFailedV1Data>({
  name: 'ProcessingFailed',
  major: 1,
  minor: 0,
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
   * What the media is. Grows: video, voice, file, profile.
   */
  readonly kind: 'image' | (string & {})
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
  minor: 0,
  dataschema: 'https://contracts.messageai.media/events/thumbnail-ready/v2.schema.json',
  writer: writeThumbnailReadyV2,
  reader: readThumbnailReadyV2,
})

/** Every event, each major of it. */
export const EVENTS: readonly EventContract<never>[] = [
  ImageOptimizedV1,
  MediaReadyV1,
  MediaRejectedV1,
  MediaUploadRequestedV1,
  MediaUploadedV1,
  MetadataExtractedV1,
  ProcessingFailedV1,
  ThumbnailReadyV1,
  ThumbnailReadyV2,
]
