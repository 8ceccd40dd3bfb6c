import { basename, join } from 'node:path'
import { mediabunnyProbe } from '../../ports/probe/mediabunny-probe.ts'
import { apiClient } from './client.ts'
import type { Display } from './display.ts'
import { type Result, send } from './journey.ts'
import { LOCAL_CONVERSATION, type Options } from './options.ts'
import { pickedFile } from './picked-file.ts'
import type { Stack } from './stack.ts'

/** Files under way at once: enough to keep two cores busy, few enough to see each. */
const PARALLEL = 8

export interface SendingContext {
  readonly options: Options
  readonly stack: Stack
  readonly display: Display
  readonly token: string
  readonly listeners: Map<string, (detailType: string) => void>
}

export interface Sending {
  readonly done: Promise<readonly Result[]>
  /** Of the files that are done by now, in the order in which they were given. */
  results(): readonly Result[]
  /** The others, with how far each has come: `clip.mp4 (processing)`. */
  unfinished(): readonly string[]
}

/** Sends files through the stack, some at a time. */
export function sendFiles(files: readonly string[], context: SendingContext): Sending {
  const { options, stack, display, token, listeners } = context
  const client = apiClient({ apiUrl: stack.apiUrl, token, conversationId: LOCAL_CONVERSATION })
  const probe = mediabunnyProbe()
  const results = new Map<number, Result>()
  const statuses = new Map<string, string>()
  const queue = [...files.entries()]
  const inOrder = () => [...files.keys()].flatMap((index) => results.get(index) ?? [])
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [index, file] = next
      const result = await send(file, {
        client,
        pick: (file) => pickedFile(file, { probe, as: options.kind }),
        documents: stack.firestore.documents,
        atWorkOn: stack.atWorkOn,
        onEvent(mediaId, listener) {
          listeners.set(mediaId, listener)
          return () => listeners.delete(mediaId)
        },
        outDir: join(options.dataDir, 'out'),
        now: () => performance.now(),
        onSighting(sighting) {
          if (sighting.status !== '') statuses.set(file, sighting.status)
          display.sight(sighting)
        },
      })
      results.set(index, result)
      if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`)
    }
  }
  return {
    done: Promise.all(Array.from({ length: Math.min(PARALLEL, files.length) }, work)).then(inOrder),
    results: inOrder,
    unfinished: () =>
      [...files.entries()]
        .filter(([index]) => !results.has(index))
        .map(([, file]) => `${basename(file)} (${statuses.get(file) ?? 'not sent'})`),
  }
}
