import { auth, type firestore_v1, firestore as firestoreApi } from '@googleapis/firestore'
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

/**
 * The read model in Firestore, over REST by Google's generated client. The fuller `@google-cloud/firestore` folds
 * ALREADY_EXISTS into ABORTED there and repeats it for ever (docs/decisions/004-firestore-over-rest.md), and those
 * answers are what the commit protocol stands on.
 */
export function firestoreReadModel({ projectId, emulatorHost }: FirestoreOptions): ReadModel {
  const { documents: api } = firestoreApi({
    version: 'v1',
    fetchImplementation: fetch,
    ...(emulatorHost === undefined
      ? { auth: new auth.GoogleAuth({ scopes: 'https://www.googleapis.com/auth/datastore' }) }
      : // Emulators take this token for an administrator's.
        { rootUrl: `http://${emulatorHost}/`, headers: { authorization: 'Bearer owner' } }),
  }).projects.databases
  const database = `projects/${projectId}/databases/(default)`
  const root = `${database}/documents`
  const nameOf = (path: string) => `${root}/${path}`

  return {
    async get(paths) {
      const { data } = await call(() => api.batchGet({ database, requestBody: { documents: paths.map(nameOf) } }))
      const found = new Map<string, Snapshot>()
      // The generated type says one answer; the protocol streams an array of them, in any order.
      for (const { found: document } of asArray<firestore_v1.Schema$BatchGetDocumentsResponse>(data)) {
        if (document?.name) {
          found.set(document.name, { data: dataOf(document), revision: document.updateTime ?? '' })
        }
      }
      return paths.map((path) => found.get(nameOf(path)))
    },
    async commit(writes) {
      const requestBody = { writes: writes.map((write) => toWire(nameOf(write.path), write)) }
      try {
        await call(() => api.commit({ database, requestBody }))
        return 'committed'
      } catch (error) {
        const refusal = REFUSALS[statusOf(error)]
        if (refusal) return refusal
        throw error
      }
    },
    async query({ collection, field, atMost, limit }) {
      const requestBody: firestore_v1.Schema$RunQueryRequest = {
        structuredQuery: {
          from: [{ collectionId: collection }],
          where: {
            fieldFilter: { field: { fieldPath: field }, op: 'LESS_THAN_OR_EQUAL', value: { stringValue: atMost } },
          },
          orderBy: [{ field: { fieldPath: field }, direction: 'ASCENDING' }],
          limit,
        },
      }
      const { data } = await call(() => api.runQuery({ parent: root, requestBody }))
      return asArray<firestore_v1.Schema$RunQueryResponse>(data).flatMap(({ document }) =>
        document?.name ? [{ path: document.name.slice(root.length + 1), data: dataOf(document) }] : [],
      )
    },
  }
}

/** The generated client types every kind of value at once. */
type WireFields = { [field: string]: firestore_v1.Schema$Value }

function asArray<T>(answers: unknown): readonly T[] {
  return Array.isArray(answers) ? answers : []
}

function dataOf(document: firestore_v1.Schema$Document): Data {
  return decodeFields((document.fields ?? {}) as Fields)
}

function toWire(name: string, write: Write): firestore_v1.Schema$Write {
  switch (write.kind) {
    case 'create':
      return { update: { name, fields: encodeFields(write.data) as WireFields }, currentDocument: { exists: false } }
    case 'delete':
      return { delete: name }
    case 'update': {
      const { ifRevision } = write
      return {
        update: { name, fields: nested(write.fields) as WireFields },
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

/** The google.rpc status name in the error's body; empty where no such answer came, as when the network failed. */
function statusOf(error: unknown): string {
  const body = (error as { response?: { data?: unknown } }).response?.data
  const first = Array.isArray(body) ? body[0] : body
  return (first as { error?: { status?: string } } | undefined)?.error?.status ?? ''
}

async function call<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request()
  } catch (error) {
    if (FINAL.has(statusOf(error))) throw error
    throw new Unavailable(`Firestore did not answer: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}
