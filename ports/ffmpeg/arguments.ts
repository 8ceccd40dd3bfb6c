/** One word of a command line, or a file that ffmpeg reads or writes; those get their guards from here. */
export type Argument = string | Input | Output

/** A file to read. Its content is a stranger's: whatever it says it is, only these demuxers get to see it. */
export interface Input {
  readonly kind: 'input'
  /** A path; never a URL. */
  readonly file: string
  /** What stands before `-i`: `-ss 1`, `-skip_frame nokey`. */
  readonly options: readonly string[]
}

/** A file to write, or `-` for what `stdout` gives. */
export interface Output {
  readonly kind: 'output'
  readonly file: string
  /** `-t`: more than this is never written, whatever the input claims. */
  readonly maxSeconds: number
  /** What stands before the file's name: `-map 0:v:0 -c copy -f mp4`. */
  readonly options: readonly string[]
}

export function input(file: string, options: readonly string[] = []): Input {
  return { kind: 'input', file, options }
}

export function output(file: string, maxSeconds: number, options: readonly string[]): Output {
  return { kind: 'output', file, maxSeconds, options }
}

/** Playlists, image sequences and concat lists are not among them: they open other files and connections. */
export const DEMUXERS = 'mov,matroska,ogg,avi,gif,mp3,wav,aac,flac,amr'

/**
 * Of each decoder, encoder and graph of filters, however many processors there are: else what a run holds, and what
 * comes out of it, would be another on each machine. Two keep a function of 3 GB at work.
 */
const THREADS = '2'

export interface Caps {
  readonly maxPixels: number
  /** Of one allocation. */
  readonly maxAllocationBytes: number
  readonly maxFileBytes: number
}

/** The words for ffmpeg, guards included. */
export function ffmpegWords(args: readonly Argument[], caps: Caps): string[] {
  if (args.includes('-i')) throw new Error('files are read by input(…), which guards them, never by a bare -i')
  return [
    ...['-nostdin', '-hide_banner', '-y', '-nostats', '-loglevel', 'level+info'],
    ...['-max_alloc', String(Math.floor(caps.maxAllocationBytes))],
    ...['-filter_threads', THREADS, '-filter_complex_threads', THREADS],
    ...args.flatMap((argument) => {
      if (typeof argument === 'string') return [argument]
      if (argument.kind === 'input') return ['-threads', THREADS, ...inputWords(argument, caps)]
      const { file, maxSeconds, options } = argument
      return [
        ...['-threads', THREADS, ...options],
        ...['-t', String(maxSeconds), '-fs', String(Math.floor(caps.maxFileBytes))],
        file === '-' ? 'pipe:1' : `file:${file}`,
      ]
    }),
  ]
}

/** The words for ffprobe, guards included. */
export function ffprobeWords(source: Input, args: readonly string[], caps: Caps): string[] {
  return [
    ...['-hide_banner', '-loglevel', 'level+error', '-max_alloc', String(Math.floor(caps.maxAllocationBytes))],
    ...inputWords(source, caps),
    ...args,
  ]
}

function inputWords({ file, options }: Input, { maxPixels }: Caps): string[] {
  return [
    ...['-protocol_whitelist', 'file', '-format_whitelist', DEMUXERS, '-max_pixels', String(maxPixels)],
    ...options,
    ...['-i', `file:${file}`],
  ]
}
