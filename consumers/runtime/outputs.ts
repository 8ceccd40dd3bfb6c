import type { StoredObject } from '../../contracts/stored-object.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import type { Transcoder } from '../../ports/transcoder/transcoder.ts'

/** What a handler may leave in the world, beside what it returns. */
export interface OutputPorts {
  readonly objects?: Objects
  readonly transcoder?: Transcoder
}

/** The objects that one try of a handler stored and the jobs that it started, so that they can be taken back. */
export interface Outputs {
  /** The ports to hand to the handler, of those that it has: the same, but they remember. */
  readonly ports: OutputPorts
  /** Ends every job, then deletes, by version, every object. */
  discard(): Promise<void>
}

export function trackOutputs({ objects, transcoder }: OutputPorts): Outputs {
  const stored: StoredObject[] = []
  const jobs: string[] = []
  return {
    ports: {
      ...(objects && { objects: rememberingObjects(objects, stored) }),
      ...(transcoder && { transcoder: rememberingTranscoder(transcoder, jobs) }),
    },
    async discard() {
      // What it had stored by then, and the copy that it read, whoever hears of its end clears away.
      await Promise.all(jobs.map((jobId) => transcoder?.cancel(jobId)))
      await Promise.all(stored.map((object) => objects?.deleteVersion(object)))
    },
  }
}

function rememberingObjects(objects: Objects, stored: StoredObject[]): Objects {
  const remember = (object: StoredObject): StoredObject => {
    stored.push(object)
    return object
  }
  return {
    ...objects,
    put: async (key, bytes, options) => remember(await objects.put(key, bytes, options)),
    putFile: async (key, file, options) => remember(await objects.putFile(key, file, options)),
    copy: async (object, key) => remember(await objects.copy(object, key)),
  }
}

function rememberingTranscoder(transcoder: Transcoder, jobs: string[]): Transcoder {
  return {
    ...transcoder,
    async start(order) {
      const started = await transcoder.start(order)
      jobs.push(started.jobId)
      return started
    },
  }
}
