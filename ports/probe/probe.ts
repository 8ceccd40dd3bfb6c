/** What a video or a recording says of itself, read from its header; nothing is decoded. Never a place, never a title. */
export interface Probe {
  /**
   * Reads the facts by ranges: a few hundred kilobytes of a file of any size. A bad file is an answer, not an error.
   * @throws what `source.read` throws, and nothing else
   */
  probe(source: ByteSource): Promise<Probed>
}

/** The bytes of one file, wherever they lie: in memory, in a file, in S3. */
export interface ByteSource {
  /** Bytes in all. */
  readonly size: number
  /** The bytes from `offset`, `length` of them, or fewer only where the file ends. Neither is ever out of the file. */
  read(offset: number, length: number): Promise<Uint8Array>
}

export type Probed = { readonly ok: true; readonly facts: MediaFacts } | ProbeRefusal

export interface MediaFacts {
  /** The container, from the bytes, never from a name. */
  readonly format: MediaFormat
  /** `video/mp4`, `audio/ogg` …: `audio/` where there is sound alone. */
  readonly contentType: string
  /**
   * Of the longest track, by its samples; missing where nothing short of reading it all would tell. Then it may play for
   * days: nobody takes it for short. Whoever pays by the minute leaves it alone, and whoever goes through it stops at the
   * limit of its kind.
   */
  readonly durationMs?: number
  /** Pictures, sounds and whatever moves along with them. */
  readonly tracks?: number
  /** The first track that moves; covers of albums aren't videos. */
  readonly video?: VideoFacts
  /** The first track with sound. */
  readonly audio?: AudioFacts
}

export type MediaFormat =
  | 'mp4'
  | 'mov'
  | '3gp'
  | 'webm'
  | 'matroska'
  | 'avi'
  | 'm4a'
  | 'ogg'
  | 'mp3'
  | 'wav'
  | 'aac'
  | 'flac'
  | 'amr'

export interface VideoFacts {
  /** `h264`, `hevc`, `vp9`, `av1`, `vp8`, `mpeg4`, `h263` …; a name of ffmpeg's where there is no better known one. */
  readonly codec: string
  /** As in an HLS `CODECS` attribute (RFC 6381): `avc1.64001f`. */
  readonly codecParameters?: string
  /** Pixels as they are shown: square, and turned upright. */
  readonly width: number
  readonly height: number
  /** Degrees clockwise by which the stored picture is turned to be upright. */
  readonly rotation: 0 | 90 | 180 | 270
  /** Until the pictures end, which sound may outlast by far; missing where that isn't known apart from it. */
  readonly durationMs?: number
  /** Pictures a second, on average; missing where the file doesn't tell. */
  readonly frameRate?: number
  /** `hlg` and `pq` by the transfer function; everything else is `sdr`. */
  readonly hdr: 'sdr' | 'hlg' | 'pq'
  /** Bits a sample, 8 or more; missing where the codec's parameters don't tell. */
  readonly bitDepth?: number
  /** How colour is sampled; missing where the codec's parameters don't tell. */
  readonly chroma?: '4:0:0' | '4:2:0' | '4:2:2' | '4:4:4'
  /** On average. */
  readonly bitsPerSecond?: number
}

export interface AudioFacts {
  /** `aac`, `opus`, `mp3`, `vorbis`, `flac`, `amr-nb`, `amr-wb`, `pcm-s16` …; a name of ffmpeg's where there is no better known one. */
  readonly codec: string
  /** `mp4a.40.2`: tells AAC-LC from HE-AAC. */
  readonly codecParameters?: string
  readonly channels: number
  /** Hertz, as it is played. */
  readonly sampleRate: number
  /** On average. */
  readonly bitsPerSecond?: number
}

/** The file is at fault: a code for programs, a sentence for the person who sent it. */
export interface ProbeRefusal {
  readonly ok: false
  readonly code: 'empty' | 'unsupported-type' | 'type-mismatch' | 'undecodable' | 'too-many-tracks'
  readonly message: string
}
