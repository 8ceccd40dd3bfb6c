import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoredObject } from '../../contracts/stored-object.ts'
import { ObjectGone, type Objects, ObjectTooLarge, type SignedUpload } from './objects.ts'

/** One way to keep objects, and what clients do with what it signs. */
export interface ObjectsUnderTest {
  readonly objects: Objects
  /** Sends the form as a browser does; answers the HTTP status. */
  post(upload: SignedUpload, file: Uint8Array): Promise<number>
  fetch(url: string): Promise<{ readonly status: number; readonly bytes: Uint8Array }>
  /** Writes tags on a version, as another service does. */
  tag(object: StoredObject, tags: Readonly<Record<string, string>>): Promise<void>
}

const MEBIBYTE = 1024 * 1024

/**
 * What every implementation of Objects does. `make` is called once; each test uses keys of its own. `failing` names the
 * tests that somebody else's storage is known to fail, and does.
 */
export function describeObjects(
  name: string,
  make: () => Promise<ObjectsUnderTest>,
  failing: readonly string[] = [],
): void {
  const named = new Set<string>()
  const check = (behaviour: string, body: () => Promise<void>) => {
    named.add(behaviour)
    if (failing.includes(behaviour)) test.failing(behaviour, body)
    else test(behaviour, body)
  }

  describe(`${name} as Objects`, () => {
    let under: ObjectsUnderTest
    let folder = ''
    let count = 0
    const newKey = () => `images/original/media-${++count}`

    const newFile = (bytes: Uint8Array) => {
      const file = join(folder, `file-${++count}`)
      writeFileSync(file, bytes)
      return file
    }

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'objects-'))
      under = await make()
    })

    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    check('keeps one version of bytes that are put twice, at the same time too', async () => {
      const { objects } = under
      const key = newKey()
      const put = () => objects.put(key, bytesOf('same'), { contentType: 'image/png' })
      const first = await put()
      expect(await Promise.all([put(), put()])).toEqual([first, first])
      expect(await objects.versions(key)).toEqual([first])
    })

    check('gives back the very bytes that were put, empty and binary ones too', async () => {
      const { objects } = under
      for (const bytes of [bytesOf('hello'), new Uint8Array(), Uint8Array.from({ length: 4096 }, (_, i) => i % 256)]) {
        const stored = await objects.put(newKey(), bytes, { contentType: 'image/webp' })

        expect(stored).toMatchObject({ bucket: objects.bucket, bytes: bytes.byteLength })
        expect(await objects.read(stored, MEBIBYTE)).toEqual(bytes)
      }
    })

    check('tells size, etag without quotes and type of what lies there', async () => {
      const { objects } = under
      const stored = await objects.put(newKey(), bytesOf('hello'), { contentType: 'image/webp' })

      expect(stored.etag).toBe(createHash('md5').update('hello').digest('hex'))
      expect(await objects.head(stored)).toEqual({
        bytes: 5,
        etag: stored.etag,
        contentType: 'image/webp',
        sha256: createHash('sha256').update('hello').digest('hex'),
      })
    })

    check('keeps reading the version it was asked for after the key was overwritten', async () => {
      const { objects } = under
      const key = newKey()
      const first = await objects.put(key, bytesOf('first'), { contentType: 'image/png' })
      const second = await objects.put(key, bytesOf('second'), { contentType: 'image/png' })

      expect(first.versionId).not.toBe(second.versionId)
      expect(text(await objects.read(first, MEBIBYTE))).toBe('first')
      expect(text(await objects.read(second, MEBIBYTE))).toBe('second')
    })

    check('says ObjectGone for a version that was deleted, and head says undefined', async () => {
      const { objects } = under
      const stored = await objects.put(newKey(), bytesOf('hello'), { contentType: 'image/png' })
      await objects.deleteVersion(stored)

      await expect(objects.read(stored, MEBIBYTE)).rejects.toThrow(ObjectGone)
      expect(await objects.head(stored)).toBeUndefined()
    })

    check('says ObjectGone when the version never had those bytes', async () => {
      const { objects } = under
      const stored = await objects.put(newKey(), bytesOf('hello'), { contentType: 'image/png' })
      const other = { ...stored, etag: '00000000000000000000000000000000' }

      await expect(objects.read(other, MEBIBYTE)).rejects.toThrow(ObjectGone)
      expect(await objects.head(other)).toBeUndefined()
    })

    check('refuses to read more than the caller takes', async () => {
      const { objects } = under
      const stored = await objects.put(newKey(), bytesOf('hello'), { contentType: 'image/png' })

      await expect(objects.read(stored, 4)).rejects.toThrow(ObjectTooLarge)
      expect(text(await objects.read(stored, 5))).toBe('hello')
    })

    describe('a range', () => {
      for (const [what, offset, length, expected] of [
        ['at the start', 0, 3, 'hel'],
        ['in the middle', 1, 3, 'ell'],
        ['that reaches beyond the end', 3, 100, 'lo'],
        ['from the end on', 5, 1, ''],
        ['far behind the end', 1_000, 10, ''],
        ['of no bytes', 2, 0, ''],
      ] as const) {
        check(`${what} gives what lies there`, async () => {
          const { objects } = under
          const stored = await objects.put(newKey(), bytesOf('hello'), { contentType: 'video/mp4' })

          expect(text(await objects.readRange(stored, offset, length))).toBe(expected)
        })
      }

      check('of an empty object is empty', async () => {
        const { objects } = under
        const stored = await objects.put(newKey(), new Uint8Array(), { contentType: 'video/mp4' })

        expect(await objects.readRange(stored, 0, 10)).toEqual(new Uint8Array())
      })

      check('is of the version that is asked for, and gone with it', async () => {
        const { objects } = under
        const key = newKey()
        const first = await objects.put(key, bytesOf('first'), { contentType: 'video/mp4' })
        await objects.put(key, bytesOf('second'), { contentType: 'video/mp4' })
        expect(text(await objects.readRange(first, 1, 2))).toBe('ir')

        await objects.deleteVersion(first)
        await expect(objects.readRange(first, 1, 2)).rejects.toThrow(ObjectGone)
      })

      for (const [offset, length] of [
        [-1, 5],
        [0, -1],
        [0.5, 1],
        [0, Number.NaN],
      ] as const) {
        check(`from ${offset}, ${length} long is refused`, async () => {
          const { objects } = under
          const stored = await objects.put(newKey(), bytesOf('hello'), { contentType: 'video/mp4' })

          await expect(objects.readRange(stored, offset, length)).rejects.toThrow(RangeError)
        })
      }
    })

    describe('a file', () => {
      const megabytes = Uint8Array.from({ length: 3 * MEBIBYTE + 1 }, (_, i) => (i * 7 + (i >> 12)) % 256)

      for (const [what, bytes] of [
        ['empty', new Uint8Array()],
        ['small', bytesOf('a clip')],
        ['of some megabytes', megabytes],
      ] as const) {
        check(`that is ${what} is stored as it is and downloaded again`, async () => {
          const { objects } = under
          const stored = await objects.putFile(newKey(), newFile(bytes), { contentType: 'video/mp4' })
          expect(stored).toMatchObject({ bucket: objects.bucket, bytes: bytes.byteLength })
          expect(await objects.head(stored)).toEqual({
            bytes: bytes.byteLength,
            etag: stored.etag,
            contentType: 'video/mp4',
            sha256: createHash('sha256').update(bytes).digest('hex'),
          })

          const target = newFile(bytesOf('what was here before, and longer than the clip'))
          await objects.download(stored, target, bytes.byteLength)
          expect(Buffer.compare(readFileSync(target), bytes)).toBe(0)
        })
      }

      check('is the same object as its bytes, and stored once', async () => {
        const { objects } = under
        const key = newKey()
        const file = newFile(bytesOf('same'))
        const putFile = () => objects.putFile(key, file, { contentType: 'video/mp4' })
        const [first, ...others] = await Promise.all([putFile(), putFile(), putFile()])
        expect(others).toEqual([first, first])
        expect(await objects.put(key, bytesOf('same'), { contentType: 'video/mp4' })).toEqual(first)
        expect(await objects.versions(key)).toEqual([first])
      })

      check('with other bytes makes a new version', async () => {
        const { objects } = under
        const key = newKey()
        const first = await objects.putFile(key, newFile(bytesOf('first')), { contentType: 'video/mp4' })
        const second = await objects.putFile(key, newFile(bytesOf('second')), { contentType: 'video/mp4' })

        expect(await objects.versions(key)).toEqual([second, first])
      })

      check('that is not there is refused by its name', async () => {
        const missing = join(folder, 'missing')
        await expect(under.objects.putFile(newKey(), missing, { contentType: 'video/mp4' })).rejects.toThrow(missing)
      })

      check('is not written where the version is gone, or larger than the caller takes', async () => {
        const { objects } = under
        const stored = await objects.put(newKey(), bytesOf('hello'), { contentType: 'video/mp4' })
        const target = join(folder, `file-${++count}`)
        await expect(objects.download(stored, target, 4)).rejects.toThrow(ObjectTooLarge)
        await objects.deleteVersion(stored)
        await expect(objects.download(stored, target, 5)).rejects.toThrow(ObjectGone)

        expect(existsSync(target)).toBe(false)
      })
    })

    check('copies the version it is given, of whatever key, without its tags', async () => {
      const { objects, tag } = under
      const first = await objects.put('images/original/with blank+ü', bytesOf('first'), { contentType: 'image/png' })
      await objects.put(first.key, bytesOf('second'), { contentType: 'image/png' })
      await tag(first, { scan: 'clean' })
      const key = newKey()
      const copy = await objects.copy(first, key)
      expect(copy).toMatchObject({ bucket: objects.bucket, key, etag: first.etag, bytes: 5 })
      expect(text(await objects.read(copy, MEBIBYTE))).toBe('first')
      expect(await objects.head(copy)).toMatchObject({ contentType: 'image/png' })
      expect(await objects.tags(copy)).toEqual({})
      await objects.deleteVersion(first)
      await expect(objects.copy(first, newKey())).rejects.toThrow(ObjectGone)
    })

    describe('a list', () => {
      check('has the newest version of every key below a prefix, in order', async () => {
        const { objects } = under
        const prefix = `${newKey()}/`
        const put = (name: string, content: string) =>
          objects.put(`${prefix}${name}`, bytesOf(content), { contentType: 'video/mp4' })
        const c = await put('c', 'c')
        const a = await put('a/1', 'a')
        const oldB = await put('b', 'old')
        const b = await put('b', 'new')
        await objects.put(`${prefix.slice(0, -1)}0/x`, bytesOf('neighbour'), { contentType: 'video/mp4' })
        expect(await objects.list(prefix)).toEqual([a, b, c])

        await objects.deleteVersion(b)
        await objects.deleteVersion(c)
        expect(await objects.list(prefix)).toEqual([a, oldB])
      })

      check('is empty where nothing lies', async () => {
        expect(await under.objects.list(`${newKey()}/`)).toEqual([])
      })
    })

    describe('tags', () => {
      check('are those of one version', async () => {
        const { objects, tag } = under
        const key = newKey()
        const first = await objects.put(key, bytesOf('first'), { contentType: 'image/png' })
        const second = await objects.put(key, bytesOf('second'), { contentType: 'image/png' })
        await tag(first, { GuardDutyMalwareScanStatus: 'NO_THREATS_FOUND', 'a key': 'with + signs' })

        expect(await objects.tags(first)).toEqual({
          GuardDutyMalwareScanStatus: 'NO_THREATS_FOUND',
          'a key': 'with + signs',
        })
        expect(await objects.tags(second)).toEqual({})
      })

      check('are gone with their version', async () => {
        const { objects } = under
        const stored = await objects.put(newKey(), bytesOf('hello'), { contentType: 'image/png' })
        await objects.deleteVersion(stored)

        await expect(objects.tags(stored)).rejects.toThrow(ObjectGone)
      })
    })

    check('lists the versions of exactly one key, newest first', async () => {
      const { objects } = under
      const key = newKey()
      const first = await objects.put(key, bytesOf('first'), { contentType: 'image/png' })
      const second = await objects.put(key, bytesOf('second'), { contentType: 'image/png' })
      await objects.put(`${key}0`, bytesOf('neighbour'), { contentType: 'image/png' })
      await objects.put(`${key}/below`, bytesOf('neighbour'), { contentType: 'image/png' })

      expect(await objects.versions(key)).toEqual([second, first])
      expect(await objects.versions(newKey())).toEqual([])
    })

    check('deletes one version alone, and again without complaint', async () => {
      const { objects } = under
      const key = newKey()
      const first = await objects.put(key, bytesOf('first'), { contentType: 'image/png' })
      const second = await objects.put(key, bytesOf('second'), { contentType: 'image/png' })
      await objects.deleteVersion(first)
      await objects.deleteVersion(first)

      expect(await objects.versions(key)).toEqual([second])
    })

    describe('a signed upload', () => {
      const file = bytesOf('the very bytes')
      const grant = { contentType: 'image/jpeg', bytes: file.byteLength, expiresInSeconds: 600 }

      check('stores the file under its key with its type', async () => {
        const { objects, post } = under
        const key = newKey()

        expect(await post(await objects.signUpload({ ...grant, key }), file)).toBe(201)

        const [stored, ...others] = await objects.versions(key)
        if (stored === undefined) throw new Error('nothing was stored')
        expect(others).toEqual([])
        expect(text(await objects.read(stored, MEBIBYTE))).toBe('the very bytes')
        expect(await objects.head(stored)).toMatchObject({ contentType: 'image/jpeg', bytes: file.byteLength })
      })

      for (const [what, other] of [
        ['one byte more', Uint8Array.from([...file, 0])],
        ['one byte less', file.slice(1)],
        ['nothing', new Uint8Array()],
      ] as const) {
        check(`takes no other size: ${what}`, async () => {
          const { objects, post } = under
          const key = newKey()

          expect(await post(await objects.signUpload({ ...grant, key }), other)).toBe(400)
          expect(await objects.versions(key)).toEqual([])
        })
      }

      for (const [what, change] of [
        ['another key', (key: string) => ({ key: `${key}0` })],
        ['a key that climbs', (key: string) => ({ key: `${key}/../other` })],
        ['another type', () => ({ 'Content-Type': 'text/html' })],
        ['a made-up signature', () => ({ 'X-Amz-Signature': '0'.repeat(64) })],
        ['a field that nobody signed', () => ({ acl: 'public-read' })],
      ] as const) {
        check(`refuses ${what}`, async () => {
          const { objects, post } = under
          const key = newKey()
          const signed = await objects.signUpload({ ...grant, key })

          expect(await post({ ...signed, fields: { ...signed.fields, ...change(key) } }, file)).toBe(403)
          expect(await objects.versions(key)).toEqual([])
        })
      }

      check('that names a checksum takes only those bytes', async () => {
        const { objects, post } = under
        const key = newKey()
        const sha256 = createHash('sha256').update(file).digest('base64')
        const signed = await objects.signUpload({ ...grant, key, sha256 })

        expect(await post(signed, Uint8Array.from(file).reverse())).toBe(400)
        expect(await objects.versions(key)).toEqual([])
        expect(await post(signed, file)).toBe(201)
      })
    })

    check('a signed download gives that version, also after the key was overwritten, until it is deleted', async () => {
      const { objects, fetch } = under
      const key = newKey()
      const stored = await objects.put(key, bytesOf('first'), { contentType: 'image/png' })
      const url = await objects.signDownload(stored, { expiresInSeconds: 600 })
      await objects.put(key, bytesOf('second'), { contentType: 'image/png' })

      const answer = await fetch(url)
      expect([answer.status, text(answer.bytes)]).toEqual([200, 'first'])

      await objects.deleteVersion(stored)
      expect((await fetch(url)).status).toBe(404)
    })

    check('a signed download says how its bytes are to be taken', async () => {
      const { objects } = under
      const stored = await objects.put(newKey(), bytesOf('<html>'), { contentType: 'text/html' })
      const url = await objects.signDownload(stored, {
        expiresInSeconds: 600,
        contentType: 'application/octet-stream',
        disposition: { type: 'attachment', fileName: 'Grüße.html' },
      })
      expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({
        'response-content-type': 'application/octet-stream',
        'response-content-disposition': `attachment; filename="Gr__e.html"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.html`,
      })
    })

    test('has no other test that is said to fail', () => {
      expect(failing.filter((behaviour) => !named.has(behaviour))).toEqual([])
    })
  })
}

function bytesOf(content: string): Uint8Array {
  return new TextEncoder().encode(content)
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
