import sharp from 'sharp'
import { fold } from '../contracts/fold.ts'
import type { MediaDocument } from '../contracts/generated/documents.ts'
import type { Media } from '../infra/dev/client.ts'
import { drawFixture } from '../infra/local/rekognition/draw-fixture.ts'
import { decodeFields } from '../ports/read-model/firestore-values.ts'
import { type ServedStack, serveStack, until } from './served-stack.ts'

// A photo takes seconds where the machine is busy.
jest.setTimeout(60_000)

const CONVERSATION = 'c-42'
const MODERATOR = { moderator: true }

let stack: ServedStack

beforeAll(async () => {
  stack = await serveStack()
  stack.put(`conversations/${CONVERSATION}`, { memberIds: ['alice', 'bob'] })
}, 60_000)

afterAll(() => stack?.close())

interface Caller {
  readonly user?: string
  readonly claims?: Readonly<Record<string, unknown>>
}

async function call<T>(path: string, body?: object, { user = 'alice', claims = {} }: Caller = {}) {
  const answer = await fetch(`${stack.apiUrl}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${stack.tokenOf(user, claims)}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as T }
}

const SIZE = { width: 640, height: 480 }

/** Sends a picture of which the local Rekognition says what the fixture has. */
async function send(fixture: string | undefined, kind: 'image' | 'profile'): Promise<string> {
  return sendFile(await sharp(drawFixture(fixture, SIZE)).jpeg({ quality: 90 }).toBuffer(), kind)
}

async function sendFile(file: Buffer, kind: 'image' | 'profile', contentType = 'image/jpeg'): Promise<string> {
  const { body } = await call<{ mediaId: string; upload: { url: string; fields: Record<string, string> } }>(
    '/media/upload',
    {
      kind,
      contentType,
      bytes: file.length,
      ...(kind === 'image' && { conversationId: CONVERSATION }),
    },
  )
  const form = new FormData()
  for (const [name, value] of Object.entries(body.upload.fields)) form.append(name, value)
  form.append('file', new Blob([Uint8Array.from(file)]), 'picture.jpg')
  const uploaded = await fetch(body.upload.url, { method: 'POST', body: form })
  expect(uploaded.status).toBe(201)
  return body.mediaId
}

/** The media's document, once each of these steps has come to an end. */
function ended(mediaId: string, ...steps: readonly string[]): Promise<MediaDocument> {
  return until(`${steps.join(', ')} of ${mediaId}`, async () => {
    const { fields } = (stack.document(`media/${mediaId}`) ?? {}) as { fields?: Parameters<typeof decodeFields>[0] }
    const media = fields && (decodeFields(fields) as unknown as MediaDocument)
    return media && steps.every((step) => media.steps[step]) ? media : undefined
  })
}

const viewOf = async (mediaId: string, ...steps: readonly string[]) => fold(await ended(mediaId, ...steps))

it('approves a photo that nothing is to be said against', async () => {
  const mediaId = await send(undefined, 'image')
  expect(await viewOf(mediaId, 'moderate-content')).toMatchObject({
    moderation: { verdict: 'approved', labels: [], model: 'rekognition-7.0' },
  })
})

it('flags, and lets pass, what people should look at', async () => {
  const view = await viewOf(await send('weapon', 'image'), 'moderate-content')
  expect(view.moderation).toMatchObject({ verdict: 'flagged' })
  expect(view.status).not.toBe('rejected')
})

it('rejects what may not be shown, until a moderator decides otherwise; then it goes on to be ready', async () => {
  const mediaId = await send('nudity', 'image')
  expect(await viewOf(mediaId, 'moderate-content')).toMatchObject({
    status: 'rejected',
    reason: { step: 'moderate-content', code: 'not-allowed' },
  })
  const seenByBob = await call<Media>(`/media/${mediaId}`, undefined, { user: 'bob' })
  expect(seenByBob.body).toMatchObject({ status: 'rejected', variants: [] })

  const decide = (verdict: string, caller: Caller) => call(`/media/${mediaId}/moderation`, { verdict }, caller)
  expect(await decide('approved', { user: 'mallory' })).toMatchObject({ status: 404 })
  expect(await decide('approved', { user: 'bob' })).toMatchObject({ status: 403, body: { code: 'not-a-moderator' } })
  expect(await decide('approved', { user: 'mod', claims: MODERATOR })).toMatchObject({ status: 200 })

  const ready = await until(`${mediaId} is ready`, async () => {
    const { body } = await call<Media>(`/media/${mediaId}`, undefined, { user: 'bob' })
    return body.status === 'ready' ? body : undefined
  })
  expect(ready.variants.map(({ name }) => name)).toEqual(['webp', 'jpeg'])
  await until('it is told', async () => stack.eventsOf(mediaId).includes('MediaReady.v1') || undefined)
  expect(stack.eventsOf(mediaId)).toEqual(
    expect.arrayContaining(['ContentModerated.v1', 'MediaRejected.v1', 'ModerationOverridden.v1']),
  )

  expect(await decide('blocked', { user: 'mod', claims: MODERATOR })).toMatchObject({ body: { status: 'rejected' } })
  expect(await call<Media>(`/media/${mediaId}`)).toMatchObject({ body: { status: 'rejected', variants: [] } })
})

it('sees what a picture that moves shows only at its end', async () => {
  const frames = [undefined, undefined, 'nudity'].map((fixture) => drawFixture(fixture, SIZE))
  const gif = await sharp(frames, { join: { animated: true } })
    .gif()
    .toBuffer()
  const view = await viewOf(await sendFile(gif, 'image', 'image/gif'), 'moderate-content')
  expect(view).toMatchObject({ status: 'rejected', reason: { code: 'not-allowed' } })
})

it('cuts a profile picture to its face', async () => {
  const mediaId = await send('face-at-left', 'profile')
  const { face, avatars } = await viewOf(mediaId, 'detect-face')
  expect(face).toMatchObject({ sharpness: 92 })
  expect(avatars.map(({ name, width, height }) => [name, width, height])).toEqual([
    ['avatar-96', 96, 96],
    ['avatar-256', 256, 256],
    // Two faces of 150 pixels; nothing is enlarged.
    ['avatar-512', 300, 300],
  ])
})

it.each([
  ['no-face', 'no-face'],
  ['two-faces', 'several-faces'],
  ['small-face', 'face-too-small'],
  ['blurred-face', 'face-blurred'],
])('refuses a profile picture with %s as %s', async (fixture, code) => {
  const view = await viewOf(await send(fixture, 'profile'), 'detect-face')
  expect(view).toMatchObject({ status: 'rejected', reason: { code } })
})

it('had no trouble with any of it', () => {
  expect(stack.troubles).toEqual([])
})
