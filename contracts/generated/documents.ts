// Made by `npm run contracts` from the schemas of contracts/; a change made here is lost.

import type { Override, StepRun, StoredObject } from './shapes.ts'

export type * from './shapes.ts'

/**
 * `media/{mediaId}`: what is known of one media. Each step's fields are written by that step alone; the status is `fold` of them and is stored nowhere.
 */
export interface MediaDocument {
  readonly version: string
  /**
   * The media that this is about.
   */
  readonly mediaId: string
  readonly ownerId: string
  readonly conversationId: string
  /**
   * What the media is.
   */
  readonly kind: 'image' | 'video' | 'voice' | 'file' | 'profile' | (string & {})
  readonly declared: {
    readonly contentType: string
    readonly bytes: number
    /**
     * base64, where the client gave it
     */
    readonly sha256?: string
    /**
     * Of a file, made safe to show and to save under.
     */
    readonly fileName?: string
  }
  readonly reservedAt: string
  /**
   * When the signed upload ends.
   */
  readonly expiresAt: string
  /**
   * Set once nothing can arrive any more.
   */
  readonly expired?: boolean
  /**
   * Of the request that reserved it: the same idempotency key with another request is refused.
   */
  readonly requestDigest?: string
  /**
   * Counts deletes and restores: odd is deleted.
   */
  readonly life: number
  readonly purged?: boolean
  /**
   * How often a retry was asked for.
   */
  readonly retry: number
  readonly object?: StoredObject
  readonly uploadedAt?: string
  /**
   * The steps that must succeed, as they were on the day of the upload.
   */
  readonly required?: readonly string[]
  /**
   * By step, then by run.
   */
  readonly steps: {
    readonly [k: string]: {
      readonly [k: string]: StepRun
    }
  }
  /**
   * When the watchdog looks next; absent once nothing is awaited.
   */
  readonly deadlineAt?: string
  /**
   * How often the watchdog has sent the cause again.
   */
  readonly reminders?: number
  /**
   * How far long work has come: by attempt, the tenths that were reached and when. Only grows; the highest counts.
   */
  readonly progress?: {
    readonly [k: string]: {
      readonly [k: string]: string
    }
  }
  /**
   * Moderators' decisions by number; the highest for the bound version counts.
   */
  readonly overrides?: {
    readonly [k: string]: Override
  }
}

/**
 * `media/{mediaId}/steps/{key}`: what one consumer did for one cause and run; ledger, outbox and timeline in one.
 */
export interface StepDocument {
  readonly version: string
  readonly consumer: string
  /**
   * The id of the event that caused it.
   */
  readonly source: string
  readonly run: string
  readonly outcome: 'succeeded' | 'rejected' | 'failed' | 'skipped'
  readonly code?: string
  readonly message?: string
  /**
   * What it says, ready to publish, without any replay mark.
   */
  readonly events: readonly object[]
  readonly published: boolean
  readonly time: string
  readonly startedAt?: string
  /**
   * Which receive of the message it was.
   */
  readonly tries: number
}

/** What a document that is written today says in its `version`. */
export const DOCUMENT_VERSIONS = {
  MediaDocument: '1.1',
  StepDocument: '1.0',
} as const
