import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openDatabase } from '../../local/database.ts'
import { type Documents, FirestoreError, openDocuments, type StoredDocument, type WireWrite } from './documents.ts'

/** A Firestore on loopback: the part of its REST protocol that this product's functions speak, on SQLite. */
export interface LocalFirestore {
  /** `127.0.0.1:port`, to be given as FIRESTORE_EMULATOR_HOST. */
  readonly host: string
  readonly documents: Documents
  stop(): Promise<void>
}

const MAX_BODY_BYTES = 10 * 1024 * 1024

/**
 * Starts it with its state below `dataDir`, on `port` or a free one. It answers batchGet, commit and the one form of
 * runQuery that the product uses; anything else is refused with UNIMPLEMENTED, as transactions, listeners and security
 * rules need the official emulator.
 */
export async function startFirestore(options: {
  readonly dataDir: string
  readonly port?: number
  readonly now: () => number
}): Promise<LocalFirestore> {
  const db = openDatabase(options.dataDir)
  const documents = openDocuments(db, options.now)
  const server = createServer((request, response) => {
    answer(documents, options.now, request).then(
      (body) => send(response, 200, body),
      (error: unknown) => {
        const known =
          error instanceof FirestoreError
            ? error
            : new FirestoreError(500, 'INTERNAL', error instanceof Error ? error.message : String(error))
        send(response, known.httpStatus, {
          error: { code: known.httpStatus, status: known.status, message: known.message },
        })
      },
    )
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    host: `127.0.0.1:${port}`,
    documents,
    async stop() {
      await new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      })
      db.close()
    },
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify(body))
}

const ROUTE = /^\/v1\/(projects\/[^/]+\/databases\/[^/]+\/documents(?:\/.*)?):(batchGet|commit|runQuery)$/

async function answer(documents: Documents, now: () => number, request: IncomingMessage): Promise<unknown> {
  const path = decodeURIComponent(new URL(request.url ?? '/', 'http://local').pathname)
  const [, parent, method] = ROUTE.exec(path) ?? []
  if (request.method !== 'POST' || parent === undefined) {
    throw new FirestoreError(
      501,
      'UNIMPLEMENTED',
      `${request.method} ${path} does not run here: batchGet, commit and runQuery do. Use the official emulator for the rest.`,
    )
  }
  const body = await readBody(request)
  const readTime = new Date(now()).toISOString()
  if (method === 'commit') {
    const { writes = [] } = body as { writes?: WireWrite[] }
    const commitTime = documents.commit(writes)
    return { commitTime, writeResults: writes.map(() => ({ updateTime: commitTime })) }
  }
  if (method === 'batchGet') {
    const { documents: names = [] } = body as { documents?: string[] }
    return names.map((name) => {
      const found = documents.get(name)
      return found ? { found, readTime } : { missing: name, readTime }
    })
  }
  const found = runQuery(documents, parent, body as { structuredQuery?: StructuredQuery })
  return found.length === 0 ? [{ readTime }] : found.map((document) => ({ document, readTime }))
}

interface StructuredQuery {
  readonly from?: readonly { readonly collectionId?: string; readonly allDescendants?: boolean }[]
  readonly where?: {
    readonly fieldFilter?: {
      readonly field?: { readonly fieldPath?: string }
      readonly op?: string | number
      readonly value?: { readonly stringValue?: string }
    }
  }
  readonly limit?: number | { readonly value?: number }
}

/** `op`, as clients write it by name or by number. */
const LESS_THAN_OR_EQUAL: ReadonlySet<unknown> = new Set(['LESS_THAN_OR_EQUAL', 2])

function runQuery(documents: Documents, parent: string, body: { structuredQuery?: StructuredQuery }): StoredDocument[] {
  const query = body.structuredQuery
  const filter = query?.where?.fieldFilter
  const collection = query?.from?.[0]
  const field = filter?.field?.fieldPath
  const atMost = filter?.value?.stringValue
  if (
    !collection?.collectionId ||
    collection.allDescendants ||
    !LESS_THAN_OR_EQUAL.has(filter?.op) ||
    !field ||
    atMost === undefined
  ) {
    throw new FirestoreError(501, 'UNIMPLEMENTED', 'of queries, only `field <= text` ordered by that field runs here')
  }
  const limit = typeof query?.limit === 'number' ? query.limit : (query?.limit?.value ?? 1000)
  return documents.upTo(`${parent}/${collection.collectionId}`, field, atMost, limit)
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw new FirestoreError(400, 'INVALID_ARGUMENT', 'the request is over 10 MiB')
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw new FirestoreError(400, 'INVALID_ARGUMENT', 'the request is not JSON')
  }
}
