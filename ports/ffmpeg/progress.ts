/** How far a run has come. */
export interface Progress {
  /** Of the output that are written. */
  readonly seconds: number
  /** Pictures written, where there are any. */
  readonly frames?: number
}

/** Takes the lines of ffmpeg's `-progress`, a block of `key=value` at a time, and tells each block that knows its time. */
export function progressReader(tell: (progress: Progress) => void): (line: string) => void {
  let block = new Map<string, string>()
  return (line) => {
    const at = line.indexOf('=')
    if (at < 0) return
    block.set(line.slice(0, at), line.slice(at + 1).trim())
    if (!line.startsWith('progress=')) return
    const seconds = Number(block.get('out_time_us')) / 1_000_000
    const frames = Number(block.get('frame'))
    block = new Map()
    // Before the first picture it says N/A, and where timestamps begin below zero, less than nothing.
    if (seconds >= 0) tell({ seconds, ...(Number.isInteger(frames) && { frames }) })
  }
}
