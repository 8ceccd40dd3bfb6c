import { parseArgs } from 'node:util'
import { imageRows } from './images.ts'
import { memoryRows } from './memory.ts'
import { playableRows } from './playable.ts'
import { probingRows } from './probing.ts'
import { print, type Row } from './table.ts'
import { videoRows } from './video.ts'
import { voiceRows } from './voice.ts'

const SECTIONS: Readonly<Record<string, Section>> = {
  images: { title: 'Images, CPU seconds a photo', rows: imageRows },
  voice: { title: 'Voice, CPU seconds a recording', rows: voiceRows },
  probing: { title: 'Probing, CPU time a file', rows: probingRows },
  video: { title: 'Video, CPU seconds for 20 s of 1080p30', rows: videoRows },
  memory: { title: 'Memory, a consumer in a process of its own', rows: memoryRows },
  playable: { title: 'A video through the whole stack', rows: playableRows },
}

interface Section {
  readonly title: string
  rows(rounds: number): Promise<Row[]>
}

const HELP = `What each kind of media costs, against other ways in the same run.

  npm run bench -- media [--only SECTION,…] [--rounds N]

  --only SECTION   some of ${Object.keys(SECTIONS).join(', ')} (default all)
  --rounds N       how often photos, voice notes and probes are measured each way; the median counts (default 9)
`

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(SECTIONS).join(',') },
    rounds: { type: 'string', default: '9' },
    help: { type: 'boolean', short: 'h' },
  },
})
if (values.help) process.stdout.write(HELP)
else await main(values.only.split(','), Number(values.rounds))

async function main(names: readonly string[], rounds: number): Promise<void> {
  const tables: [Section, readonly Row[]][] = []
  for (const name of names) {
    const section = SECTIONS[name]
    if (!section) throw new Error(`there is no section ${name}: ${Object.keys(SECTIONS).join(', ')}`)
    tables.push([section, await section.rows(rounds)])
  }
  for (const [{ title }, rows] of tables) print(title, rows)
  if (tables.some(([, rows]) => rows.some(({ holds }) => !holds))) process.exitCode = 1
}
