import type { ByteSource, MediaFacts } from '../probe/probe.ts'

/**
 * Making pictures and playable files of videos: ffmpeg in production. It works on files of a scratch folder, and tells
 * of nothing that it has not looked at again. Everything made is upright, in square pixels, SDR where it was encoded,
 * and without metadata. A bad file is an answer, and so is a machine that can't.
 */
export interface Video {
  /** Runs `work` with a new empty folder that is gone after, with all that is in it. */
  inScratch<T>(work: (folder: string) => Promise<T>): Promise<T>
  /** Stills: one that stands for the video, and some along it; found by seeking, never by decoding it all. */
  frames(source: SourceFile, plan: FramePlan): Promise<Frames>
  /** The source's own pictures and sound in a file that plays from its first bytes on, where others can play them. */
  remux(source: SourceFile, target: string): Promise<Remuxed>
  /** One file that plays from its first bytes on, of one rendition of a stream. */
  package(rendition: Rendition, target: string): Promise<Made<{ readonly video: VideoFile }>>
  /** Encodes every rung in one pass. `fileOf` names each rung's file in the scratch folder. */
  encode(
    source: SourceFile,
    rungs: readonly Rung[],
    fileOf: (rung: Rung) => string,
  ): Promise<Made<{ readonly videos: readonly VideoFile[] }>>
  /** An animated GIF as a film without sound, and stills along it. Never rejects: a picture can do without. */
  film(animation: AnimationFile, target: string, plan: FramePlan): Promise<Filmed>
  /** What a video says of itself, where it is one that is taken. */
  look(file: string): Promise<Made<{ readonly facts: FilmFacts }>>
  /** Whether `remux` may do, by a few ranges of the source: a large file that won't isn't fetched for nothing. */
  foresee(source: ByteSource): Promise<Foreseen>
  /** The same, but what is not done by the deadline is ended, and answered as a fault of ours: `timed-out`. */
  until(deadline: AbortSignal): Video
  /** Eight hex digits that change with `settings`, with what this folder does, and with ffmpeg's version. */
  recipe(settings: unknown): Promise<string>
}

/** A video that lies in a scratch folder, and what was learned of it by `look`. */
export interface SourceFile {
  /** Absolute. */
  readonly file: string
  /** The folder that may be written to, and nothing else. */
  readonly scratch: string
  readonly facts: FilmFacts
}

/** Facts of a file that has pictures, and whose duration is known. */
export interface FilmFacts extends MediaFacts {
  readonly durationMs: number
  readonly video: NonNullable<MediaFacts['video']>
}

export interface FramePlan {
  /** The longer side of each still at most, in pixels; never enlarged. */
  readonly maxSide: number
  readonly poster: { readonly atMs: number }
  /** Stills along the video: one for each so many milliseconds, within bounds. */
  readonly along: { readonly everyMs: number; readonly atLeast: number; readonly atMost: number }
}

export type Frames = Made<{ readonly poster: Still; readonly along: readonly Still[] }>

/** An animated GIF that lies in a scratch folder. */
export interface AnimationFile {
  /** Absolute. */
  readonly file: string
  readonly scratch: string
  readonly width: number
  readonly height: number
  /** How long it shows each of its pictures, as it says. */
  readonly delaysMs: readonly number[]
}

export type Filmed = Made<{ readonly video: VideoFile; readonly stills: readonly Still[] }>

/** One picture of a video, upright and SDR, as JPEG. */
export interface Still {
  /** Where it is shown; what was asked for, or the keyframe beside it. */
  readonly atMs: number
  readonly width: number
  readonly height: number
  readonly bytes: Uint8Array
}

/** `unfit` says why it can't be taken as it is: then it has to be encoded. */
export type Remuxed = Made<{ readonly video: VideoFile }> | { readonly ok: true; readonly unfit: string }

export type Foreseen = Made<{ readonly unfit?: string }>

/** A rendition as a stream has it: fragmented MP4 in one file, or the initialisation and then the segments, in order. */
export interface Rendition {
  readonly scratch: string
  readonly pictures: readonly string[]
  /** Missing where the sound lies with the pictures, or where there is none. */
  readonly sound?: readonly string[]
  /** What the stream says that it is. */
  readonly expected: { readonly durationMs: number; readonly width: number; readonly height: number }
}

/** One quality of a ladder. */
export interface Rung {
  /** `720p`. */
  readonly name: string
  /** Of the picture, in pixels. */
  readonly shortSide: number
  /** Of the pictures. */
  readonly maxBitsPerSecond: number
}

/** MP4 in H.264 and AAC that plays from its first bytes on. */
export interface VideoFile {
  readonly file: string
  readonly contentType: 'video/mp4'
  /** As shown. */
  readonly width: number
  readonly height: number
  readonly durationMs: number
  /** On average. */
  readonly bitsPerSecond: number
  readonly bytes: number
}

export type Made<T> = ({ readonly ok: true } & T) | Refusal | Fault

/** The file is at fault: a code for programs, a sentence for the person who sent it. */
export interface Refusal {
  readonly ok: false
  readonly fault: 'file'
  readonly code: string
  readonly message: string
}

/** We are at fault: a code, and a sentence that says what would help. */
export interface Fault {
  readonly ok: false
  readonly fault: 'ours'
  readonly code: string
  readonly message: string
}
