import { parseArgs } from 'node:util'
import { DescribeReplayCommand, PutEventsCommand, StartReplayCommand } from '@aws-sdk/client-eventbridge'
import { matchesPattern } from '../../infra/local/eventbridge/pattern.ts'
import { line, median, spent } from './measure.ts'
import { motoMatches } from './rival.ts'
import {
  ARCHIVE_ARN,
  BUS_ARN,
  consume,
  MATCHING,
  makeWorld,
  publish,
  RULES,
  ruleArn,
  uploaded,
  type World,
} from './world.ts'

const HELP = `What an event costs on the local bus.

  npm run bench -- bus [--events N] [--archived N]

  --events N     how many go through it (default 5000)
  --archived N   how many lie in the archive at the end, for what that costs the next (default 1000000)
`
const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '5000' },
    archived: { type: 'string', default: '1000000' },
    help: { type: 'boolean', short: 'h' },
  },
})
const COUNT = Number(values.events)
const ROUNDS = 5

if (values.help) process.stdout.write(HELP)
else {
  await throughTheBus()
  await throughTheSdk()
  await matching()
  await replaying()
  await bySize()
}

async function throughTheBus(): Promise<void> {
  const world = await makeWorld()
  publish(world, 0)
  consume(world)
  const put = await spent(() => {
    for (let n = 0; n < COUNT; n++) publish(world, n)
  })
  let taken = 0
  const all = await spent(() => {
    taken = consume(world)
  })
  if (taken !== COUNT * MATCHING) throw new Error(`${taken} of ${COUNT * MATCHING} messages came`)
  line(
    `durable events: bus, ${RULES} rules, archive, ${MATCHING} queues, consumers`,
    COUNT / (put.seconds + all.seconds),
    'events/s',
  )
  line('  in process, put alone, each in a transaction of its own', (put.cpuSeconds / COUNT) * 1e6, 'CPU µs an event')
  line('  received and deleted', (all.cpuSeconds / taken) * 1e6, 'CPU µs a message')
  await world.close()
}

async function throughTheSdk(): Promise<void> {
  const world = await makeWorld()
  for (const batch of [10, 1]) {
    const calls = Math.ceil(COUNT / 5 / batch)
    const put = async (count: number) => {
      for (let call = 0; call < count; call++) {
        const Entries = Array.from({ length: batch }, (_, n) => ({
          Source: 'messageai.media',
          DetailType: 'MediaUploaded.v1',
          Detail: JSON.stringify(uploaded(n)),
        }))
        await world.client.send(new PutEventsCommand({ Entries }))
      }
    }
    await put(20)
    const { cpuSeconds } = await spent(() => put(calls))
    line(`through the SDK, ${batch} a call, client and server`, (cpuSeconds / (calls * batch)) * 1e6, 'CPU µs an event')
  }
  await world.close()
}

async function matching(): Promise<void> {
  const pattern = {
    source: ['messageai.media'],
    'detail-type': ['MediaUploaded.v1'],
    'replay-name': [{ exists: false }],
    detail: { meta: { replay: { id: [{ exists: false }] } }, data: { kind: ['image'] } },
  }
  const event = { source: 'messageai.media', 'detail-type': 'MediaUploaded.v1', detail: uploaded(1) }
  const rate = async (matches: () => boolean, count: number): Promise<number> => {
    const rounds: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const { cpuSeconds } = await spent(() => {
        for (let n = 0; n < count; n++) if (!matches()) throw new Error('it does not match')
      })
      rounds.push(count / cpuSeconds)
    }
    return median(rounds)
  }
  line(
    'pattern matches, the product’s own live pattern',
    await rate(() => matchesPattern(pattern, event), 200_000),
    'a CPU s',
  )
  const moto = motoMatches(pattern, event)
  if (moto === undefined) console.log('  skipped: the same by moto, which python3 does not find here')
  else line('  the same by moto 5, in Python', moto, 'a CPU s')
}

async function replaying(): Promise<void> {
  const world = await makeWorld()
  world.db.transaction(() => {
    for (let n = 0; n < COUNT * 2; n++) publish(world, n)
  })
  const { seconds } = await spent(() => replay(world, 'once'))
  line('replayed to one rule, paced', (COUNT * 2) / seconds, 'events/s')
  await world.close()
}

async function replay({ client }: World, ReplayName: string): Promise<void> {
  await client.send(
    new StartReplayCommand({
      ReplayName,
      EventSourceArn: ARCHIVE_ARN,
      EventStartTime: new Date(Date.now() - 3_600_000),
      EventEndTime: new Date(Date.now() + 3_600_000),
      Destination: { Arn: BUS_ARN, FilterArns: [ruleArn(0).replace('rule-0', 'replay')] },
    }),
  )
  for (;;) {
    const { State } = await client.send(new DescribeReplayCommand({ ReplayName }))
    if (State === 'COMPLETED') return
    if (State === 'FAILED') throw new Error('the replay failed')
    await new Promise((wait) => setTimeout(wait, 20))
  }
}

/** The same events onto a bus whose archive is small, and onto one whose archive is large, in turns. */
async function bySize(): Promise<void> {
  const large = Number(values.archived)
  const worlds = [await filled(1000), await filled(large)] as const
  const costs: [number[], number[]] = [[], []]
  for (let round = 0; round <= ROUNDS * 3; round++) {
    for (const [index, world] of worlds.entries()) {
      const { cpuSeconds } = await spent(() => {
        for (let n = 0; n < 500; n++) publish(world, n)
        consume(world)
      })
      if (round > 0) costs[index]?.push(cpuSeconds / 500)
    }
  }
  const [few, many] = costs.map(median)
  line('an event with 1,000 archived', (few ?? Number.NaN) * 1e6, 'CPU µs')
  line(`an event with ${large.toLocaleString('en')} archived`, (many ?? Number.NaN) * 1e6, 'CPU µs')
  line('  ratio', (many ?? Number.NaN) / (few ?? Number.NaN), '')
  for (const world of worlds) await world.close()
}

async function filled(count: number): Promise<World> {
  const world = await makeWorld()
  publish(world, 0)
  consume(world)
  world.db.exec(`
    with recursive counter (n) as (select 1 union all select n + 1 from counter where n < ${count - 1})
    insert into events_archived (archive, time, json)
    select archive, time - n * 1000, json from counter, (select archive, time, json from events_archived limit 1)`)
  world.db.exec(`update events_archive set event_count = ${count}`)
  return world
}
