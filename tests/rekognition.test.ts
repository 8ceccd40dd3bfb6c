import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { RekognitionClient } from '@aws-sdk/client-rekognition'
import sharp from 'sharp'
import type { StoredObject } from '../contracts/stored-object.ts'
import { drawFixture } from '../infra/local/rekognition/draw-fixture.ts'
import { createRekognition } from '../infra/local/rekognition/rekognition.ts'
import { type ServedS3, serveS3, VERSIONED } from '../infra/local/s3/serve-for-test.ts'
import { describeFaces } from '../ports/faces/faces.suite.ts'
import { rekognitionFaces } from '../ports/faces/rekognition-faces.ts'
import { describeModeration } from '../ports/moderation/moderation.suite.ts'
import { rekognitionModeration } from '../ports/moderation/rekognition-moderation.ts'
import type { Objects } from '../ports/objects/objects.ts'
import { s3Objects } from '../ports/objects/s3-objects.ts'

let s3: ServedS3
let server: Server
let client: RekognitionClient
let objects: Objects
let count = 0

beforeAll(async () => {
  s3 = await serveS3()
  s3.bucket('media', VERSIONED)
  const rekognition = createRekognition(s3.cloud, { findObject: s3.s3.objects.find })
  server = createServer((request, response) => void rekognition.handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { region, credentials } = s3.cloud
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  client = new RekognitionClient({ endpoint, region, credentials, maxAttempts: 1 })
  objects = s3Objects({ bucket: 'media', client: s3.client })
})

afterAll(async () => {
  client.destroy()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await s3.close()
})

async function store(fixture: string | undefined, width = 640): Promise<StoredObject> {
  const jpeg = await sharp(drawFixture(fixture, { width, height: Math.round(width * 0.75) }))
    .jpeg({ quality: 80 })
    .toBuffer()
  return objects.put(`images/optimized/${++count}.jpg`, jpeg, { contentType: 'image/jpeg' })
}

describeModeration('the local Rekognition', async () => ({
  moderation: rekognitionModeration({ client }),
  store: (shows) => (shows === 'gore' ? store('gore') : store(undefined, shows === 'too-small' ? 64 : 640)),
  async overwrite({ key }) {
    await objects.put(key, drawFixture(undefined, { width: 320, height: 240 }), { contentType: 'image/jpeg' })
  },
}))

describeFaces('the local Rekognition', async () => ({
  faces: rekognitionFaces({ client }),
  store(shows) {
    const fixture = shows === 'two-faces' || shows === 'no-face' ? shows : undefined
    return store(fixture, shows === 'too-small' ? 64 : 640)
  },
}))
