import { fakeReadModel } from '../read-model/fake-read-model.ts'
import { MODERATIONS, readModelVerdicts } from './read-model-verdicts.ts'

const CONTENT = { sha256: 'a'.repeat(64), recipe: 'rekognition-7/min-50' }
const SEEN = { labels: [{ name: 'Weapons', parent: 'Violence', confidence: 91.1 }], model: 'rekognition-7.0' }

function world() {
  const readModel = fakeReadModel()
  return { readModel, verdicts: readModelVerdicts({ readModel, clock: { now: () => 1_772_359_200_000 } }) }
}

test('what was seen is found again, for that content and that recipe alone', async () => {
  const { verdicts } = world()
  expect(await verdicts.find(CONTENT)).toBeUndefined()
  await verdicts.keep(CONTENT, SEEN)

  expect(await verdicts.find(CONTENT)).toEqual(SEEN)
  expect(await verdicts.find({ ...CONTENT, recipe: 'rekognition-8/min-50' })).toBeUndefined()
  expect(await verdicts.find({ ...CONTENT, sha256: 'b'.repeat(64) })).toBeUndefined()
})

test('who keeps it first is right: the same content has one answer', async () => {
  const { verdicts } = world()
  await verdicts.keep(CONTENT, SEEN)
  await verdicts.keep(CONTENT, { labels: [], model: 'rekognition-7.1' })
  expect(await verdicts.find(CONTENT)).toEqual(SEEN)
})

test('a document of it names neither a media nor a person', async () => {
  const { readModel, verdicts } = world()
  await verdicts.keep(CONTENT, SEEN)
  const [[path, data] = []] = readModel.documents
  expect(path).toMatch(new RegExp(`^${MODERATIONS}/[0-9a-f]{64}$`))
  expect(data).toEqual({ ...CONTENT, seen: SEEN, time: '2026-03-01T10:00:00.000Z' })
})
