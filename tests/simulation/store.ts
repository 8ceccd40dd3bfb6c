import type {
  CommitOutcome,
  Data,
  FieldChange,
  Json,
  QueriedDocument,
  RangeQuery,
  Snapshot,
  Write,
} from '../../ports/read-model/read-model.ts'

/** A document before and after a commit; undefined where there is none. */
export interface Change {
  readonly path: string
  readonly before: Data | undefined
  readonly after: Data | undefined
}

/**
 * The read model's documents, which nothing copies: a write makes new objects on the way to what it changes and keeps the
 * rest, so that a document that was not touched is the very same object as before.
 */
export class Store {
  readonly documents = new Map<string, Snapshot>()
  readonly #onCommit: (changes: readonly Change[]) => void
  #revision = 0
  #commits = 0

  constructor(onCommit: (changes: readonly Change[]) => void) {
    this.#onCommit = onCommit
  }

  get(paths: readonly string[]): (Snapshot | undefined)[] {
    return paths.map((path) => this.documents.get(path))
  }

  /** How many have changed anything. */
  get commits(): number {
    return this.#commits
  }

  commit(writes: readonly Write[]): CommitOutcome {
    for (const write of writes) {
      const found = this.documents.get(write.path)
      if (write.kind === 'create' && found) return 'exists'
      if (write.kind === 'update' && !found) return 'missing'
      if (write.kind === 'update' && write.ifRevision !== undefined && write.ifRevision !== found?.revision) {
        return 'changed'
      }
    }
    const changes = writes.map((write): Change => {
      const { path } = write
      const before = this.documents.get(path)?.data
      if (write.kind === 'delete') {
        this.documents.delete(path)
        return { path, before, after: undefined }
      }
      const after = write.kind === 'create' ? write.data : write.fields.reduce(changed, before ?? {})
      this.documents.set(path, { data: after, revision: String(++this.#revision) })
      return { path, before, after }
    })
    this.#commits += 1
    this.#onCommit(changes)
    return 'committed'
  }

  query({ collection, field, atMost, limit }: RangeQuery): QueriedDocument[] {
    return this.below(collection)
      .filter(({ data }) => {
        const value = data[field]
        return typeof value === 'string' && value <= atMost
      })
      .sort((a, b) => (String(a.data[field]) < String(b.data[field]) ? -1 : 1))
      .slice(0, limit)
  }

  /** The documents of one collection. */
  below(collection: string): QueriedDocument[] {
    const found: QueriedDocument[] = []
    for (const [path, { data }] of this.documents) {
      if (path.startsWith(collection) && path.lastIndexOf('/') === collection.length) found.push({ path, data })
    }
    return found
  }
}

function changed(data: Data, { path, value }: FieldChange): Data {
  const [segment, ...rest] = path
  if (segment === undefined) return data
  const { [segment]: child, ...others } = data
  if (rest.length === 0) return value === undefined ? others : { ...data, [segment]: value }
  if (!isMap(child) && value === undefined) return data
  return { ...data, [segment]: changed(isMap(child) ? child : {}, { path: rest, value }) }
}

function isMap(value: Json | undefined): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
