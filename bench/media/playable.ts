import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Result } from '../../infra/dev/journey.ts'
import { phoneVideo } from './clips.ts'
import { type Row, told } from './table.ts'

const SECONDS = 60
const PROGRAM = join(import.meta.dirname, '../../infra/dev/bootstrap.mjs')

/** When a video that needs no encoding can be played through the whole stack, and when all of it is ready. */
export async function playableRows(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'messageai-playable-'))
  try {
    process.stderr.write('playable …\n')
    const { status, reason, msToThumbnail, msToPlayable, msToReady } = await sent(
      await phoneVideo(folder, SECONDS),
      folder,
    )
    if (status !== 'ready') throw new Error(`the video ended ${status}: ${reason}`)
    const seconds = (ms: number | null | undefined) => (ms == null ? '–' : `${(ms / 1000).toFixed(1)} s`)
    return [
      told(`${SECONDS} s of 1080p: to its thumbnail`, seconds(msToThumbnail)),
      told('   to the first form that plays', seconds(msToPlayable)),
      told('   to ready, with its stream and its single files', seconds(msToReady)),
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** `npm start -- --once`, as anybody runs it. */
async function sent(file: string, folder: string): Promise<Result> {
  const args = [PROGRAM, 'start', '--once', file, '--json', '--data', join(folder, 'data'), '--port', '0']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  await new Promise((resolve) => child.once('close', resolve))
  return JSON.parse(stdout.trim()) as Result
}
