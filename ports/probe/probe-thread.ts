import { type MessagePort, parentPort } from 'node:worker_threads'
import { readFacts } from './read-facts.ts'
import type { Reading } from './reading.ts'

/** To the thread: a file to look at, or the bytes that it asked for by that number. */
export type ToThread =
  | { readonly type: 'probe'; readonly size: number }
  | { readonly type: 'bytes'; readonly read: number; readonly bytes: Uint8Array<ArrayBuffer> }

/** From the thread: it stands ready, wants bytes, or is done. */
export type FromThread =
  | { readonly type: 'ready' }
  | { readonly type: 'read'; readonly read: number; readonly offset: number; readonly length: number }
  | { readonly type: 'done'; readonly reading: Reading }

if (parentPort === null) throw new Error('this file runs in a worker thread')
serve(parentPort)

function serve(host: MessagePort): void {
  const send = (message: FromThread) => host.postMessage(message)
  const waiting = new Map<number, (bytes: Uint8Array) => void>()
  const received: ArrayBuffer[] = []
  let reads = 0

  // Where no bytes come, no answer does: the thread is ended then.
  const read = (offset: number, length: number) =>
    new Promise<Uint8Array>((resolve) => {
      reads += 1
      waiting.set(reads, resolve)
      send({ type: 'read', read: reads, offset, length })
    })

  host.on('message', (message: ToThread) => {
    if (message.type === 'bytes') {
      received.push(message.bytes.buffer)
      waiting.get(message.read)?.(message.bytes)
      waiting.delete(message.read)
      return
    }
    readFacts({ size: message.size, read }).then((reading) => {
      // Nothing of it is used any more. Left to the garbage collector, two megabytes have it go through the heap each time.
      for (const buffer of received.splice(0)) buffer.transfer(0)
      send({ type: 'done', reading })
    })
  })
  send({ type: 'ready' })
}
