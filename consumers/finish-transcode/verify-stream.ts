import type { VideoStreamReadyV1Data, VideoTranscodedV1Data } from '../../contracts/generated/events.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import { readDash, readFrames } from './extras.ts'
import { readHls } from './hls.ts'
import { PlaylistError } from './playlist.ts'
import { storedStream } from './stored-stream.ts'

type Stream = Omit<VideoStreamReadyV1Data, 'mediaId' | 'kind'>

export type Verified =
  /** `missing` says what it lacks, and why, one sentence each: it plays all the same. */
  | { readonly ok: true; readonly stream: Stream; readonly missing: readonly string[] }
  | { readonly ok: false; readonly problem: string }

/**
 * Looks a stream over. HLS alone decides: what every player needs must be whole. DASH and the pictures for scrubbing are
 * left out where they are not, each by itself.
 * @param expectedMs how long the source’s pictures last.
 */
export async function verifyStream(
  objects: Pick<Objects, 'list' | 'read' | 'readRange'>,
  { bucket, prefix }: Pick<VideoTranscodedV1Data, 'bucket' | 'prefix'>,
  expectedMs: number,
): Promise<Verified> {
  const stored = await storedStream(objects, { bucket, prefix })
  const hls = await looked(() => readHls(stored, expectedMs / 1000))
  if (!hls.ok) return hls
  const dash = await looked(() => readDash(stored))
  const frames = await looked(() => readFrames(stored))
  return {
    ok: true,
    stream: { ...hls.found, prefix, ...(dash.ok && dash.found), ...(frames.ok && frames.found) },
    missing: [
      ...(dash.ok ? [] : [`There is no DASH: ${dash.problem}.`]),
      ...(frames.ok ? [] : [`There are no pictures for scrubbing: ${frames.problem}.`]),
    ],
  }
}

type Looked<T> = { readonly ok: true; readonly found: T } | { readonly ok: false; readonly problem: string }

async function looked<T>(read: () => Promise<T>): Promise<Looked<T>> {
  try {
    return { ok: true, found: await read() }
  } catch (error) {
    if (error instanceof PlaylistError) return { ok: false, problem: error.message }
    throw error
  }
}
