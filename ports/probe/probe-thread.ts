import { isMainThread, type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { readFacts } from './read-facts.ts'
import type { Reading } from './reading.ts'

/** To the thread: a file to look at, or the bytes that it asked for. */
export type ToThread =
  | { readonly type: 'probe'; readonly size: number }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'no-bytes' }

/** From the thread: it stands ready, wants bytes, or is done; `reading` is missing where it was given no bytes. */
export type FromThread =
  | { readonly type: 'ready' }
  | { readonly type: 'read'; readonly offset: number; readonly length: number }
  | { readonly type: 'done'; readonly reading?: Reading }

/**
 * The file that a thread is started from: this one, or the bundle that holds it, which then serves probes as well as
 * being whatever else it is.
 */
export const THREAD_FILE = import.meta.filename

/** Says to a thread, as its `workerData`, that it is to probe. */
export const PROBES = 'messageai-media-probe'

if (!isMainThread && parentPort !== null && workerData === PROBES) serve(parentPort)

function serve(host: MessagePort): void {
  const send = (message: FromThread) => host.postMessage(message)
  const waiting: { resolve(bytes: Uint8Array): void; reject(error: Error): void }[] = []

  const bytes = (offset: number, length: number) =>
    new Promise<Uint8Array>((resolve, reject) => {
      waiting.push({ resolve, reject })
      send({ type: 'read', offset, length })
    })

  host.on('message', (message: ToThread) => {
    if (message.type === 'bytes') return waiting.shift()?.resolve(message.bytes)
    if (message.type === 'no-bytes') return waiting.shift()?.reject(new Error('the source failed'))
    readFacts({ size: message.size, read: bytes }).then(
      (reading) => send({ type: 'done', reading }),
      () => send({ type: 'done' }),
    )
  })
  send({ type: 'ready' })
}
