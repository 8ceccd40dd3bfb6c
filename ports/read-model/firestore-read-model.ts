import { FirestoreRefusal, firestoreRest } from './firestore-rest.ts'
import { decodeFields, encodeFields, type Fields, type Value } from './firestore-values.ts'
import {
  type CommitOutcome,
  type Data,
  type Json,
  type ReadModel,
  type Snapshot,
  Unavailable,
  type Write,
} from './read-model.ts'

export interface FirestoreOptions {
  readonly projectId: string
  /** `host:port` of an emulator, which takes no credentials; left out, the application's own credentials are used. */
  readonly emulatorHost?: string | undefined
}

/** The read model in Firestore, over REST: docs/decisions/004-firestore-over-rest.md tells why. */
export function firestoreReadModel(options: FirestoreOptions): ReadModel {
  const rest = firestoreRest(options)
  const root = `projects/${options.projectId}/databases/(default)/documents`
  const nameOf = (path: string) => `${root}/${path}`

  return {
    async get(paths) {
      const answers = await call(() => rest('batchGet', { documents: paths.map(nameOf) }))
      const found = new Map<string, Snapshot>()
      // In any order.
      for (const { found: document } of answers as readonly { readonly found?: WireDocument }[]) {
        if (document) found.set(document.name, { data: dataOf(document), revision: document.updateTime })
      }
      return paths.map((path) => found.get(nameOf(path)))
    },
    async commit(writes) {
      const body = { writes: writes.map((write) => toWire(nameOf(write.path), write)) }
      try {
        await call(() => rest('commit', body))
        return 'committed'
      } catch (error) {
        const refusal = error instanceof FirestoreRefusal && REFUSALS[error.status]
        if (refusal) return refusal
        throw error
      }
    },
    async query({ collection, field, atMost, limit }) {
      const { parent, collectionId } = placeOf(collection)
      const body = {
        structuredQuery: {
          from: [{ collectionId }],
          where: {
            fieldFilter: { field: { fieldPath: field }, op: 'LESS_THAN_OR_EQUAL', value: { stringValue: atMost } },
          },
          orderBy: [{ field: { fieldPath: field }, direction: 'ASCENDING' }],
          limit,
        },
      }
      const answers = await call(() => rest('runQuery', body, parent))
      return (answers as readonly { readonly document?: WireDocument }[]).flatMap(({ document }) =>
        document ? [{ path: document.name.slice(root.length + 1), data: dataOf(document) }] : [],
      )
    },
  }
}

/** `media/42/steps` is the collection `steps` below the document `media/42`. */
function placeOf(collection: string): { readonly parent?: string; readonly collectionId: string } {
  const slash = collection.lastIndexOf('/')
  if (slash < 0) return { collectionId: collection }
  return { parent: collection.slice(0, slash), collectionId: collection.slice(slash + 1) }
}

interface WireDocument {
  readonly name: string
  readonly fields?: Fields
  readonly updateTime: string
}

interface WireWrite {
  readonly update?: { readonly name: string; readonly fields: Fields }
  readonly delete?: string
  readonly updateMask?: { readonly fieldPaths: readonly string[] }
  readonly currentDocument?: { readonly exists: boolean } | { readonly updateTime: string }
}

function dataOf({ fields = {} }: WireDocument): Data {
  return decodeFields(fields)
}

function toWire(name: string, write: Write): WireWrite {
  switch (write.kind) {
    case 'create':
      return { update: { name, fields: encodeFields(write.data) }, currentDocument: { exists: false } }
    case 'delete':
      return { delete: name }
    case 'update': {
      const { ifRevision } = write
      return {
        update: { name, fields: nested(write.fields) },
        updateMask: { fieldPaths: write.fields.map(({ path }) => path.map(quoted).join('.')) },
        currentDocument: ifRevision === undefined ? { exists: true } : { updateTime: ifRevision },
      }
    }
  }
}

/** The changed fields as a tree; a removed one is in the mask and not in the tree. */
function nested(changes: readonly { readonly path: readonly string[]; readonly value: Json | undefined }[]): Fields {
  const tree: Fields = {}
  for (const { path, value } of changes) {
    if (value === undefined) continue
    let level = tree
    for (const segment of path.slice(0, -1)) {
      const child: Value = level[segment] ?? { mapValue: { fields: {} } }
      if (!('mapValue' in child)) throw new Error(`two changes disagree about the field ${path.join(' › ')}`)
      level[segment] = child
      child.mapValue.fields ??= {}
      level = child.mapValue.fields
    }
    Object.assign(level, encodeFields({ [path.at(-1) ?? '']: value }))
  }
  return tree
}

function quoted(segment: string): string {
  return /^[A-Za-z_][A-Za-z_0-9]*$/.test(segment) ? segment : `\`${segment.replace(/[\\`]/g, '\\$&')}\``
}

const REFUSALS: Readonly<Record<string, Exclude<CommitOutcome, 'committed'>>> = {
  ALREADY_EXISTS: 'exists',
  NOT_FOUND: 'missing',
  FAILED_PRECONDITION: 'changed',
}

/** What a retry can't mend: the request itself is wrong, or we may not make it. */
const FINAL: ReadonlySet<string> = new Set([
  ...Object.keys(REFUSALS),
  'INVALID_ARGUMENT',
  'PERMISSION_DENIED',
  'UNAUTHENTICATED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
])

async function call<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request()
  } catch (error) {
    if (error instanceof FirestoreRefusal && FINAL.has(error.status)) throw error
    throw new Unavailable(`Firestore did not answer: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}
