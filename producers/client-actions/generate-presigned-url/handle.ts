import type { APIGatewayProxyResult } from 'aws-lambda'
import { fold } from '../../../contracts/fold.ts'
import { DOCUMENT_VERSIONS, type MediaDocument } from '../../../contracts/generated/documents.ts'
import { MediaUploadRequestedV1, type MediaUploadRequestedV1Data } from '../../../contracts/generated/events.ts'
import { type Kind, LIMITS } from '../../../contracts/limits.ts'
import { FIRST_RUN } from '../../../contracts/run.ts'
import type { BusPort } from '../../../events/bus.ts'
import { createEvent, type MediaEvent } from '../../../events/envelope.ts'
import { rootId } from '../../../events/ids.ts'
import type { Clock } from '../../../ports/clock/clock.ts'
import type { Ids } from '../../../ports/ids/ids.ts'
import type { Objects } from '../../../ports/objects/objects.ts'
import { owe, settleDebts } from '../../../ports/outbox/outbox.ts'
import { type Data, type Json, type ReadModel, Unavailable } from '../../../ports/read-model/read-model.ts'
import { originalKey } from '../../runtime/original-key.ts'
import { jsonAnswer } from '../answer.ts'
import { isMember } from '../conversation.ts'
import type { Log } from '../log.ts'
import { accepted, type Checked, refused } from '../problem.ts'
import { type ApiRequest, callerOf, idempotencyKeyOf, jsonBodyOf } from '../request.ts'
import { answered } from '../route.ts'
import { traceparentFrom } from '../trace.ts'
import { checkUploadRequest, digestOf, limitsOf, type UploadRequest } from './body.ts'
import { safeFileName } from './safe-file-name.ts'

export interface UploadPorts {
  readonly readModel: ReadModel
  readonly objects: Pick<Objects, 'signUpload'>
  readonly bus: BusPort
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

/** S3 asks for a valid signature when an upload begins; a slow one may end this much later. */
const LAST_BYTE_SECONDS = 900

/** POST /media/upload: a reservation for one file, and the signed form that uploads it. */
export function handle(request: ApiRequest, ports: UploadPorts): Promise<APIGatewayProxyResult> {
  return answered(async () => {
    const uid = callerOf(request)
    const key = idempotencyKeyOf(request)
    if (!key.ok) return key
    const body = jsonBodyOf(request)
    if (!body.ok) return body
    const upload = checkUploadRequest(body.value)
    if (!upload.ok) return upload
    const { conversationId } = upload.value
    if (conversationId !== undefined && !(await isMember(ports.readModel, conversationId, uid))) {
      return refused('not-a-member', 'You are not a member of that conversation.', {
        errors: [{ pointer: '/conversationId', message: 'is not a conversation of yours' }],
      })
    }

    const mediaId = key.value === undefined ? ports.ids.uuid() : rootId(['media', uid, key.value])
    const now = ports.clock.now()
    const media = reservation(mediaId, uid, upload.value, now)
    const event = uploadRequested(request, media, now)
    const outcome = await ports.readModel.commit([
      { kind: 'create', path: mediaPath(mediaId), data: asData(media) },
      owe({ event }, now),
    ])
    if (outcome === 'committed') {
      await announce(event, ports)
      return grant(media, ports)
    }
    return repeated(media, ports)
  })
}

function reservation(mediaId: string, uid: string, upload: UploadRequest, now: number): MediaDocument {
  const { kind, contentType, bytes, conversationId = ownProfile(uid), sha256, fileName } = upload
  return {
    version: DOCUMENT_VERSIONS.MediaDocument,
    mediaId,
    ownerId: uid,
    conversationId,
    kind,
    declared: {
      contentType,
      bytes,
      ...(sha256 !== undefined && { sha256 }),
      ...(fileName !== undefined && { fileName: safeFileName(fileName) }),
    },
    reservedAt: timestamp(now),
    expiresAt: timestamp(now + LIMITS.upload.expiresInSeconds * 1000),
    deadlineAt: timestamp(now + (LIMITS.upload.expiresInSeconds + LAST_BYTE_SECONDS) * 1000),
    requestDigest: digestOf(upload),
    life: 0,
    retry: 0,
    steps: {},
  }
}

/** A profile picture is in nobody's conversation: a name that no conversation can have. */
function ownProfile(uid: string): string {
  return `_profile:${uid}`.slice(0, 128)
}

function uploadRequested(
  request: ApiRequest,
  { mediaId, ownerId, kind, declared, expiresAt }: MediaDocument,
  time: number,
): MediaEvent<MediaUploadRequestedV1Data> {
  const id = rootId(['generate-presigned-url', mediaId])
  return createEvent(
    MediaUploadRequestedV1,
    { mediaId, kind, contentType: declared.contentType, bytes: declared.bytes, expiresAt },
    {
      id,
      time,
      subject: mediaId,
      run: FIRST_RUN,
      correlationId: id,
      causationId: id,
      traceparent: traceparentFrom(request, id),
      // Projects with a sign-in of their own may use addresses as ids, and the archive forgets nothing.
      ...(/^[A-Za-z0-9_-]{1,128}$/.test(ownerId) && { actor: ownerId }),
    },
  )
}

/** What is left in the outbox, a scheduled sweep publishes: the client has its reservation in any case. */
async function announce(event: MediaEvent, ports: UploadPorts): Promise<void> {
  try {
    await settleDebts(ports, [{ event }])
  } catch (error) {
    ports.log('left an event in the outbox', { level: 'warn', eventId: event.meta.id, error: String(error) })
  }
}

/** The reservation was there already: the same request again gets the same media, with a new signature. */
async function repeated(wanted: MediaDocument, ports: UploadPorts, tries = 3): Promise<Checked<APIGatewayProxyResult>> {
  const [found] = await ports.readModel.get([mediaPath(wanted.mediaId)])
  if (found === undefined || tries === 0) throw new Unavailable(`${wanted.mediaId} changes too fast to be reserved`)
  const media = found.data as unknown as MediaDocument
  if (media.requestDigest !== wanted.requestDigest) {
    return refused('idempotency-conflict', 'Another request came with this Idempotency-Key.')
  }
  const { status } = fold(media)
  if (status === 'deleted' || status === 'purged') return refused('deleted', 'The media of this request was deleted.')
  if (status === 'expired') return refused('upload-expired', `The upload could be used until ${media.expiresAt}.`)
  // Bytes that are there have a deadline of their own, which is not the client's to move.
  if (media.object !== undefined) return grant({ ...media, expiresAt: wanted.expiresAt }, ports)

  const { expiresAt, deadlineAt } = wanted
  const outcome = await ports.readModel.commit([
    {
      kind: 'update',
      path: mediaPath(media.mediaId),
      fields: [
        { path: ['expiresAt'], value: expiresAt },
        { path: ['deadlineAt'], value: deadlineAt },
      ],
      ifRevision: found.revision,
    },
  ])
  return outcome === 'committed' ? grant({ ...media, expiresAt }, ports) : repeated(wanted, ports, tries - 1)
}

async function grant(
  { mediaId, kind, declared, expiresAt }: MediaDocument,
  { objects }: UploadPorts,
): Promise<Checked<APIGatewayProxyResult>> {
  const { url, fields } = await objects.signUpload({
    contentType: declared.contentType,
    bytes: declared.bytes,
    ...(declared.sha256 !== undefined && { sha256: declared.sha256 }),
    key: originalKey({ mediaId, kind }),
    expiresInSeconds: LIMITS.upload.expiresInSeconds,
  })
  const body = { mediaId, upload: { method: 'POST', url, fields }, expiresAt, limits: limitsOf(kind as Kind) }
  return accepted(jsonAnswer(201, body, { 'Cache-Control': 'no-store', Location: `/media/${mediaId}` }))
}

const mediaPath = (mediaId: string): string => `media/${mediaId}`
const timestamp = (milliseconds: number): string => new Date(milliseconds).toISOString()

/** A document is plain JSON; its type just names the fields. */
function asData(document: object): Data {
  return document as { readonly [field: string]: Json }
}
