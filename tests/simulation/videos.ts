import type { FilmFacts, Refusal, Video, VideoFile } from '../../ports/video/video.ts'

const DAMAGE: Refusal = {
  ok: false,
  fault: 'file',
  code: 'undecodable',
  message: 'The video is damaged: send it again.',
}
const FACTS: FilmFacts = {
  format: 'mp4',
  contentType: 'video/mp4',
  durationMs: 1_000,
  video: { codec: 'h264', codecParameters: 'avc1.64001f', width: 4, height: 2, rotation: 0, frameRate: 30, hdr: 'sdr' },
}

/** Bytes of a video; those of two videos differ. */
export function film(name: string, condition: 'fine' | 'damaged'): Uint8Array {
  return Buffer.from(condition === 'damaged' ? `damaged ${name}` : `film ${name}`)
}

/**
 * Videos without a decoder and without a disk: what comes out follows from the bytes and from the recipe's version
 * alone. `call` is how each takes its time, and may fail on the way.
 */
export function videosOf(
  version: number,
  files: Map<string, Uint8Array>,
  call: <T>(name: string, effect: () => T) => Promise<T>,
): Video {
  const read = (file: string): string => {
    const bytes = files.get(file)
    if (!bytes) throw new Error(`there is no file ${file}`)
    return Buffer.from(bytes).toString('latin1')
  }
  const isDamaged = (file: string) => read(file).startsWith('damaged')
  const recipe = `c${String(version).padStart(7, '0')}`
  const write = (file: string, content: string): VideoFile => {
    const bytes = Buffer.from(`${content} ${recipe}`)
    files.set(file, bytes)
    return {
      file,
      contentType: 'video/mp4',
      width: 4,
      height: 2,
      durationMs: 1_000,
      bitsPerSecond: 8,
      bytes: bytes.length,
    }
  }
  const still = (file: string, atMs: number) => ({
    atMs,
    width: 4,
    height: 2,
    bytes: Buffer.from(`photo of ${read(file)} at ${atMs}`),
  })
  return {
    async inScratch(work) {
      let number = 0
      while (files.has(`scratch-${number}/`)) number += 1
      const folder = `scratch-${number}`
      files.set(`${folder}/`, new Uint8Array())
      try {
        return await work(folder)
      } finally {
        for (const file of [...files.keys()]) if (file.startsWith(`${folder}/`)) files.delete(file)
      }
    },
    look: (file) => call('video.look', () => (isDamaged(file) ? DAMAGE : { ok: true, facts: FACTS, cpuSeconds: 0 })),
    async foresee(source) {
      const head = Buffer.from(await source.read(0, 7)).toString('latin1')
      return head === 'damaged' ? DAMAGE : { ok: true }
    },
    frames: ({ file }) =>
      call('video.frames', () => ({ ok: true, poster: still(file, 0), along: [still(file, 500)], cpuSeconds: 0 })),
    remux: ({ file }, target) =>
      call('video.remux', () => ({ ok: true, video: write(target, `remux ${read(file)}`), cpuSeconds: 0 })),
    package: ({ pictures, sound = [] }, target) =>
      call('video.package', () => {
        const video = write(target, `package ${[...pictures, ...sound].map(read).join(' ')}`)
        return { ok: true, video, cpuSeconds: 0 }
      }),
    encode: ({ file }, rungs, fileOf) =>
      call('video.encode', () => {
        const videos = rungs.map((rung) => write(fileOf(rung), `encode ${rung.name} ${read(file)}`))
        return { ok: true, videos, cpuSeconds: 0 }
      }),
    recipe: async () => recipe,
  }
}
