import { readFileSync } from 'node:fs'
import { GetObjectCommand, GetObjectTaggingCommand, PutObjectTaggingCommand, S3Client } from '@aws-sdk/client-s3'
import { fold } from '../contracts/fold.ts'
import type { MediaDocument } from '../contracts/generated/documents.ts'
import type { Media } from '../infra/dev/client.ts'
import type { Scanner, Verdict } from '../infra/local/guardduty/index.ts'
import { decodeFields } from '../ports/read-model/firestore-values.ts'
import { pdfOf } from './fixtures/pdf.ts'
import { type ServedStack, serveStack, until } from './served-stack.ts'

// A file takes seconds where the machine is busy.
jest.setTimeout(60_000)

const CONVERSATION = 'c-42'
const INFECTED = 'a body that this scanner alone calls malware'

/** Verdicts by what a file begins with; it waits with them while it is told to. */
let held: Promise<void> = Promise.resolve()
const scanner: Scanner = {
  name: 'a scanner for tests',
  async scan(paths) {
    await held
    return paths.map((path): Verdict => {
      const text = readFileSync(path, 'latin1')
      if (text.startsWith(INFECTED)) return { status: 'THREATS_FOUND', threats: ['Test'] }
      return text.startsWith('broken') ? { status: 'FAILED' } : { status: 'NO_THREATS_FOUND' }
    })
  },
}

let stack: ServedStack
let s3: S3Client

beforeAll(async () => {
  stack = await serveStack(scanner)
  stack.put(`conversations/${CONVERSATION}`, { memberIds: ['alice', 'bob'] })
  const { endpoint, region, credentials } = stack.cloud
  s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 })
}, 60_000)

afterAll(async () => {
  s3?.destroy()
  await stack?.close()
})

async function call<T>(path: string, body?: object): Promise<T> {
  const answer = await fetch(`${stack.apiUrl}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${stack.tokenOf('alice')}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  return (await answer.json()) as T
}

/** Sends a file and gives the form that was signed for it, too. */
async function send(bytes: Buffer, fileName: string, contentType: string) {
  const kind = { kind: 'file', contentType, bytes: bytes.length, conversationId: CONVERSATION, fileName }
  const { mediaId, upload } = await call<{
    mediaId: string
    upload: { url: string; fields: Record<string, string> }
  }>('/media/upload', kind)
  const form = new FormData()
  for (const [name, value] of Object.entries(upload.fields)) form.append(name, value)
  form.append('file', new Blob([Uint8Array.from(bytes)]), 'file')
  expect((await fetch(upload.url, { method: 'POST', body: form })).status).toBe(201)
  return mediaId
}

const mediaOf = (mediaId: string): MediaDocument | undefined => {
  const { fields } = (stack.document(`media/${mediaId}`) ?? {}) as { fields?: Parameters<typeof decodeFields>[0] }
  return fields && (decodeFields(fields) as unknown as MediaDocument)
}

const ended = (mediaId: string, ...statuses: readonly string[]) =>
  until(`${mediaId} ${statuses.join(' or ')}`, async () => {
    const media = mediaOf(mediaId)
    return media && statuses.includes(fold(media).status) ? media : undefined
  })

const at = (media: MediaDocument) => {
  const { bucket = '', key = '', versionId = '' } = media.object ?? {}
  return { Bucket: bucket, Key: key, VersionId: versionId }
}

it('a document is shown with its first page, and handed out as what it is', async () => {
  const pdf = pdfOf({ pages: [{}, {}] })
  const mediaId = await send(pdf, 'Grüße.pdf', 'application/pdf')
  await ended(mediaId, 'ready')
  const { file, previews } = await call<Media>(`/media/${mediaId}`)
  expect(previews?.map(({ name }) => name)).toEqual(['preview', 'page'])
  expect(file).toMatchObject({ name: 'Grüße.pdf', contentType: 'application/pdf', disposition: 'inline', pages: 2 })
  const answer = await fetch(file?.url ?? '')
  expect(answer.headers.get('content-type')).toBe('application/pdf')
  expect(answer.headers.get('content-disposition')).toBe(
    `inline; filename="Gr__e.pdf"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.pdf`,
  )
  expect(Buffer.compare(Buffer.from(await answer.arrayBuffer()), pdf)).toBe(0)
})

it('a page that was called a document is saved, as plain bytes', async () => {
  const mediaId = await send(Buffer.from('<html><script>alert(1)</script>'), '../../invoice.pdf', 'application/pdf')
  await ended(mediaId, 'ready')
  const { file } = await call<Media>(`/media/${mediaId}`)
  const answer = await fetch(file?.url ?? '')
  expect(answer.headers.get('content-type')).toBe('application/octet-stream')
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="invoice\.pdf"/)
})

it('what is infected is rejected, locked in place, and nobody can talk it clean', async () => {
  const mediaId = await send(Buffer.from(INFECTED), 'holiday.jpg.exe', 'image/jpeg')
  const media = await ended(mediaId, 'rejected')
  expect(fold(media).reason).toMatchObject({ step: 'scan-malware', code: 'malware' })
  expect(await call<Media>(`/media/${mediaId}`)).not.toHaveProperty('file')

  const denied = { $metadata: { httpStatusCode: 403 } }
  await expect(s3.send(new GetObjectCommand(at(media)))).rejects.toMatchObject(denied)
  const Tagging = { TagSet: [{ Key: 'GuardDutyMalwareScanStatus', Value: 'NO_THREATS_FOUND' }] }
  await expect(s3.send(new PutObjectTaggingCommand({ ...at(media), Tagging }))).rejects.toMatchObject(denied)
  expect((await s3.send(new GetObjectTaggingCommand(at(media)))).TagSet).toEqual([
    { Key: 'GuardDutyMalwareScanStatus', Value: 'THREATS_FOUND' },
  ])
})

it('a scan that failed is not clean', async () => {
  const mediaId = await send(Buffer.from('broken scanner'), 'notes.txt', 'text/plain')
  const media = await ended(mediaId, 'failed')
  expect(fold(media).reason).toMatchObject({ step: 'scan-malware', code: 'scan-failed' })
  expect(await call<Media>(`/media/${mediaId}`)).not.toHaveProperty('file')
})

it('nothing is handed out while the scan runs, though all else is done', async () => {
  let release = () => {}
  held = new Promise((resolve) => {
    release = resolve
  })
  const mediaId = await send(Buffer.from('hello'), 'notes.txt', 'text/plain')
  await until('its other steps', async () => {
    const media = mediaOf(mediaId)
    return media?.steps['process-file'] && media.steps['extract-metadata'] ? media : undefined
  })
  expect(await call<Media>(`/media/${mediaId}`)).toMatchObject({ status: 'processing' })
  expect(await call<Media>(`/media/${mediaId}`)).not.toHaveProperty('file')
  release()
  await ended(mediaId, 'ready')
  expect(await call<Media>(`/media/${mediaId}`)).toMatchObject({ status: 'ready', file: { name: 'notes.txt' } })
})
