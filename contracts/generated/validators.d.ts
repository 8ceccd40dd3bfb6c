// Made by `npm run contracts` from the schemas of contracts/; a change made here is lost.

import type { SchemaError } from '../event-contract.ts'
import type { MediaDocument, StepDocument } from './documents.ts'
import type { ContentModeratedV1Data, FaceDetectedV1Data, FileProcessedV1Data, ImageOptimizedV1Data, MalwareScanCompletedV1Data, MalwareScanPassedV1Data, MediaReadyV1Data, MediaRejectedV1Data, MediaUploadRequestedV1Data, MediaUploadedV1Data, Meta, MetadataExtractedV1Data, MetadataExtractedV2Data, ModerationOverriddenV1Data, ProcessingFailedV1Data, ThumbnailReadyV1Data, ThumbnailReadyV2Data, TranscodeFailedV1Data, VideoCompressedV1Data, VideoFramesSampledV1Data, VideoRemuxSkippedV1Data, VideoRemuxedV1Data, VideoStreamReadyV1Data, VideoTranscodeProgressedV1Data, VideoTranscodeStartedV1Data, VideoTranscodedV1Data, VoiceProcessedV1Data } from './events.ts'

interface Validator<T> {
  (value: unknown): value is T
  readonly errors?: readonly SchemaError[] | null
}

// write…: closed, for what we say. read…: open, for what we are told by a minor that may be newer.
export declare const writeMeta: Validator<Meta>
export declare const readMeta: Validator<Meta>
export declare const writeContentModeratedV1: Validator<ContentModeratedV1Data>
export declare const readContentModeratedV1: Validator<ContentModeratedV1Data>
export declare const writeFaceDetectedV1: Validator<FaceDetectedV1Data>
export declare const readFaceDetectedV1: Validator<FaceDetectedV1Data>
export declare const writeFileProcessedV1: Validator<FileProcessedV1Data>
export declare const readFileProcessedV1: Validator<FileProcessedV1Data>
export declare const writeImageOptimizedV1: Validator<ImageOptimizedV1Data>
export declare const readImageOptimizedV1: Validator<ImageOptimizedV1Data>
export declare const writeMalwareScanCompletedV1: Validator<MalwareScanCompletedV1Data>
export declare const readMalwareScanCompletedV1: Validator<MalwareScanCompletedV1Data>
export declare const writeMalwareScanPassedV1: Validator<MalwareScanPassedV1Data>
export declare const readMalwareScanPassedV1: Validator<MalwareScanPassedV1Data>
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
export declare const writeMetadataExtractedV2: Validator<MetadataExtractedV2Data>
export declare const readMetadataExtractedV2: Validator<MetadataExtractedV2Data>
export declare const writeModerationOverriddenV1: Validator<ModerationOverriddenV1Data>
export declare const readModerationOverriddenV1: Validator<ModerationOverriddenV1Data>
export declare const writeProcessingFailedV1: Validator<ProcessingFailedV1Data>
export declare const readProcessingFailedV1: Validator<ProcessingFailedV1Data>
export declare const writeThumbnailReadyV1: Validator<ThumbnailReadyV1Data>
export declare const readThumbnailReadyV1: Validator<ThumbnailReadyV1Data>
export declare const writeThumbnailReadyV2: Validator<ThumbnailReadyV2Data>
export declare const readThumbnailReadyV2: Validator<ThumbnailReadyV2Data>
export declare const writeTranscodeFailedV1: Validator<TranscodeFailedV1Data>
export declare const readTranscodeFailedV1: Validator<TranscodeFailedV1Data>
export declare const writeVideoCompressedV1: Validator<VideoCompressedV1Data>
export declare const readVideoCompressedV1: Validator<VideoCompressedV1Data>
export declare const writeVideoFramesSampledV1: Validator<VideoFramesSampledV1Data>
export declare const readVideoFramesSampledV1: Validator<VideoFramesSampledV1Data>
export declare const writeVideoRemuxSkippedV1: Validator<VideoRemuxSkippedV1Data>
export declare const readVideoRemuxSkippedV1: Validator<VideoRemuxSkippedV1Data>
export declare const writeVideoRemuxedV1: Validator<VideoRemuxedV1Data>
export declare const readVideoRemuxedV1: Validator<VideoRemuxedV1Data>
export declare const writeVideoStreamReadyV1: Validator<VideoStreamReadyV1Data>
export declare const readVideoStreamReadyV1: Validator<VideoStreamReadyV1Data>
export declare const writeVideoTranscodeProgressedV1: Validator<VideoTranscodeProgressedV1Data>
export declare const readVideoTranscodeProgressedV1: Validator<VideoTranscodeProgressedV1Data>
export declare const writeVideoTranscodeStartedV1: Validator<VideoTranscodeStartedV1Data>
export declare const readVideoTranscodeStartedV1: Validator<VideoTranscodeStartedV1Data>
export declare const writeVideoTranscodedV1: Validator<VideoTranscodedV1Data>
export declare const readVideoTranscodedV1: Validator<VideoTranscodedV1Data>
export declare const writeVoiceProcessedV1: Validator<VoiceProcessedV1Data>
export declare const readVoiceProcessedV1: Validator<VoiceProcessedV1Data>
export declare const writeMediaDocument: Validator<MediaDocument>
export declare const readMediaDocument: Validator<MediaDocument>
export declare const writeStepDocument: Validator<StepDocument>
export declare const readStepDocument: Validator<StepDocument>
