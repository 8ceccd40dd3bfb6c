import type { VideoFacts } from './probe.ts'

/** What containers call their codecs, where the parser knows no better name. */
const NAMES: Readonly<Record<string, string>> = {
  avc: 'h264',
  amr_nb: 'amr-nb',
  amr_wb: 'amr-wb',
  pcm_s16le: 'pcm-s16',
  pcm_s24le: 'pcm-s24',
  pcm_s32le: 'pcm-s32',
  pcm_f32le: 'pcm-f32',
  pcm_f64le: 'pcm-f64',
  pcm_u8: 'pcm-u8',
  pcm_alaw: 'alaw',
  pcm_mulaw: 'ulaw',
  samr: 'amr-nb',
  sawb: 'amr-wb',
  s263: 'h263',
  h263: 'h263',
  H263: 'h263',
  mp4v: 'mpeg4',
  jpeg: 'mjpeg',
  mjpa: 'mjpeg',
  mjpb: 'mjpeg',
  'V_MPEG4/ISO/SP': 'mpeg4',
  'V_MPEG4/ISO/ASP': 'mpeg4',
  'V_MPEG4/ISO/AP': 'mpeg4',
  V_MJPEG: 'mjpeg',
  V_THEORA: 'theora',
}

const UNKNOWN = 'unknown'

/** @param known the parser's name; @param inFile what stands in the file itself, a stranger's */
export function codecName(known: string | null, inFile: string | number | Uint8Array | null): string {
  if (known !== null) return NAMES[known] ?? known
  if (typeof inFile !== 'string') return UNKNOWN
  const plain = inFile.trim().toLowerCase()
  return NAMES[inFile] ?? (/^[a-z0-9][a-z0-9/_.+-]{0,30}$/.test(plain) ? plain : UNKNOWN)
}

type Samples = Pick<VideoFacts, 'bitDepth' | 'chroma'>

/** ITU-T H.264, A.2: profiles by number; those that may hold several depths are left out, but for those of 10 bits. */
const AVC: Readonly<Record<string, Samples>> = {
  '42': { bitDepth: 8, chroma: '4:2:0' },
  '4d': { bitDepth: 8, chroma: '4:2:0' },
  '58': { bitDepth: 8, chroma: '4:2:0' },
  '64': { bitDepth: 8, chroma: '4:2:0' },
  '6e': { bitDepth: 10, chroma: '4:2:0' },
  '7a': { bitDepth: 10, chroma: '4:2:2' },
}

/** ITU-T H.265, A.3: Main, Main 10, Main Still Picture. */
const HEVC: Readonly<Record<string, Samples>> = {
  '1': { bitDepth: 8, chroma: '4:2:0' },
  '2': { bitDepth: 10, chroma: '4:2:0' },
  '3': { bitDepth: 8, chroma: '4:2:0' },
}

const VP9_CHROMA: Readonly<Record<string, NonNullable<Samples['chroma']>>> = {
  '': '4:2:0',
  '00': '4:2:0',
  '01': '4:2:0',
  '02': '4:2:2',
  '03': '4:4:4',
}

const AV1_CHROMA: Readonly<Record<string, NonNullable<Samples['chroma']>>> = { '0': '4:2:0', '1': '4:4:4' }

/** How samples are stored, as far as RFC 6381's codec parameters tell it. */
export function samplesOf(codecParameters: string): Samples {
  const [name = '', ...rest] = codecParameters.split('.')
  const [first = '', second = '', third = '', fourth = ''] = rest
  if (name === 'avc1' || name === 'avc3') return AVC[first.slice(0, 2).toLowerCase()] ?? {}
  if (name === 'hvc1' || name === 'hev1') return HEVC[first.replace(/^[A-C]/, '')] ?? {}
  if (name === 'vp8') return { bitDepth: 8, chroma: '4:2:0' }
  if (name === 'vp09') return { ...depth(third), ...chroma(VP9_CHROMA[fourth]) }
  if (name === 'av01' && second !== '') return { ...depth(third), ...chroma(AV1_CHROMA[first]) }
  return {}
}

function depth(text: string): Samples {
  const bits = Number.parseInt(text, 10)
  return bits >= 8 && bits <= 16 ? { bitDepth: bits } : {}
}

function chroma(sampling: Samples['chroma']): Samples {
  return sampling === undefined ? {} : { chroma: sampling }
}

/** The same, by ffmpeg's name of a pixel format: `yuv420p10le`, `yuvj420p`, `gray`. */
export function samplesOfPixelFormat(name: string): Samples {
  const [, family, bits = '8'] = /^(?:yuvj?|yuva)(4\d\d)p(\d+)?/.exec(name) ?? []
  if (name.startsWith('gray')) return { chroma: '4:0:0', ...depth(/\d+/.exec(name)?.[0] ?? '8') }
  return family === undefined ? {} : { ...depth(bits), ...chroma(PLANAR[family]) }
}

const PLANAR: Readonly<Record<string, NonNullable<Samples['chroma']>>> = {
  '420': '4:2:0',
  '422': '4:2:2',
  '444': '4:4:4',
}
