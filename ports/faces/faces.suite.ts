import type { StoredObject } from '../../contracts/stored-object.ts'
import type { Faces } from './faces.ts'

export interface FacesUnderTest {
  readonly faces: Faces
  /** Stores a JPEG that shows this; the two faces are of different sizes. */
  store(shows: 'one-face' | 'two-faces' | 'no-face' | 'too-small'): Promise<StoredObject>
}

const PART = { asymmetricMatch: (value: unknown) => typeof value === 'number' && value >= 0 && value <= 1 }
const PERCENT = { asymmetricMatch: (value: unknown) => typeof value === 'number' && value >= 0 && value <= 100 }

/** What every implementation of Faces does. */
export function describeFaces(name: string, make: () => Promise<FacesUnderTest>): void {
  describe(`${name} as Faces`, () => {
    let under: FacesUnderTest
    beforeAll(async () => {
      under = await make()
    })

    test('says where a face is and how well it is seen', async () => {
      expect(await under.faces.find(await under.store('one-face'))).toEqual({
        ok: true,
        faces: [
          {
            left: PART,
            top: PART,
            width: PART,
            height: PART,
            confidence: PERCENT,
            sharpness: PERCENT,
            brightness: PERCENT,
          },
        ],
      })
    })

    test('names the largest face first', async () => {
      const found = await under.faces.find(await under.store('two-faces'))
      const sizes = found.ok ? found.faces.map(({ width, height }) => width * height) : []
      expect(sizes).toHaveLength(2)
      expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
    })

    test('finds none where there is none', async () => {
      expect(await under.faces.find(await under.store('no-face'))).toEqual({ ok: true, faces: [] })
    })

    test('says where nobody can look', async () => {
      expect(await under.faces.find(await under.store('too-small'))).toEqual({ ok: false, reason: expect.any(String) })
    })

    test('throws for what is not there: that is no word about the picture', async () => {
      const picture = await under.store('one-face')
      await expect(under.faces.find({ ...picture, versionId: 'gone' })).rejects.toThrow()
    })
  })
}
