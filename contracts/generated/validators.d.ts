// Made by `npm run contracts` from the schemas of contracts/; a change made here is lost.

import type { SchemaError } from '../event-contract.ts'
import type { MediaDocument, StepDocument } from './documents.ts'
import type { ImageOptimizedV1Data, MediaReadyV1Data, MediaRejectedV1Data, MediaUploadRequestedV1Data, MediaUploadedV1Data, Meta, MetadataExtractedV1Data, ProcessingFailedV1Data, ThumbnailReadyV1Data, ThumbnailReadyV2Data } from './events.ts'

interface Validator<T> {
  (value: unknown): value is T
  readonly errors?: readonly SchemaError[] | null
}

// write…: closed, for what we say. read…: open, for what we are told by a minor that may be newer.
export declare const writeMeta: Validator<Meta>
export declare const readMeta: Validator<Meta>
export declare const writeImageOptimizedV1: Validator<ImageOptimizedV1Data>
export declare const readImageOptimizedV1: Validator<ImageOptimizedV1Data>
export declare const writeMediaReadyV1: Validator<MediaReadyV1Data>
export declare const readMediaReadyV1: Validator<MediaReadyV1Data>
export declare const writeMediaRejectedV1: Validator<MediaRejectedV1Data>
export declare const readMediaRejectedV1: Validator<MediaRejectedV1Data>
export declare const writeMediaUploadRequestedV1: Validator<MediaUploadRequestedV1Data>
export declare const readMediaUploadRequestedV1: Validator<MediaUploadRequestedV1Data>
export declare const writeMediaUploadedV1: Validator<MediaUploadedV1Data>
export declare const readMediaUploadedV1: Validator<MediaUploadedV1Data>
export declare const writeMetadataExtractedV1: Validator<MetadataExtractedV1Data>
export declare const readMetadataExtractedV1: Validator<MetadataExtractedV1Data>
export declare const writeProcessingFailedV1: Validator<ProcessingFailedV1Data>
export declare const readProcessingFailedV1: Validator<ProcessingFailedV1Data>
export declare const writeThumbnailReadyV1: Validator<ThumbnailReadyV1Data>
export declare const readThumbnailReadyV1: Validator<ThumbnailReadyV1Data>
export declare const writeThumbnailReadyV2: Validator<ThumbnailReadyV2Data>
export declare const readThumbnailReadyV2: Validator<ThumbnailReadyV2Data>
export declare const writeMediaDocument: Validator<MediaDocument>
export declare const readMediaDocument: Validator<MediaDocument>
export declare const writeStepDocument: Validator<StepDocument>
export declare const readStepDocument: Validator<StepDocument>
