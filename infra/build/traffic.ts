import type { Traffic } from '../../contracts/build/traffic.ts'
import type { Declarations } from './discover.ts'
import { declaredRoutes, detailTypesIn, RUNTIME, readExceptions } from './routing.ts'

/** Who says and who hears each event, as the declarations have it. */
export function trafficOf(root: string, { consumers, producers }: Declarations): Traffic {
  const sentBy: Record<string, string[]> = {}
  const receivedBy: Record<string, string[]> = {}
  const add = (parties: Record<string, string[]>, detailType: string, name: string) => {
    parties[detailType] = [...(parties[detailType] ?? []), name]
  }
  const declared = [...producers, ...consumers].map(({ declaration }) => declaration)
  for (const { name, emits } of [...declared, RUNTIME])
    for (const { detailType } of emits) add(sentBy, detailType, name)
  for (const { name, lane, pattern } of declaredRoutes(consumers.map(({ declaration }) => declaration)))
    if (lane === 'live') for (const detailType of detailTypesIn(pattern)) add(receivedBy, detailType, name)
  return { sentBy, receivedBy, forOthers: readExceptions(root).events }
}
