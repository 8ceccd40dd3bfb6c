import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  DetectFacesCommand,
  DetectLabelsCommand,
  DetectModerationLabelsCommand,
  type Image,
  RekognitionClient,
} from '@aws-sdk/client-rekognition'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import sharp from 'sharp'
import { type ServedS3, serveS3, VERSIONED } from '../s3/serve-for-test.ts'
import { drawFixture } from './draw-fixture.ts'
import { createRekognition } from './rekognition.ts'

let s3: ServedS3
let server: Server
let client: RekognitionClient

beforeAll(async () => {
  s3 = await serveS3()
  s3.bucket('pictures', VERSIONED)
  const rekognition = createRekognition(s3.cloud, { findObject: s3.s3.objects.find })
  server = createServer((request, response) => void rekognition.handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  client = clientOf(s3.cloud.credentials.secretAccessKey)
})

afterAll(async () => {
  client.destroy()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await s3.close()
})

function clientOf(secretAccessKey: string): RekognitionClient {
  return new RekognitionClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: s3.cloud.region,
    credentials: { ...s3.cloud.credentials, secretAccessKey },
    maxAttempts: 1,
  })
}

const SIZE = { width: 320, height: 240 }
const jpegOf = (name: string | undefined) => sharp(drawFixture(name, SIZE)).jpeg({ quality: 80 }).toBuffer()

async function put(key: string, body: Uint8Array): Promise<string | undefined> {
  const stored = await s3.client.send(new PutObjectCommand({ Bucket: 'pictures', Key: key, Body: body }))
  return stored.VersionId
}

const moderate = (image: Image, minConfidence?: number) =>
  client.send(new DetectModerationLabelsCommand({ Image: image, MinConfidence: minConfidence }))
const faces = (image: Image) => client.send(new DetectFacesCommand({ Image: image }))

test('tells of a label and of each level above it, from bytes that came with the call', async () => {
  const answer = await moderate({ Bytes: await jpegOf('gore') })
  expect(answer).toMatchObject({
    ModerationLabels: [
      { Confidence: 96.2, Name: 'Blood & Gore', ParentName: 'Graphic Violence', TaxonomyLevel: 3 },
      { Confidence: 96.2, Name: 'Graphic Violence', ParentName: 'Violence', TaxonomyLevel: 2 },
      { Confidence: 96.2, Name: 'Violence', ParentName: '', TaxonomyLevel: 1 },
    ],
    ModerationModelVersion: '7.0',
    ContentTypes: [],
  })
})

test('keeps back what is less sure than the caller wants', async () => {
  const picture = { Bytes: await jpegOf('maybe-nudity') }
  expect((await moderate(picture)).ModerationLabels).toHaveLength(2)
  expect((await moderate(picture, 60)).ModerationLabels).toEqual([])
})

test('looks at the version that was named, though another came after it', async () => {
  const first = await put('profile', await jpegOf('two-faces'))
  await put('profile', await jpegOf('no-face'))
  const at = { Bucket: 'pictures', Name: 'profile' }

  expect((await faces({ S3Object: { ...at, Version: first } })).FaceDetails).toHaveLength(2)
  expect((await faces({ S3Object: at })).FaceDetails).toEqual([])
})

test('says where a face is, in parts of the picture, and how well it is seen', async () => {
  const { FaceDetails } = await faces({ Bytes: drawFixture('face-at-left', SIZE) })
  const [face] = FaceDetails ?? []
  expect(face).toMatchObject({ Confidence: 99.9, Quality: { Brightness: 75, Sharpness: 92 } })
  expect(face?.BoundingBox?.Width).toBeCloseTo((0.25 * 240) / 320)
  expect(face?.BoundingBox?.Height).toBeCloseTo(0.25 * 1.25)
  expect(face?.BoundingBox?.Left).toBeCloseTo(0.2 - (0.25 * 240) / 320 / 2)
  expect(face?.BoundingBox?.Top).toBeCloseTo(0.6 - (0.25 * 1.25) / 2)
  expect(face?.Landmarks).toHaveLength(5)
})

describe('refuses', () => {
  const small = () =>
    sharp(drawFixture(undefined, { width: 79, height: 200 }))
      .png()
      .toBuffer()
  const wide = () =>
    sharp({ create: { width: 10_001, height: 80, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
  const cutOff = async () => (await jpegOf(undefined)).subarray(0, 900)
  const webp = () => sharp(drawFixture(undefined, SIZE)).webp().toBuffer()
  const random = async () => randomBytes(1000)

  test.each([
    ['a WebP', 'InvalidImageFormatException', webp],
    ['what is no picture', 'InvalidImageFormatException', random],
    ['a JPEG that is cut off', 'InvalidImageFormatException', cutOff],
    ['a picture of fewer than 80 pixels', 'InvalidParameterException', small],
    ['a picture of more than 10,000 pixels', 'ImageTooLargeException', wide],
    ['more than 5 MiB in the call', 'ValidationException', async () => randomBytes(5 * 1024 * 1024 + 1)],
  ])('%s with %s', async (_, name, make) => {
    const bytes = await make()
    await expect(moderate({ Bytes: bytes })).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } })
    await expect(faces({ Bytes: bytes })).rejects.toMatchObject({ name })
  })

  test('an object of more than 15 MiB', async () => {
    await put('large', randomBytes(15 * 1024 * 1024 + 1))
    await expect(moderate({ S3Object: { Bucket: 'pictures', Name: 'large' } })).rejects.toMatchObject({
      name: 'ImageTooLargeException',
    })
  })

  test.each([
    ['a bucket that is not there', { Bucket: 'none', Name: 'profile' }],
    ['an object that is not there', { Bucket: 'pictures', Name: 'none' }],
    ['a version that is not there', { Bucket: 'pictures', Name: 'profile', Version: 'none' }],
  ])('%s', async (_, S3Object) => {
    await expect(faces({ S3Object })).rejects.toMatchObject({ name: 'InvalidS3ObjectException' })
  })

  test('a call without a picture, or with two', async () => {
    await expect(faces({})).rejects.toMatchObject({ name: 'InvalidParameterException' })
    const both = { Bytes: await jpegOf(undefined), S3Object: { Bucket: 'pictures', Name: 'profile' } }
    await expect(faces(both)).rejects.toMatchObject({ name: 'InvalidParameterException' })
  })

  test('a wrong secret, an operation and attributes that do not run here', async () => {
    const Bytes = await jpegOf(undefined)
    const stranger = clientOf('wrong')
    await expect(stranger.send(new DetectFacesCommand({ Image: { Bytes } }))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    })
    stranger.destroy()
    await expect(client.send(new DetectLabelsCommand({ Image: { Bytes } }))).rejects.toMatchObject({
      name: 'NotImplemented',
    })
    await expect(client.send(new DetectFacesCommand({ Image: { Bytes }, Attributes: ['ALL'] }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    })
  })
})
