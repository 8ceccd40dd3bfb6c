import { fold, type MediaStatus } from '../../../contracts/fold.ts'
import type { MediaDocument } from '../../../contracts/generated/documents.ts'
import { deadlineSeconds } from '../../../contracts/limits.ts'
import type { StoredObject } from '../../../contracts/stored-object.ts'
import type { FieldChange } from '../../../ports/read-model/read-model.ts'
import type { Decision } from './body.ts'

/** A media whose bytes are there. */
export type UploadedMedia = MediaDocument & { readonly object: StoredObject }

/** What a decision changes. */
export interface Decided {
  /** Counts the decisions on this media, of whatever bytes. */
  readonly number: number
  /** As it is then. */
  readonly media: UploadedMedia
  readonly status: MediaStatus
  readonly fields: readonly FieldChange[]
  /** Whether what was stopped has to go on, as a retry. */
  readonly goesOn: boolean
}

/**
 * The next decision on a media, for the bytes that it has; undefined where the one that stands says the same. Approving
 * what was stopped is a retry: steps that were done stay done, the others get their chance.
 */
export function decide(media: UploadedMedia, { verdict }: Decision, now: number): Decided | undefined {
  if (standing(media)?.verdict === verdict) return undefined
  const number = 1 + Math.max(0, ...numbersOf(media))
  const override = { verdict, versionId: media.object.versionId, time: new Date(now).toISOString() }
  const overridden: UploadedMedia = { ...media, overrides: { ...media.overrides, [number]: override } }
  const goesOn =
    verdict === 'approved' &&
    ['rejected', 'failed'].includes(fold(media).status) &&
    fold(overridden).status !== 'rejected'
  const decided = goesOn ? { ...overridden, retry: media.retry + 1 } : overridden
  const deadline = new Date(now + deadlineSeconds(media.kind) * 1000).toISOString()
  return {
    number,
    media: decided,
    status: fold(decided).status,
    goesOn,
    fields: [
      { path: ['overrides', String(number)], value: override },
      ...(goesOn
        ? [
            { path: ['retry'], value: decided.retry },
            { path: ['reminders'], value: undefined },
            { path: ['deadlineAt'], value: deadline },
          ]
        : []),
      // Nothing more is awaited of what is blocked.
      ...(verdict === 'blocked' ? [{ path: ['deadlineAt'], value: undefined }] : []),
    ],
  }
}

/** The decision that counts, for the bytes that the media has. */
function standing(media: UploadedMedia): { readonly verdict: string } | undefined {
  const [latest] = numbersOf(media)
    .filter((number) => media.overrides?.[number]?.versionId === media.object.versionId)
    .sort((a, b) => b - a)
  return latest === undefined ? undefined : media.overrides?.[latest]
}

function numbersOf({ overrides = {} }: MediaDocument): number[] {
  return Object.keys(overrides).map(Number)
}
