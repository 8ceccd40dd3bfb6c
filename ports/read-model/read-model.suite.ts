import type { ReadModel } from './read-model.ts'

/** What every read model must do; the fake and the real stores all run it. `make` gives an empty one. */
export function describeReadModel(name: string, make: () => Promise<ReadModel> | ReadModel): void {
  describe(`read model: ${name}`, () => {
    let store: ReadModel
    beforeAll(async () => {
      store = await make()
    })
    let count = 0
    const path = () => `media/m-${++count}`
    const dataOf = async (at: string) => (await store.get([at]))[0]?.data

    it('gives undefined for a document that was never made, in the order asked', async () => {
      const at = path()
      await store.commit([{ kind: 'create', path: at, data: { n: 1 } }])
      const [missing, there] = await store.get([path(), at])
      expect(missing).toBeUndefined()
      expect(there?.data).toEqual({ n: 1 })
    })

    it('gives back every kind of JSON as it was', async () => {
      const at = path()
      const data = {
        text: 'ü🙂\u0000"',
        whole: 42,
        fraction: 0.1,
        negative: -7,
        yes: true,
        nothing: null,
        list: [1, 'two', { three: 3 }],
        map: { 'generate-thumbnail': { '0.1': { deep: [] } } },
        empty: {},
      }
      await store.commit([{ kind: 'create', path: at, data }])
      expect(await dataOf(at)).toEqual(data)
    })

    it('refuses to create what exists, and then applies nothing of the batch', async () => {
      const [at, other] = [path(), path()]
      await store.commit([{ kind: 'create', path: at, data: { n: 1 } }])
      const outcome = await store.commit([
        { kind: 'create', path: other, data: {} },
        { kind: 'create', path: at, data: { n: 2 } },
      ])
      expect(outcome).toBe('exists')
      expect(await store.get([at, other])).toEqual([expect.objectContaining({ data: { n: 1 } }), undefined])
    })

    it('refuses to update what is missing, and then applies nothing of the batch', async () => {
      const [at, other] = [path(), path()]
      const outcome = await store.commit([
        { kind: 'create', path: other, data: {} },
        { kind: 'update', path: at, fields: [{ path: ['n'], value: 1 }] },
      ])
      expect(outcome).toBe('missing')
      expect(await store.get([at, other])).toEqual([undefined, undefined])
    })

    it('updates single fields by path, dots in names and all, and leaves their neighbours alone', async () => {
      const at = path()
      await store.commit([{ kind: 'create', path: at, data: { keep: 1, steps: { a: { '0.0': 'x' } } } }])
      await store.commit([
        {
          kind: 'update',
          path: at,
          fields: [
            { path: ['steps', 'a', '0.1'], value: 'y' },
            { path: ['steps', 'b-c', '0.0'], value: { deep: true } },
          ],
        },
      ])
      expect(await dataOf(at)).toEqual({
        keep: 1,
        steps: { a: { '0.0': 'x', '0.1': 'y' }, 'b-c': { '0.0': { deep: true } } },
      })
    })

    it('removes a field where the value is undefined', async () => {
      const at = path()
      await store.commit([{ kind: 'create', path: at, data: { a: 1, b: { c: 2, d: 3 } } }])
      await store.commit([
        {
          kind: 'update',
          path: at,
          fields: [
            { path: ['a'], value: undefined },
            { path: ['b', 'c'], value: undefined },
          ],
        },
      ])
      expect(await dataOf(at)).toEqual({ b: { d: 3 } })
    })

    it('lets one of two writers win who read the same revision', async () => {
      const at = path()
      await store.commit([{ kind: 'create', path: at, data: { owner: 'nobody' } }])
      const [snapshot] = await store.get([at])
      const take = (owner: string) =>
        store.commit([
          {
            kind: 'update',
            path: at,
            fields: [{ path: ['owner'], value: owner }],
            ifRevision: snapshot?.revision ?? '',
          },
        ])
      const outcomes = await Promise.all([take('a'), take('b')])
      expect([...outcomes].sort()).toEqual(['changed', 'committed'])
      expect(await dataOf(at)).toEqual({ owner: outcomes[0] === 'committed' ? 'a' : 'b' })
    })

    it('deletes, and finds nothing wrong with deleting what is gone', async () => {
      const at = path()
      await store.commit([{ kind: 'create', path: at, data: {} }])
      await store.commit([{ kind: 'delete', path: at }])
      expect(await store.commit([{ kind: 'delete', path: at }])).toBe('committed')
      expect(await dataOf(at)).toBeUndefined()
    })

    it('keeps documents below documents apart', async () => {
      const at = path()
      await store.commit([
        { kind: 'create', path: at, data: { n: 1 } },
        { kind: 'create', path: `${at}/steps/s~1`, data: { n: 2 } },
      ])
      await store.commit([{ kind: 'delete', path: at }])
      expect(await dataOf(`${at}/steps/s~1`)).toEqual({ n: 2 })
    })

    it('queries by a field up to a value, in its order, a page at a time', async () => {
      const collection = 'deadlines'
      const times = [
        '2026-03-01T10:00:02.000Z',
        '2026-03-01T10:00:00.000Z',
        '2026-03-01T10:00:01.000Z',
        '2026-03-01T11:00:00.000Z',
      ]
      await store.commit(times.map((at, n) => ({ kind: 'create', path: `${collection}/d${n}`, data: { at } })))
      await store.commit([{ kind: 'create', path: `${collection}/none`, data: { other: 1 } }])
      const query = { collection, field: 'at', atMost: '2026-03-01T10:30:00.000Z' }
      expect((await store.query({ ...query, limit: 10 })).map(({ path }) => path)).toEqual([
        `${collection}/d1`,
        `${collection}/d2`,
        `${collection}/d0`,
      ])
      expect(await store.query({ ...query, limit: 1 })).toEqual([
        { path: `${collection}/d1`, data: { at: '2026-03-01T10:00:00.000Z' } },
      ])
    })

    it('finds the documents below one document, and not those below another', async () => {
      const collection = 'owners'
      const at = '2026-03-01T10:00:00.000Z'
      for (const path of ['a/steps/one', 'a/steps/two', 'b/steps/three']) {
        await store.commit([{ kind: 'create', path: `${collection}/${path}`, data: { at } }])
      }
      const found = await store.query({ collection: `${collection}/a/steps`, field: 'at', atMost: at, limit: 10 })
      expect(found.map(({ path }) => path).sort()).toEqual([`${collection}/a/steps/one`, `${collection}/a/steps/two`])
    })
  })
}
