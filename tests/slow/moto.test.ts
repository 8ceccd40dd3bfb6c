import { compare, describe as describeDifference, judge } from './judges/compare.ts'
import { archive, refuseEntries, routeToQueue, testPatterns } from './judges/conversations/events.ts'
import { copyAndAbort, uploadInParts } from './judges/conversations/multipart.ts'
import { copyAndTag, deleteVersions, list, storeAndRead } from './judges/conversations/objects.ts'
import { batches, deadLetters, fifoQueue, standardQueue } from './judges/conversations/queues.ts'
import { EXPLAINED } from './judges/explained.ts'
import { serveLocal } from './judges/local.ts'
import { findMoto, serveMoto } from './judges/moto.ts'
import { normalise } from './judges/normalise.ts'
import type { Peer } from './judges/peer.ts'

const CONVERSATIONS = {
  storeAndRead,
  list,
  copyAndTag,
  deleteVersions,
  uploadInParts,
  copyAndAbort,
  standardQueue,
  batches,
  deadLetters,
  fifoQueue,
  routeToQueue,
  refuseEntries,
  testPatterns,
  archive,
}

const program = findMoto(process.env)
const names = Object.keys(CONVERSATIONS)
if (program === undefined) {
  process.stderr.write(
    `skipped: ${names.length} conversations with a moto server, which is neither on PATH nor MOTO_SERVER\n`,
  )
}

;(program === undefined ? describe.skip : describe)('beside a moto server', () => {
  const peers: Peer[] = []
  beforeAll(async () => {
    peers.push(await serveLocal(), await serveMoto(program ?? ''))
    // One after the other: what is made in one conversation is used in the next.
    for (const peer of peers) for (const converse of Object.values(CONVERSATIONS)) await converse(peer)
  })
  afterAll(async () => {
    for (const peer of peers) await peer.close()
  })

  const differences = () => {
    const [ours, theirs] = peers.map(normalise)
    return compare(ours ?? [], theirs ?? [])
  }

  it('the local runtime answers the same, or why it does not is written down', () => {
    expect(judge(differences(), EXPLAINED).unexplained.map(describeDifference)).toEqual([])
  })

  it('nothing is written down that is not so', () => {
    expect(judge(differences(), EXPLAINED).stale).toEqual([])
  })

  it('what is not written down is found', () => {
    for (const explanation of EXPLAINED) {
      const others = EXPLAINED.filter((other) => other !== explanation)
      expect(judge(differences(), others).unexplained).not.toEqual([])
    }
  })
})
