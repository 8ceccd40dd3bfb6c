import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from '../infra/build/build.ts'
import { local as config } from '../infra/config/local.ts'
import { type Stack, startStack } from '../infra/dev/stack.ts'
import { localToken } from '../infra/dev/token.ts'
import type { Scanner } from '../infra/local/guardduty/index.ts'
import { encodeFields } from '../ports/read-model/firestore-values.ts'
import type { Data } from '../ports/read-model/read-model.ts'

/** The whole stack in the process of the test, over a data folder of its own. */
export interface ServedStack extends Stack {
  readonly dataDir: string
  /** Makes the clock of the AWS services differ from everybody else's. */
  skewMs: number
  /** Whatever was logged as a warning or an error. */
  readonly troubles: string[]
  /** Detail-types of the events about a media, in their order. */
  eventsOf(mediaId: string): readonly string[]
  /** A document of the read model as it is stored. */
  document(path: string): unknown
  /** Paths of the read model's documents. */
  put(path: string, data: Data): void
  /** An ID token of the local project, with custom claims such as `moderator`. */
  tokenOf(user: string, claims?: Readonly<Record<string, unknown>>): string
  close(): Promise<void>
}

/** @param malwareScanner in place of the stand-in that knows one test file. */
export async function serveStack(malwareScanner?: Scanner): Promise<ServedStack> {
  const dataDir = mkdtempSync(join(tmpdir(), 'stack-'))
  const { projectId } = config.firebase
  const nameOf = (path: string) => `projects/${projectId}/databases/(default)/documents/${path}`
  const events: { readonly subject: string | undefined; readonly detailType: string }[] = []
  const troubles: string[] = []
  let skewMs = 0
  const stack = await startStack({
    build: await build({ environment: 'local' }),
    dataDir,
    port: 0,
    now: () => Date.now() + skewMs,
    malwareScanner,
    log: ({ level, from, message }) => {
      if (level === 'warn' || level === 'error') troubles.push(`${from}: ${message}`)
    },
    observe: ({ 'detail-type': detailType, detail }) => {
      events.push({ subject: (detail as { meta?: { subject?: string } }).meta?.subject, detailType })
    },
  })
  return {
    ...stack,
    dataDir,
    troubles,
    get skewMs() {
      return skewMs
    },
    set skewMs(value) {
      skewMs = value
    },
    eventsOf: (mediaId) => events.filter(({ subject }) => subject === mediaId).map(({ detailType }) => detailType),
    document: (path) => stack.firestore.documents.get(nameOf(path)),
    put: (path, data) =>
      void stack.firestore.documents.commit([{ update: { name: nameOf(path), fields: encodeFields(data) } }]),
    tokenOf: (user, claims) => localToken(user, projectId, Math.floor(Date.now() / 1000), claims),
    async close() {
      await stack.stop()
      rmSync(dataDir, { recursive: true })
    },
  }
}

/** Asks again until there is an answer. @throws Error after `seconds`. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>, seconds = 30): Promise<T> {
  const deadline = performance.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > deadline) throw new Error(`${what}: not within ${seconds} s`)
    await new Promise((wait) => setTimeout(wait, 25))
  }
}
