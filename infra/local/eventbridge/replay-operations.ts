import type { Input } from '../aws-json/input.ts'
import type { Operation } from '../aws-json/serve.ts'
import type { Bus, Buses } from './buses.ts'
import { invalidParameter, notFound, wording } from './errors.ts'
import { page } from './page.ts'
import type { Replay, Replays } from './replays.ts'

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_StartReplay.html and its neighbours. */
export function replayOperations(buses: Buses, replays: Replays): Readonly<Record<string, Operation>> {
  return {
    StartReplay(input) {
      const name = input.text('ReplayName')
      if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(name))
        throw wording.invalid('ReplayName', 'it must be 1 to 64 of A-Z a-z 0-9 . - _')
      const archiveArn = input.text('EventSourceArn')
      if (!/^arn:aws:events:[^:]+:\d{12}:archive\/./.test(archiveArn))
        throw invalidParameter('EventSourceArn', 'Must contain an archive ARN')
      const from = requiredTime(input, 'EventStartTime')
      const to = requiredTime(input, 'EventEndTime')
      const destination = input.optionalInput('Destination')
      if (!destination) throw wording.missing('Destination')
      const busArn = destination.text('Arn')
      if (!/^arn:aws:events:[^:]+:\d{12}:event-bus\/./.test(busArn))
        throw invalidParameter('Destination.Arn', 'Must contain an event bus ARN')
      const bus = buses.get(busArn)
      const archive = buses.archives().find(({ arn }) => arn === archiveArn)
      if (!archive) throw notFound(`Archive ${archiveArn.slice(archiveArn.lastIndexOf('/') + 1)}`)
      if (archive.busArn !== bus.arn)
        throw invalidParameter('Destination.Arn', 'Cross event bus replay is not permitted')
      if (from >= to) throw invalidParameter('EventEndTime', 'EventStartTime must be before EventEndTime')
      const ruleArns = rulesOf(bus, destination.texts('FilterArns'))
      const description = input.optionalText('Description')
      const replay = replays.start({ name, description, archive, ruleArns, from, to })
      return answer(replay)
    },
    DescribeReplay(input) {
      const replay = replays.get(input.text('ReplayName'))
      return {
        ...summarize(replay),
        ReplayArn: replay.arn,
        Description: replay.description,
        Destination: { Arn: replay.busArn, FilterArns: replay.ruleArns.length > 0 ? replay.ruleArns : undefined },
      }
    },
    ListReplays(input) {
      const state = input.optionalText('State')
      const archiveArn = input.optionalText('EventSourceArn')
      if (state !== undefined && input.optionalText('NamePrefix') !== undefined)
        throw wording.invalid('State', 'it does not go together with NamePrefix')
      const some = replays
        .list()
        .filter((replay) => state === undefined || replay.state === state)
        .filter((replay) => archiveArn === undefined || replay.archiveArn === archiveArn)
      return page(input, 'Replays', some, summarize)
    },
    CancelReplay: (input) => answer(replays.cancel(input.text('ReplayName'))),
  }
}

/** A rule that is not there would get nothing, and nobody would know. */
function rulesOf(bus: Bus, arns: readonly string[]): readonly string[] {
  const known = new Set([...bus.rules.values()].map(({ arn }) => arn))
  const missing = arns.find((arn) => !known.has(arn))
  if (missing !== undefined)
    throw invalidParameter('Destination.FilterArns', `${missing} is not the ARN of a rule of ${bus.name}`)
  return arns
}

function requiredTime(input: Input, member: string): number {
  const time = input.optionalTime(member)
  if (time === undefined) throw wording.missing(member)
  return time
}

function answer(replay: Replay): object {
  return {
    ReplayArn: replay.arn,
    State: replay.state,
    StateReason: replay.reason,
    ReplayStartTime: replay.startedAt / 1000,
  }
}

function summarize(replay: Replay): object {
  return {
    ReplayName: replay.name,
    EventSourceArn: replay.archiveArn,
    State: replay.state,
    StateReason: replay.reason,
    EventStartTime: replay.from / 1000,
    EventEndTime: replay.to / 1000,
    EventLastReplayedTime: replay.lastReplayed === undefined ? undefined : replay.lastReplayed / 1000,
    ReplayStartTime: replay.startedAt / 1000,
    ReplayEndTime: replay.endedAt === undefined ? undefined : replay.endedAt / 1000,
  }
}
