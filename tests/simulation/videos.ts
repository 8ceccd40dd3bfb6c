import type { Refusal, Video, VideoFile } from '../../ports/video/video.ts'
import { FILM } from './recordings.ts'
import { flawsOf } from './uploads.ts'

const DAMAGE: Refusal = {
  ok: false,
  fault: 'file',
  code: 'undecodable',
  message: 'The video is damaged: send it again.',
}
const SIZE = { width: FILM.video.width, height: FILM.video.height } as const

export interface VideoOptions {
  /** Of what is deployed: it is in the recipe. */
  readonly version: number
  /** What lies on the disks of functions, by path. */
  readonly files: Map<string, Uint8Array>
  /** Names a folder that nobody else has. */
  folder(): string
  /** How each thing takes its time, and may fail on the way. */
  call<T>(name: string, effect: () => T): Promise<T>
}

/** Videos without a decoder and without a disk: what comes out follows from the bytes and the recipe alone. */
export function videosOf({ version, files, folder, call }: VideoOptions): Video {
  const recipe = `d${String(version).padStart(7, '0')}`
  const read = (file: string): Buffer => {
    const bytes = files.get(file)
    if (!bytes) throw new Error(`there is no file ${file}`)
    return Buffer.from(bytes)
  }
  const isDamaged = (bytes: Uint8Array) => flawsOf(bytes).includes('damaged')
  const write = (file: string, content: string): VideoFile => {
    const bytes = Buffer.from(`${recipe} ${content}`)
    files.set(file, bytes)
    return { file, contentType: 'video/mp4', ...SIZE, durationMs: 1_000, bitsPerSecond: 8, bytes: bytes.byteLength }
  }
  const still = (file: string, atMs: number) => ({
    atMs,
    ...SIZE,
    bytes: Buffer.from(`still at ${atMs} ${read(file).toString('latin1')}`),
  })
  return {
    async inScratch(work) {
      const scratch = folder()
      try {
        return await work(scratch)
      } finally {
        for (const file of files.keys()) if (file.startsWith(`${scratch}/`)) files.delete(file)
      }
    },
    look: (file) => call('video.look', () => (isDamaged(read(file)) ? DAMAGE : { ok: true, facts: FILM })),
    async foresee(source) {
      const bytes = await source.read(0, source.size)
      return isDamaged(bytes)
        ? DAMAGE
        : flawsOf(bytes).includes('unfit')
          ? { ok: true, unfit: 'it is VP9' }
          : { ok: true }
    },
    // Of a second of film, the picture in its middle stands for it.
    frames: ({ file }) =>
      call('video.frames', () => ({ ok: true, poster: still(file, 500), along: [still(file, 500)] })),
    remux: ({ file }, target) =>
      call('video.remux', () =>
        flawsOf(read(file)).includes('unfit')
          ? { ok: true, unfit: 'it is VP9' }
          : { ok: true, video: write(target, `remuxed ${read(file).toString('latin1')}`) },
      ),
    film: ({ file }, target) =>
      call('video.film', () => ({
        ok: true,
        video: write(target, `filmed ${read(file).toString('latin1')}`),
        stills: [still(file, 500)],
      })),
    package: ({ pictures, sound = [] }, target) =>
      call('video.package', () => {
        const parts = [...pictures, ...sound].map((file) => read(file).toString('latin1'))
        return { ok: true, video: write(target, `packaged ${parts.join(' ')}`) }
      }),
    encode: ({ file }, rungs, fileOf) =>
      call('video.encode', () => {
        const content = read(file).toString('latin1')
        return { ok: true, videos: rungs.map((rung) => write(fileOf(rung), `${rung.name} ${content}`)) }
      }),
    until() {
      return this
    },
    recipe: async () => recipe,
  }
}
