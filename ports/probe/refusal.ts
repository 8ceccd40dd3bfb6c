import type { Container } from './container.ts'
import type { ProbeRefusal } from './probe.ts'

const WHAT_WE_TAKE =
  'send a video as MP4, MOV, 3GP, WebM, Matroska or AVI, a recording as M4A, Ogg, WebM, MP3, WAV, FLAC, AAC, 3GP or AMR'

function refusal(code: ProbeRefusal['code'], message: string): ProbeRefusal {
  return { ok: false, code, message }
}

/** What isn't a video or a recording at all, by its first bytes. */
export function refusalOf(container: Exclude<Container, { readonly kind: 'accepted' }>): ProbeRefusal {
  switch (container.kind) {
    case 'empty':
      return refusal('empty', 'The file is empty: record or choose it again, and send it once more.')
    case 'picture':
      return refusal('type-mismatch', 'This is a picture, not a video or a recording: send it as a photo.')
    case 'refused':
      return unsupported(`This is ${container.name}, not a video or a recording that can be played here`)
    case 'unknown':
      return unsupported('This is not a video or a recording')
  }
}

function unsupported(what: string): ProbeRefusal {
  return refusal('unsupported-type', `${what}: ${WHAT_WE_TAKE}.`)
}

export function noTracks(): ProbeRefusal {
  return refusal(
    'undecodable',
    'The file has no picture and no sound that can be found, as happens when a recording was cut off: send it again from the original.',
  )
}

export function cutOff(): ProbeRefusal {
  return refusal('undecodable', 'The file is cut off, a part of it is missing: send it again from the original.')
}

export function damaged(): ProbeRefusal {
  return refusal(
    'undecodable',
    'The file is damaged and cannot be read: send it again from the original, or export it anew first.',
  )
}

export function tooMuchToRead(): ProbeRefusal {
  return refusal(
    'undecodable',
    'The file describes itself at greater length than any real recording does: export it anew and send that.',
  )
}

export function tooManyTracks(tracks: number, allowed: number): ProbeRefusal {
  return refusal(
    'too-many-tracks',
    `The file has ${tracks} tracks and ${allowed} are allowed: export it with one picture and one sound track.`,
  )
}
