import type { MediaUploadedV1Data, MetadataExtractedV2Data } from '../../contracts/generated/events.ts'

export type Upload = Pick<MediaUploadedV1Data, 'kind' | 'object'>

/** What is told of a media beside its id, its kind and its size. */
export type Facts = Omit<MetadataExtractedV2Data, 'mediaId' | 'kind' | 'bytes'>

export type Extracted<F extends Facts = Facts> =
  | { readonly ok: true; readonly facts: F }
  | { readonly ok: false; readonly code: string; readonly message: string }
