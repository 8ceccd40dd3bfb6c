import { fork } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { photo } from '../../tests/fixtures/photo.ts'
import type { Usage } from '../stack/protocol.ts'
import { inParallel, type StackProcess, startStackProcess } from '../stack/stack.ts'
import type { BareSeconds } from './bare-child.ts'
import { printSteps } from './steps.ts'

const HELP = `What a 12-megapixel photo costs from the upload to ready, beside the picture work alone.

  npm run bench -- pipeline [--photos N] [--parallel N] [--profiles DIR]

  --photos N       how many are measured (default 40)
  --parallel N     how many clients send at a time (default 4)
  --profiles DIR   keep the CPU profiles of every thread, as Chrome's DevTools open them
`
/** Both are measured in turns, so that whatever else the machine does falls on both. */
const ROUNDS = 4
const WARM_UP = 16
const DIFFERENT_PHOTOS = 4

const { values } = parseArgs({
  options: {
    photos: { type: 'string', default: '40' },
    parallel: { type: 'string', default: '4' },
    profiles: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})
if (values.help) process.stdout.write(HELP)
else await main(Number(values.photos), Number(values.parallel))

async function main(photos: number, parallel: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'messageai-photos-'))
  const files = await drawPhotos(folder)
  const pick = (count: number) => Array.from({ length: count }, (_, index) => files[index % files.length] ?? '')
  const stack = await startStackProcess({
    warm: true,
    ...(values.profiles !== undefined && { profiles: values.profiles }),
  })
  const bare = bareProcess()
  try {
    const first = await stack.send(pick(1)[0] ?? '')
    await inParallel(pick(WARM_UP), parallel, stack.send)
    await bare.measure(pick(2))

    const perRound = Math.ceil(photos / ROUNDS)
    const count = perRound * ROUNDS
    const rounds: (Awaited<ReturnType<typeof sendAll>> & BareSeconds)[] = []
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push({ ...(await sendAll(stack, pick(perRound), parallel)), ...(await bare.measure(pick(perRound))) })
    }
    const sum = (of: (round: (typeof rounds)[number]) => number) =>
      rounds.reduce((total, round) => total + of(round), 0)
    const cpu = sum((round) => round.cpu) / count
    const bareCpu = sum((round) => round.bare) / count
    const limitCpu = sum((round) => round.limit) / count
    const times = rounds.flatMap((round) => round.times)

    console.log(
      `\n${count} photos of 12 megapixels, ${parallel} at a time, on ${cpus().length} cores (${cpus()[0]?.model.trim()})\n`,
    )
    console.log(`photos a second, end to end      ${(count / sum((round) => round.seconds)).toFixed(2)}`)
    console.log(`first photo: to thumbnail, ready ${ms(first.msToThumbnail)}, ${ms(first.msToReady)}`)
    console.log(
      `median: to thumbnail, ready      ${ms(median(times.map((t) => t.msToThumbnail)))}, ${ms(median(times.map((t) => t.msToReady)))}`,
    )
    console.log('\nCPU seconds a photo')
    console.log(`  the pipeline                   ${cpu.toFixed(3)}`)
    console.log(`  the picture work alone         ${bareCpu.toFixed(3)}   the same outputs by the same code, in a loop`)
    console.log(
      `  the least for these outputs    ${limitCpu.toFixed(3)}   one decode for all of them, and the encoders`,
    )
    const ratio = (cpu - bareCpu) / bareCpu
    console.log(`\noverhead: (pipeline - picture work) / picture work = ${ratio.toFixed(2)}`)

    const profile = await stack.profile(() => sendAll(stack, pick(perRound), parallel).then(() => undefined))
    printSteps(
      rounds.map(({ used }) => used),
      count,
      profile,
    )
  } finally {
    bare.stop()
    await stack.stop()
    rmSync(folder, { recursive: true })
  }
}

async function drawPhotos(folder: string): Promise<readonly string[]> {
  const files: string[] = []
  for (let seed = 1; seed <= DIFFERENT_PHOTOS; seed++) {
    const [width, height] = seed % 2 === 0 ? [3024, 4032] : [4032, 3024]
    const file = join(folder, `${seed}.jpg`)
    writeFileSync(file, await photo({ width, height, seed }))
    files.push(file)
  }
  return files
}

async function sendAll(stack: StackProcess, files: readonly string[], parallel: number) {
  const before = await stack.usage()
  const began = performance.now()
  const times = await inParallel(files, parallel, stack.send)
  const seconds = (performance.now() - began) / 1000
  // What is still to be written down after the last photo is ready counts too.
  await new Promise((resolve) => setTimeout(resolve, 500))
  const used = difference(before, await stack.usage())
  return { seconds, times, cpu: used.cpu, used }
}

function difference(before: Usage, after: Usage): Usage {
  const minus = (a: Usage['threads'], b: Usage['threads']) =>
    Object.fromEntries(Object.entries(a).map(([name, value]) => [name, value - (b[name] ?? 0)]))
  return {
    ...after,
    cpu: after.cpu - before.cpu,
    mainThread: after.mainThread - before.mainThread,
    functions: minus(after.functions, before.functions),
    threads: minus(after.threads, before.threads),
  }
}

function bareProcess() {
  const child = fork(join(import.meta.dirname, 'bare-child.ts'), { env: { ...process.env, NODE_NO_WARNINGS: '1' } })
  return {
    measure(files: readonly string[]): Promise<BareSeconds> {
      return new Promise((resolve, reject) => {
        const ended = (code: number | null) => reject(new Error(`the bare loop ended with ${code}`))
        child.once('exit', ended)
        child.once('message', (seconds: BareSeconds) => {
          child.off('exit', ended)
          resolve(seconds)
        })
        child.send(files)
      })
    },
    stop: () => child.disconnect(),
  }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
}

function ms(milliseconds: number): string {
  return `${Math.round(milliseconds)} ms`
}
