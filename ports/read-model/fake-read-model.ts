import type {
  CommitOutcome,
  Data,
  FieldChange,
  Json,
  QueriedDocument,
  ReadModel,
  Snapshot,
  Write,
} from './read-model.ts'

/** A read model in memory with the store's own semantics, and a look inside for tests. */
export interface FakeReadModel extends ReadModel {
  /** Everything that is stored, by path. */
  readonly documents: ReadonlyMap<string, Data>
  /** How many commits were applied. */
  readonly commits: number
}

export function fakeReadModel(initial: Readonly<Record<string, Data>> = {}): FakeReadModel {
  const documents = new Map<string, Data>(Object.entries(initial))
  const revisions = new Map<string, number>()
  let clock = 0
  let commits = 0

  const refusalOf = (write: Write): Exclude<CommitOutcome, 'committed'> | undefined => {
    if (write.kind === 'create') return documents.has(write.path) ? 'exists' : undefined
    if (write.kind === 'delete') return undefined
    if (!documents.has(write.path)) return 'missing'
    if (write.ifRevision === undefined) return undefined
    return write.ifRevision === String(revisions.get(write.path) ?? 0) ? undefined : 'changed'
  }

  return {
    documents,
    get commits() {
      return commits
    },
    async get(paths) {
      return paths.map((path): Snapshot | undefined => {
        const data = documents.get(path)
        return data && { data: structuredClone(data), revision: String(revisions.get(path) ?? 0) }
      })
    },
    async commit(writes) {
      for (const write of writes) {
        const refusal = refusalOf(write)
        if (refusal) return refusal
      }
      for (const write of writes) {
        if (write.kind === 'delete') documents.delete(write.path)
        else if (write.kind === 'create') documents.set(write.path, structuredClone(write.data))
        else documents.set(write.path, applyChanges(documents.get(write.path) ?? {}, write.fields))
        revisions.set(write.path, ++clock)
      }
      commits += 1
      return 'committed'
    },
    async query({ collection, field, atMost, limit }) {
      const found: QueriedDocument[] = []
      for (const [path, data] of documents) {
        const value = data[field]
        if (parentOf(path) === collection && typeof value === 'string' && value <= atMost) {
          found.push({ path, data: structuredClone(data) })
        }
      }
      return found.sort((a, b) => (String(a.data[field]) < String(b.data[field]) ? -1 : 1)).slice(0, limit)
    },
  }
}

/** The collection that a document lies in: `media/1/steps` for `media/1/steps/2`. */
function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}

/** A copy of `data` with each change made; objects on the way to a field are made where they are missing. */
export function applyChanges(data: Data, changes: readonly FieldChange[]): Data {
  const copy = structuredClone(data) as Record<string, Json>
  for (const { path, value } of changes) {
    const last = path.at(-1)
    if (last === undefined) throw new Error('a field path has at least one segment')
    let parent: Record<string, Json> | undefined = copy
    for (const segment of path.slice(0, -1)) {
      const child: Json | undefined = parent[segment]
      if (isObject(child)) parent = child
      else if (value === undefined) parent = undefined
      else {
        const made: Record<string, Json> = {}
        parent[segment] = made
        parent = made
      }
      if (!parent) break
    }
    if (!parent) continue
    if (value === undefined) delete parent[last]
    else parent[last] = structuredClone(value) as Json
  }
  return copy
}

function isObject(value: Json | undefined): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
