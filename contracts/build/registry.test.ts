import { join } from 'node:path'
import Ajv04Module from 'ajv-draft-04'
import { registryDocument } from './registry.ts'
import { readSchemaFiles, type SchemaFile } from './schema.ts'

const Ajv04 = Ajv04Module.default
const files = readSchemaFiles(join(import.meta.dirname, '../..'))
const [envelope] = files as [SchemaFile]
const [meta] = envelope.schema['examples'] as readonly object[]
const events = files.filter(({ group }) => group === 'events').map((file): [string, SchemaFile] => [file.slug, file])

function delivered(detailType: string, data: unknown) {
  return {
    version: '0',
    id: '7bf73129-1428-4cd3-a780-95db273d1602',
    'detail-type': detailType,
    source: 'messageai.media',
    account: '123456789012',
    time: '2026-03-01T10:00:05Z',
    region: 'eu-central-1',
    resources: [],
    detail: { meta, data },
  }
}

describe.each(events)('the registry document of %s', (_slug, file) => {
  const document = registryDocument(file, envelope)
  const detailType = String(document['title'])
  // The registry's own keywords, which name the event, are no part of draft 4.
  const ajv = new Ajv04({ strict: true, formats: { uuid: true, 'date-time': true } })
  for (const keyword of ['x-amazon-events-source', 'x-amazon-events-detail-type']) ajv.addKeyword(keyword)
  const validate = ajv.compile(document)
  const examples = file.schema['examples'] as readonly object[]

  it('is JSON Schema draft 4, takes every example as delivered, and what a newer minor adds', () => {
    expect(ajv.validateSchema(document)).toBe(true)
    for (const example of examples) {
      expect(validate(delivered(detailType, example))).toBe(true)
      expect(validate({ ...delivered(detailType, { ...example, kind: 'hologram', new: 1 }), 'replay-name': 'r' })).toBe(
        true,
      )
    }
  })

  it('refuses another event, and data without its media', () => {
    expect(validate(delivered('Other.v1', examples[0]))).toBe(false)
    expect(validate(delivered(detailType, { ...examples[0], mediaId: undefined }))).toBe(false)
  })

  it('fits the registry', () => {
    expect(JSON.stringify(document).length).toBeLessThan(100_000)
  })
})
