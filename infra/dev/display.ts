import { basename } from 'node:path'
import { createLogUpdate } from 'log-update'
import type { Result, Sighting } from './journey.ts'

/** What people see while files are on their way. */
export interface Display {
  /** One line of news: what is being done now. */
  say(line: string): void
  /** Something about a file. */
  sight(sighting: Sighting): void
  /** The files are through: a table of how each fared. */
  table(results: readonly Result[]): void
}

const BAR_WIDTH = 24

/** Bars that redraw themselves where `stream` is a terminal, plain lines elsewhere. */
export function createDisplay(stream: NodeJS.WriteStream): Display {
  return stream.isTTY ? liveDisplay(stream) : plainDisplay(stream)
}

function plainDisplay(stream: NodeJS.WriteStream): Display {
  const line = (text: string) => stream.write(`${text}\n`)
  return {
    say: line,
    sight({ file, event, status, progress }) {
      if (event !== undefined) line(`${basename(file)}: ${event}`)
      else if (progress === 1) line(`${basename(file)}: ${status}`)
    },
    table: (results) => line(renderTable(results, plain)),
  }
}

interface Row {
  readonly progress: number
  readonly status: string
  readonly event: string
}

function liveDisplay(stream: NodeJS.WriteStream): Display {
  const update = createLogUpdate(stream)
  const rows = new Map<string, Row>()
  let pending: NodeJS.Timeout | undefined

  const draw = () => {
    pending = undefined
    const width = Math.max(...[...rows.keys()].map((file) => basename(file).length))
    update([...rows].map(([file, row]) => renderRow(basename(file).padEnd(width), row)).join('\n'))
  }
  const finish = () => {
    if (pending) clearTimeout(pending)
    if (rows.size > 0) draw()
    rows.clear()
    update.done()
  }
  return {
    say(line) {
      if (rows.size === 0) stream.write(`${line}\n`)
      else update.persist(line)
    },
    sight({ file, progress, status, event }) {
      const row = rows.get(file) ?? { progress: 0, status: '', event: '' }
      rows.set(file, {
        progress: Math.max(row.progress, progress),
        status: status || row.status,
        event: event ?? row.event,
      })
      pending ??= setTimeout(draw, 40)
    },
    table(results) {
      finish()
      stream.write(`${renderTable(results, colours)}\n`)
    },
  }
}

interface Style {
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly dim: (text: string) => string
}

const plain: Style = { good: (text) => text, bad: (text) => text, dim: (text) => text }
const colours: Style = {
  good: (text) => `\u001b[32m${text}\u001b[39m`,
  bad: (text) => `\u001b[31m${text}\u001b[39m`,
  dim: (text) => `\u001b[2m${text}\u001b[22m`,
}

function renderRow(name: string, { progress, status, event }: Row): string {
  const filled = Math.round(progress * BAR_WIDTH)
  const bar = `${'█'.repeat(filled)}${colours.dim('░'.repeat(BAR_WIDTH - filled))}`
  return `  ${name}  ${bar}  ${styled(status, colours)(status.padEnd(10))} ${colours.dim(event)}`
}

function styled(status: string, style: Style): (text: string) => string {
  if (status === 'ready') return style.good
  return status === 'rejected' || status === 'failed' || status === 'expired' ? style.bad : (text) => text
}

/** A row a file, its variants or the reason below it. */
function renderTable(results: readonly Result[], style: Style): string {
  const cells = results.map((result) => [
    basename(result.file),
    result.status,
    result.kind,
    milliseconds(result.msToThumbnail),
    milliseconds(result.msToPlayable ?? null),
    milliseconds(result.msToReady),
  ])
  const titles = ['file', 'status', 'kind', 'thumbnail', 'playable', 'ready']
  const widths = titles.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)))
  const pad = (row: readonly string[], column: number) => (row[column] ?? '').padEnd(widths[column] ?? 0)
  const header = style.dim(`  ${titles.map((_, column) => pad(titles, column)).join('  ')}`.trimEnd())
  const body = results.flatMap((result, index) => {
    const row = cells[index] ?? []
    const padded = titles.map((_, column) => pad(row, column))
    padded[1] = styled(result.status, style)(padded[1] ?? '')
    return [`  ${padded.join('  ')}`.trimEnd(), ...below(result).map((line) => style.dim(`      ${line}`))]
  })
  return ['', header, ...body, ''].join('\n')
}

function below({ reason, variants, unfinished = [] }: Result): readonly string[] {
  const late = unfinished.length > 0 ? [`not waited for any longer: ${unfinished.join(', ')}`] : []
  if (reason !== undefined) return [reason, ...late]
  if (variants.length === 0) return late
  return [variants.map((form) => `${form.name}${extent(form)} ${size(form.bytes)}`).join(' · '), ...late]
}

function extent({ width, height, durationMs }: Result['variants'][number]): string {
  const area = width === undefined ? '' : ` ${width}×${height}`
  return durationMs === undefined ? area : `${area} ${(durationMs / 1000).toFixed(1)} s`
}

function milliseconds(value: number | null): string {
  return value === null ? '–' : `${value} ms`
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
