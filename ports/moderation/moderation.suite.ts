import type { StoredObject } from '../../contracts/stored-object.ts'
import type { Moderation } from './moderation.ts'

export interface ModerationUnderTest {
  readonly moderation: Moderation
  /** Stores a JPEG that shows this: nothing to object to, gore (96.2 %), or that is too small to be looked at. */
  store(shows: 'nothing' | 'gore' | 'too-small'): Promise<StoredObject>
  overwrite(picture: StoredObject): Promise<void>
}

/** What every implementation of Moderation does. */
export function describeModeration(name: string, make: () => Promise<ModerationUnderTest>): void {
  describe(`${name} as Moderation`, () => {
    let under: ModerationUnderTest
    beforeAll(async () => {
      under = await make()
    })

    test('sees nothing in a harmless picture, and says who looked', async () => {
      const picture = await under.store('nothing')
      expect(await under.moderation.look(picture)).toEqual({
        ok: true,
        labels: [],
        model: expect.stringMatching(/^\w+-\d/),
      })
    })

    test('tells of each level of what it sees, surest first', async () => {
      const seen = await under.moderation.look(await under.store('gore'))
      expect(seen).toMatchObject({ ok: true })
      const labels = seen.ok ? seen.labels : []
      expect(labels).toEqual(
        expect.arrayContaining([
          { name: 'Violence', confidence: 96.2 },
          { name: 'Graphic Violence', parent: 'Violence', confidence: 96.2 },
          { name: 'Blood & Gore', parent: 'Graphic Violence', confidence: 96.2 },
        ]),
      )
      const confidences = labels.map(({ confidence }) => confidence)
      expect(confidences).toEqual(confidences.toSorted((a, b) => b - a))
    })

    test('looks at the version that it is asked about', async () => {
      const picture = await under.store('gore')
      await under.overwrite(picture)
      const seen = await under.moderation.look(picture)
      expect(seen.ok && seen.labels).not.toEqual([])
    })

    test('says where nobody can look', async () => {
      expect(await under.moderation.look(await under.store('too-small'))).toEqual({
        ok: false,
        reason: expect.any(String),
      })
    })

    test('throws for what is not there: that is no word about the picture', async () => {
      const picture = await under.store('nothing')
      await expect(under.moderation.look({ ...picture, versionId: 'gone' })).rejects.toThrow()
    })

    test('has a recipe that names it', () => {
      expect(under.moderation.recipe).toMatch(/^\w+-\d/)
    })
  })
}
