/** Why ffmpeg gave nothing: a file that can't be used, or something of ours. */
export type Failure = FileFailure | OurFailure

/** Whoever sent the file can act. */
export interface FileFailure {
  readonly ok: false
  readonly fault: 'file'
  readonly code: FileFault
  /** One sentence for the person who sent it. */
  readonly message: string
  /** What ffmpeg said, for operators; it may quote the file. */
  readonly detail: string
}

/** Whoever sent the file can't do anything. */
export interface OurFailure {
  readonly ok: false
  readonly fault: 'ours'
  readonly code: OurFault
  /** One sentence for operators. */
  readonly message: string
  readonly detail: string
}

export type FileFault =
  | 'unsupported-type'
  | 'undecodable'
  | 'no-stream'
  | 'too-many-pixels'
  | 'too-much-memory'
  | 'too-large'

export type OurFault = 'no-ffmpeg' | 'ffmpeg-failed' | 'timed-out' | 'stopped' | 'killed'

const TOO_LARGE = 'What would be made of the file is larger than allowed: send a shorter or smaller copy.'

const OUT_OF_MEMORY = /Cannot allocate memory|Error allocating/i

const CUT_OFF = 'The file is cut off, a part of it is missing: send it again from the original.'

const DAMAGED = 'The file is damaged and cannot be read: send it again from the original, or export it anew first.'

type Rule = readonly [pattern: RegExp, code: FileFault, message: string]

/** What ffmpeg says where the file is to blame, the most telling first. Anything else counts as our fault. */
const RULES: readonly Rule[] = [
  [
    /not on whitelist|Protocol not found/i,
    'unsupported-type',
    'This is a list of other files or a kind of file that is not taken here: send the video or the recording itself.',
  ],
  [
    /exceeds specified max pixel count|Picture size \S+ is invalid|dimensions too large/i,
    'too-many-pixels',
    'The video has more pixels in a picture than are allowed: record it in 4K or less, or send a smaller copy.',
  ],
  [
    OUT_OF_MEMORY,
    'too-much-memory',
    'Opening the file takes more memory than is allowed: send a smaller copy, or export it anew first.',
  ],
  [/File too large/i, 'too-large', TOO_LARGE],
  [/moov atom not found|End of file|partial file|Could not seek to \d+/i, 'undecodable', CUT_OFF],
  [
    /matches no streams|does not contain any stream/i,
    'no-stream',
    'The file lacks the picture or the sound that it should have: send it again from the original.',
  ],
  [
    /Decoder \([^)]*\) not found|Could not find codec parameters|unknown codec|Unsupported codec|incorrect codec parameters|not implemented|not (?:currently )?supported/i,
    'unsupported-type',
    'The file is recorded in a way that cannot be read here: export it as MP4 (H.264 and AAC) and send that.',
  ],
  [
    /Invalid data found|Error while decoding|Error (?:submitting|decoding)|Invalid NAL|error reading header|decode_slice|Nothing was written into output|Invalid frame dimensions|Cannot determine format of input|Error (?:during|opening) (?:demuxing|input)|invalid as first byte|could not find corresponding/i,
    'undecodable',
    DAMAGED,
  ],
  // Of those who only read here: aac and ogg also write, and what they say then is no file's doing.
  [
    /^\[(?:h264|hevc|vp[89]|av1|libdav1d|mpeg4|mov,mp4\S*|matroska,webm|avi|mp3\w*|opus|vorbis|flac|amr\w*|wav) @ /m,
    'undecodable',
    DAMAGED,
  ],
]

/** Said at the end of a file, and followed by what sounds like a broken disk. */
const ENDED = /File ended prematurely/

/**
 * What we did wrong ourselves may well be followed by words that sound like a damaged file. The first is said where no
 * thread could be started: as many are asked for of every file.
 */
const OURS =
  /Resource temporarily unavailable|Unknown (?:en|de)coder|Unrecognized option|Option \S+ not found|No such filter|No such file or directory|No space left|Permission denied|Read-only file system|Input\/output error|Error (?:parsing|splitting the argument)|Too many open files/i

/**
 * The failure that ffmpeg's words amount to.
 * Memory that can't be had is what a run may have, by ffmpeg's own bound or the kernel's, and would be on every try: a
 * machine that is short of it doesn't say so, it kills.
 */
export function explain(stderr: string): Failure {
  const said = stderr.split('\n').filter((line) => /\[(?:warning|error|fatal|panic)\]/.test(line))
  const detail = said.slice(-12).join('\n').slice(-2_000) || stderr.slice(-2_000)
  const errors = said.filter((line) => !line.includes('[warning]')).join('\n')
  if (ENDED.test(errors)) return { ok: false, fault: 'file', code: 'undecodable', message: CUT_OFF, detail }
  const rule = OURS.test(errors) ? undefined : RULES.find(([pattern]) => pattern.test(errors))
  if (rule === undefined)
    return failure('ffmpeg-failed', 'ffmpeg ended with an error that the file does not explain.', detail)
  const [, code, message] = rule
  return { ok: false, fault: 'file', code, message, detail }
}

/** A failure of ours. */
export function failure(code: OurFault, message: string, detail = ''): OurFailure {
  return { ok: false, fault: 'ours', code, message, detail }
}

/** The file's, found by a limit and not by what ffmpeg says. */
export function tooLarge(): FileFailure {
  return { ok: false, fault: 'file', code: 'too-large', message: TOO_LARGE, detail: '' }
}
