/**
 * The documents that the app reacts to: Firestore in production. Writes are atomic batches with preconditions; there is
 * no read-modify-write, so nothing here contends.
 */
export interface ReadModel {
  /** The documents at these paths (`media/42`), read together at one moment; undefined where there is none. */
  get(paths: readonly string[]): Promise<(Snapshot | undefined)[]>
  /**
   * Applies all writes or none.
   * @throws Unavailable for what a retry may mend; whether the writes were applied is then unknown.
   */
  commit(writes: readonly Write[]): Promise<CommitOutcome>
  /** Documents of a collection whose `field` is at most `atMost`, by rising `field`. */
  query(query: RangeQuery): Promise<QueriedDocument[]>
}

/** A document as it was read; `revision` changes with every write to it. */
export interface Snapshot {
  readonly data: Data
  readonly revision: string
}

/** Plain JSON: objects, arrays, strings, finite numbers, booleans, null. Times are RFC 3339 strings. */
export type Data = { readonly [field: string]: Json }
export type Json = string | number | boolean | null | readonly Json[] | { readonly [field: string]: Json }

export type Write =
  /** Refused with `exists` where the document is there already. */
  | { readonly kind: 'create'; readonly path: string; readonly data: Data }
  /**
   * Sets or removes single fields; refused with `missing` where there is no document, and with `changed` where the
   * document is no longer at `ifRevision`.
   */
  | {
      readonly kind: 'update'
      readonly path: string
      readonly fields: readonly FieldChange[]
      readonly ifRevision?: string
    }
  | { readonly kind: 'delete'; readonly path: string }

/** `path` names a field segment by segment, as a run such as `0.1` has a dot in it; `value` undefined removes the field. */
export interface FieldChange {
  readonly path: readonly string[]
  readonly value: Json | undefined
}

export type CommitOutcome = 'committed' | 'exists' | 'missing' | 'changed'

export interface RangeQuery {
  /** `media`, or below a document: `media/42/steps`. */
  readonly collection: string
  readonly field: string
  readonly atMost: string
  readonly limit: number
}

export interface QueriedDocument {
  readonly path: string
  readonly data: Data
}

/** The store can't be reached or asks for patience; what was asked may or may not have been done. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
}
