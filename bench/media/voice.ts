import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bytesSource } from '../../ports/probe/bytes.ts'
import { liveProbe } from '../../ports/probe/live-probe.ts'
import { liveVoice } from '../../ports/voice/live-voice.ts'
import { ffmpegNow, voiceNote } from './clips.ts'
import { inTurns } from './measure.ts'
import { probeNow } from './probing.ts'
import { faster, type Row } from './table.ts'

const SECONDS = 120

/** A voice note of two minutes: probed, listened to and written in two forms, against a process for each of these. */
export async function voiceRows(rounds: number): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'messageai-voice-'))
  try {
    process.stderr.write('voice ')
    const file = voiceNote(folder, SECONDS)
    const bytes = readFileSync(file)
    const [probe, voice] = [liveProbe(process.env), liveVoice(process.env)]
    const ours = async () => {
      const probed = await probe.probe(bytesSource(bytes))
      if (!probed.ok) throw new Error(probed.message)
      const rendered = await voice.render(bytes, probed.facts)
      if (!rendered.ok) throw new Error(rendered.message)
    }
    const spent = await inTurns({ ours, other: async () => fourProcesses(file, folder) }, rounds)
    return [faster(`${SECONDS} s of AAC: against four processes`, spent, 2)]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Opus, AAC, a picture of the wave, and what ffprobe says; each evened out to the loudness that ours has. */
function fourProcesses(file: string, folder: string): void {
  const loud = ['-af', 'loudnorm=I=-16:TP=-1.5:LRA=11,aresample=48000', '-ac', '1']
  ffmpegNow(['-i', file, ...loud, '-c:a', 'libopus', '-b:a', '32k', join(folder, 'voice.ogg')])
  ffmpegNow(['-i', file, ...loud, '-c:a', 'aac', '-b:a', '64k', join(folder, 'other.m4a')])
  const wave = ['-filter_complex', 'showwavespic=s=640x120', '-frames:v', '1']
  ffmpegNow(['-i', file, ...wave, join(folder, 'wave.png')])
  probeNow(file)
}
