import type { APIGatewayProxyResult } from 'aws-lambda'
import { fold, type MediaStatus } from '../../../contracts/fold.ts'
import { ModerationOverriddenV1, type ModerationOverriddenV1Data } from '../../../contracts/generated/events.ts'
import { formatRun } from '../../../contracts/run.ts'
import type { BusPort } from '../../../events/bus.ts'
import { createEvent, type MediaEvent } from '../../../events/envelope.ts'
import { rootId } from '../../../events/ids.ts'
import { publish } from '../../../events/publish.ts'
import type { Clock } from '../../../ports/clock/clock.ts'
import type { Ids } from '../../../ports/ids/ids.ts'
import { owe, settleDebts } from '../../../ports/outbox/outbox.ts'
import { type ReadModel, Unavailable, type Write } from '../../../ports/read-model/read-model.ts'
import type { TranscodeJobs } from '../../../ports/transcoder/transcoder.ts'
import { uploaded } from '../../runtime/bind-upload.ts'
import { inquire } from '../../runtime/transcode-job.ts'
import { jsonAnswer } from '../answer.ts'
import type { Log } from '../log.ts'
import { accepted, type Checked, refused } from '../problem.ts'
import { type ApiRequest, callerOf, idempotencyKeyOf, isModerator, jsonBodyOf } from '../request.ts'
import { answered } from '../route.ts'
import { traceparentFrom } from '../trace.ts'
import { visibleMedia } from '../visible-media.ts'
import { checkDecision, type Decision } from './body.ts'
import { type Decided, decide, type UploadedMedia } from './decide.ts'
import { readDecision, record } from './record.ts'

export interface OverridePorts {
  readonly readModel: ReadModel
  readonly bus: BusPort
  readonly clock: Clock
  readonly ids: Ids
  readonly transcoder: Pick<TranscodeJobs, 'get'>
  readonly log: Log
}

/** How often a media may change between the look at it and the write to it. */
const TRIES = 5

/** POST /media/{id}/moderation: a moderator's decision on the very bytes that the media has. */
export function handle(request: ApiRequest, ports: OverridePorts): Promise<APIGatewayProxyResult> {
  return answered(async () => {
    const visible = await visibleMedia(request, ports.readModel)
    if (!visible.ok) return visible
    if (!isModerator(request)) return refused('not-a-moderator', 'You are no moderator.')
    const key = idempotencyKeyOf(request)
    if (!key.ok) return key
    const body = jsonBodyOf(request)
    if (!body.ok) return body
    const decision = checkDecision(body.value)
    if (!decision.ok) return decision
    const { mediaId } = visible.value.media
    const source = key.value && rootId(['override-moderation', mediaId, callerOf(request), key.value])
    return override(request, decision.value, source, ports)
  })
}

/**
 * Decides on the media as it is now, and again where somebody writes to it meanwhile.
 * @param source of a request that may be repeated: made of its Idempotency-Key.
 */
async function override(
  request: ApiRequest,
  decision: Decision,
  source: string | undefined,
  ports: OverridePorts,
): Promise<Checked<APIGatewayProxyResult>> {
  const { readModel, clock } = ports
  for (let tries = 0; tries < TRIES; tries++) {
    const visible = await visibleMedia(request, readModel)
    if (!visible.ok) return visible
    const { media, revision } = visible.value
    if (!media.object) return refused('not-uploaded', 'Nothing was uploaded that could be decided on.')
    const uploadedMedia: UploadedMedia = { ...media, object: media.object }
    const { mediaId } = media
    const earlier = source === undefined ? undefined : await readDecision(readModel, mediaId, source)
    if (earlier !== undefined && earlier !== decision.verdict) {
      return refused('idempotency-conflict', 'Another decision came with this Idempotency-Key.')
    }
    const now = clock.now()
    const decided = earlier === undefined ? decide(uploadedMedia, decision, now) : undefined
    // What stands already is written down only for a key that is used up by it.
    if (!decided && (earlier !== undefined || source === undefined)) {
      return answer(mediaId, decision, fold(media).status)
    }
    const events = decided ? eventsOf(request, decided, decision, now) : []
    const writes: Write[] = [
      record(mediaId, source ?? ports.ids.uuid(), decision, now),
      ...(decided
        ? [{ kind: 'update', path: `media/${mediaId}`, ifRevision: revision, fields: decided.fields } as const]
        : []),
      ...events.map((event) => owe({ event }, now)),
    ]
    if ((await readModel.commit(writes)) === 'committed') {
      await announce(events, ports)
      if (decided?.goesOn) await tellOfTheJob(decided.media, ports)
      return answer(mediaId, decision, decided?.status ?? fold(media).status)
    }
  }
  throw new Unavailable('the media changes too fast to be decided on')
}

function eventsOf(
  request: ApiRequest,
  { media, number, goesOn }: Decided,
  { verdict }: Decision,
  now: number,
): readonly MediaEvent[] {
  const { mediaId, kind, object, retry } = media
  const id = rootId(['override-moderation', mediaId, String(number)])
  const actor = callerOf(request)
  const overridden: MediaEvent<ModerationOverriddenV1Data> = createEvent(
    ModerationOverriddenV1,
    { mediaId, kind, number, verdict, object },
    {
      id,
      time: now,
      subject: mediaId,
      run: formatRun({ epoch: 0, retry }),
      correlationId: mediaId,
      causationId: id,
      traceparent: traceparentFrom(request, id),
      // Projects with a sign-in of their own may use addresses as ids, and the archive forgets nothing.
      ...(/^[A-Za-z0-9_-]{1,128}$/.test(actor) && { actor }),
    },
  )
  return goesOn ? [overridden, uploaded(media, object, now)] : [overridden]
}

/** What is left in the outbox, a scheduled sweep publishes: the decision stands in any case. */
async function announce(events: readonly MediaEvent[], ports: OverridePorts): Promise<void> {
  try {
    await settleDebts(
      ports,
      events.map((event) => ({ event })),
    )
  } catch (error) {
    ports.log('left events in the outbox', {
      level: 'warn',
      eventIds: events.map(({ meta }) => meta.id),
      error: String(error),
    })
  }
}

/**
 * Nobody took up the end of a transcode that came while the video was blocked: it is asked for at once. What can't be
 * asked for now, a deadline asks for.
 */
async function tellOfTheJob(media: UploadedMedia, { transcoder, bus, clock, log }: OverridePorts): Promise<void> {
  try {
    const events = await inquire(media, { transcoder }, clock.now())
    await publish(bus, events, { sleep: (milliseconds) => clock.sleep(milliseconds) })
  } catch (error) {
    log('left a transcode to the deadline', { level: 'warn', mediaId: media.mediaId, error: String(error) })
  }
}

function answer(mediaId: string, { verdict }: Decision, status: MediaStatus): Checked<APIGatewayProxyResult> {
  return accepted(jsonAnswer(200, { mediaId, verdict, status }, { 'Cache-Control': 'no-store' }))
}
