import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoredObject } from '../../contracts/stored-object.ts'
import { type ServedS3, serveS3, VERSIONED } from '../../infra/local/s3/serve-for-test.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import { s3Objects } from '../../ports/objects/s3-objects.ts'
import { pdfOf } from '../../tests/fixtures/pdf.ts'
import { photo } from '../../tests/fixtures/photo.ts'
import { startConsumer } from '../../tests/handling/consumer-process.ts'
import type { Handled } from '../../tests/handling/protocol.ts'
import { median } from '../bus/measure.ts'
import { ffmpegNow, phoneVideo, voiceNote } from './clips.ts'
import { below, type Row } from './table.ts'

const BUCKET = 'media'
/** One for each run: what is stored already is not sent again. */
const MEDIA_IDS = ['1', '2', '3'].map((last) => `5f0c6a52-0b57-5d3c-9a3f-2f1a5d0c7e1${last}`)
/** A first form to play has to be there after so much work. */
const REMUX_CPU_SECONDS = 3

interface Work {
  readonly what: string
  readonly kind: 'image' | 'video' | 'voice' | 'file'
  readonly steps: readonly string[]
  make(folder: string): Promise<string | Uint8Array> | string | Uint8Array
}

/** The largest that people usually send; what needs encoding is short, as memory goes by the size of a picture. */
const WORK: readonly Work[] = [
  {
    what: '48 MP',
    kind: 'image',
    steps: ['extract-metadata', 'optimize-image'],
    make: () => photo({ width: 8064, height: 6048, quality: 85 }),
  },
  {
    what: '60 s of 1080p',
    kind: 'video',
    steps: ['extract-metadata', 'generate-thumbnail', 'remux-video'],
    make: (folder) => phoneVideo(folder, 60),
  },
  { what: '5 s of 1080p to be encoded', kind: 'video', steps: ['compress-video'], make: unfitVideo },
  {
    what: '120 s',
    kind: 'voice',
    steps: ['extract-metadata', 'process-voice'],
    make: (folder) => voiceNote(folder, 120),
  },
  {
    what: '100 pages',
    kind: 'file',
    steps: ['extract-metadata', 'process-file'],
    make: () => pdfOf({ pages: Array.from({ length: 100 }, () => ({})) }),
  },
]

function unfitVideo(folder: string): string {
  const file = join(folder, 'unfit.mov')
  const picture = 'testsrc2=s=1920x1080:r=30:d=5,noise=alls=7:allf=t'
  ffmpegNow(['-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', 'sine=d=5', '-c:v', 'mpeg4', '-q:v', '3', file])
  return file
}

/** What each consumer's process holds at most, beside what its function has; and what a first form to play costs. */
export async function memoryRows(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'messageai-memory-'))
  const s3 = await serveS3()
  try {
    s3.bucket(BUCKET, VERSIONED)
    const objects = s3Objects({ bucket: BUCKET, client: s3.client })
    const rows: Row[] = []
    for (const work of WORK) rows.push(...(await rowsOf(work, { folder, s3, objects })))
    return rows
  } finally {
    await s3.close()
    rmSync(folder, { recursive: true })
  }
}

interface World {
  readonly folder: string
  readonly s3: ServedS3
  readonly objects: Objects
}

async function rowsOf({ what, kind, steps, make }: Work, { folder, s3, objects }: World): Promise<Row[]> {
  const made = await make(folder)
  const bytes = typeof made === 'string' ? readFileSync(made) : made
  const prefix = kind === 'voice' ? 'voice' : `${kind}s`
  const original = await objects.put(`${prefix}/original/0`, bytes, { contentType: 'image/jpeg' })
  const rows: Row[] = []
  for (const name of steps) {
    process.stderr.write(`memory: ${name}, ${what} `)
    const isTimed = name === 'remux-video'
    const runs: Run[] = []
    for (const mediaId of isTimed ? MEDIA_IDS : MEDIA_IDS.slice(0, 1)) {
      runs.push(await handledBy(name, { mediaId, kind, original }, s3))
    }
    process.stderr.write(`${runs.length > 1 ? `${runs.length} times` : 'once'}\n`)
    const peak = Math.max(...runs.map(({ handled }) => handled.peakMb))
    rows.push(below(`${name}: ${what}, at its peak`, peak, runs[0]?.memoryMb ?? Number.NaN, 'MB'))
    const seconds = median(runs.map(({ handled }) => handled.cpuSeconds))
    if (isTimed) rows.push(below('   its CPU time, median of three new processes', seconds, REMUX_CPU_SECONDS, 's'))
  }
  return rows
}

interface Run {
  readonly handled: Handled
  /** What its function has. */
  readonly memoryMb: number
}

interface Upload {
  readonly mediaId: string
  readonly kind: Work['kind']
  readonly original: StoredObject
}

/** Done once, in a process that was just started. */
async function handledBy(name: string, { mediaId, kind, original }: Upload, s3: ServedS3): Promise<Run> {
  const step = await startConsumer(name, s3, BUCKET)
  try {
    const uploaded = { mediaId, kind, contentType: 'image/jpeg', object: original }
    const failed = { mediaId, kind, jobId: '1', attempt: mediaId, code: '1', message: 'It can not be done.' }
    const event =
      name === 'compress-video'
        ? { type: 'TranscodeFailed.v1', data: failed }
        : { type: 'MediaUploaded.v1', data: uploaded }
    const handled = await step.handle({ ...event, original })
    if (handled.outcome.kind !== 'emitted') throw new Error(`${name}: ${JSON.stringify(handled.outcome)}`)
    return { handled, memoryMb: step.resources.memoryMb }
  } finally {
    await step.stop()
  }
}
