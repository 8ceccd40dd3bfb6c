// One consumer's handler over live ports, in a process of its own, as a function has it: what it takes is told apart from
// what its caller takes. It gets the consumer's name, and the bucket's by its environment.
import { deadlineIn, endingAt } from '../../consumers/runtime/deadline.ts'
import type { Consumer, ConsumerPorts, Need } from '../../consumers/runtime/define-consumer.ts'
import type { Outcome } from '../../consumers/runtime/outcomes.ts'
import { MediaRejectedV1 } from '../../contracts/generated/events.ts'
import { createEvent } from '../../events/envelope.ts'
import { traceparentOf } from '../../events/traceparent.ts'
import { cpuSeconds } from './cpu-seconds.ts'
import { peakMemory } from './peak-memory.ts'
import type { Answer, Ask, Told } from './protocol.ts'

const [name = ''] = process.argv.slice(2)
const bucket = process.env['MEDIA_BUCKET'] ?? ''

/** Loaded at need: what a consumer doesn't need takes no memory of its function either. */
const LIVE: { readonly [N in Need]?: () => Promise<ConsumerPorts[N]> } = {
  objects: async () => (await import('../../ports/objects/s3-objects.ts')).s3Objects({ bucket }),
  images: async () => (await import('../../ports/images/sharp-images.ts')).sharpImages(),
  probe: async () => (await import('../../ports/probe/live-probe.ts')).liveProbe(process.env),
  voice: async () => (await import('../../ports/voice/live-voice.ts')).liveVoice(process.env),
  video: async () => (await import('../../ports/video/live-video.ts')).liveVideo(process.env),
  documents: async () => (await import('../../ports/documents/pdfium-documents.ts')).pdfiumDocuments(),
}

const { consumer } = (await import(`../../consumers/${name}/consumer.ts`)) as { consumer: Consumer }
const ports = Object.fromEntries(
  await Promise.all(consumer.needs.map(async (need) => [need, await LIVE[need]?.()] as const)),
) as unknown as ConsumerPorts

async function handle({ id, type, data, original }: Ask): Promise<Answer> {
  let outcome: Told | undefined
  const began = performance.now()
  let spent = 0
  const inTime = endingAt(deadlineIn(consumer.resources.timeoutSeconds * 1_000), ports)
  const { megabytes, lookingSeconds } = await peakMemory(async () => {
    spent = await cpuSeconds(async () => {
      outcome = await consumer.handle(eventOf(type, data), inTime, original).then(told, thrown)
    })
  })
  if (!outcome) throw new Error(`${name} gave no answer`)
  return {
    id,
    outcome,
    seconds: (performance.now() - began) / 1000,
    cpuSeconds: spent - lookingSeconds,
    peakMb: megabytes,
  }
}

const ID = '5f0c6a52-0b57-5d3c-9a3f-2f1a5d0c7e11'

function eventOf(type: string, data: Ask['data']) {
  const contracts = consumer.on.map((one) => ('contract' in one ? one.contract : one))
  const contract = contracts.find(({ detailType }) => detailType === type)
  if (!contract) throw new Error(`${name} does not listen to ${type}`)
  return createEvent(contract, data, origin())
}

function origin() {
  const ids = { id: ID, subject: ID, correlationId: ID, causationId: ID }
  return { ...ids, time: Date.now(), run: '0.0', traceparent: traceparentOf(ID) }
}

function told(outcome: Outcome): Told {
  switch (outcome.kind) {
    case 'emitted':
      return {
        kind: 'emitted',
        events: outcome.drafts.map(({ contract, data }) => ({ type: contract.detailType, data })),
      }
    case 'rejected':
      // As the protocol says it: a code that the contract lacks would never reach anybody.
      createEvent(
        MediaRejectedV1,
        { mediaId: ID, kind: 'file', step: name, code: outcome.code, message: outcome.message },
        origin(),
      )
      return { kind: 'rejected', code: outcome.code, message: outcome.message }
    default:
      return outcome
  }
}

function thrown(error: unknown): Told {
  return { kind: 'thrown', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}

process.on('message', (ask: Ask) => {
  handle(ask).then((answer) => process.send?.(answer))
})
process.on('disconnect', () => process.exit())
process.send?.('ready')
