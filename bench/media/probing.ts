import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bytesSource } from '../../ports/probe/bytes.ts'
import { liveProbe } from '../../ports/probe/live-probe.ts'
import { median } from '../bus/measure.ts'
import { ffmpegNow } from './clips.ts'
import { inTurns } from './measure.ts'
import { below, faster, type Row, told } from './table.ts'

const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac']

/** Each container that is taken, and what phones and browsers put into it. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  'film.mp4': X264,
  'film.mov': X264,
  'film.mkv': X264,
  'film.webm': ['-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libopus'],
  'film.avi': ['-c:v', 'mpeg4', '-c:a', 'mp3'],
  'film.3gp': [...X264, '-ar', '16000'],
  'talk.m4a': ['-vn', '-c:a', 'aac'],
  'talk.ogg': ['-vn', '-c:a', 'libopus'],
  'talk.mp3': ['-vn', '-c:a', 'mp3'],
  'talk.wav': ['-vn'],
  'talk.aac': ['-vn', '-c:a', 'aac'],
  'talk.flac': ['-vn', '-c:a', 'flac'],
}

const SECONDS = 20

/** What it costs to learn what a video or a recording is, of every kind that is taken. */
export async function probingRows(rounds: number): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'messageai-probing-'))
  try {
    process.stderr.write('probing ')
    const probe = liveProbe(process.env)
    const spent: [string, Record<'ours' | 'other', number>][] = []
    for (const [name, encoders] of Object.entries(KINDS)) {
      const file = join(folder, name)
      const sources = [`testsrc2=s=640x360:r=30:d=${SECONDS}`, `sine=440:d=${SECONDS}`]
      ffmpegNow([...sources.flatMap((source) => ['-f', 'lavfi', '-i', source]), ...encoders, file])
      const bytes = readFileSync(file)
      const ours = async () => {
        const probed = await probe.probe(bytesSource(bytes))
        if (!probed.ok) throw new Error(`${name}: ${probed.message}`)
      }
      const turns = await inTurns({ ours, other: async () => probeNow(file) }, rounds * 3)
      spent.push([name, { ours: median(turns.ours), other: median(turns.other) }])
    }
    const worst = spent.reduce((a, b) => (b[1].ours > a[1].ours ? b : a))
    const sum = (of: 'ours' | 'other') => spent.reduce((total, [, seconds]) => total + seconds[of], 0)
    return [
      below(`a file, over ${spent.length} containers`, (sum('ours') / spent.length) * 1000, 10, 'ms'),
      told(`   the dearest, ${worst[0]}`, `${(worst[1].ours * 1000).toFixed(1)} ms`),
      faster('all of them: against ffprobe', { ours: [sum('ours')], other: [sum('other')] }, 2),
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export function probeNow(file: string): void {
  const { status } = spawnSync('ffprobe', ['-v', 'error', '-show_format', '-show_streams', '-of', 'json', file])
  if (status !== 0) throw new Error(`ffprobe can't read ${file}`)
}
