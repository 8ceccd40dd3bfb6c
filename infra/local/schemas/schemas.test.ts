import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, openDatabase } from '../database.ts'
import { createSchemas, type Schemas } from './schemas.ts'

let dataDir: string
let db: Database
let schemas: Schemas

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'schemas-'))
  db = openDatabase(dataDir)
  schemas = createSchemas({
    region: 'us-east-1',
    accountId: '000000000000',
    dataDir,
    db,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    now: () => 0,
    uuid: () => '',
    log: () => undefined,
  })
})

afterEach(() => {
  db.close()
  rmSync(dataDir, { recursive: true })
})

function declare(type: string, properties: Record<string, unknown>) {
  return schemas.provisioners[type]?.({ stack: 'S', logicalId: 'L', generatedName: 'S-L', type, properties })
}

const schema = { RegistryName: 'media', SchemaName: 'Uploaded', Type: 'JSONSchemaDraft4', Content: '{"type":"object"}' }

test('a schema gets a new version only when its content is new', () => {
  expect(declare('AWS::EventSchemas::Registry', { RegistryName: 'media' })).toEqual({
    ref: 'arn:aws:schemas:us-east-1:000000000000:registry/media',
    attributes: { RegistryArn: 'arn:aws:schemas:us-east-1:000000000000:registry/media', RegistryName: 'media' },
  })
  declare('AWS::EventSchemas::Schema', schema)
  expect(declare('AWS::EventSchemas::Schema', schema)?.attributes['SchemaVersion']).toBe('1')
  expect(declare('AWS::EventSchemas::Schema', { ...schema, Content: '{}' })).toEqual({
    ref: 'arn:aws:schemas:us-east-1:000000000000:schema/media/Uploaded',
    attributes: {
      SchemaArn: 'arn:aws:schemas:us-east-1:000000000000:schema/media/Uploaded',
      SchemaName: 'Uploaded',
      SchemaVersion: '2',
    },
  })
  expect(schemas.versions('media', 'Uploaded').map(({ content }) => content)).toEqual(['{"type":"object"}', '{}'])
})

test('a schema that the registry would refuse is refused', () => {
  expect(() => declare('AWS::EventSchemas::Schema', { ...schema, Type: 'Avro' })).toThrow('Avro')
  expect(() => declare('AWS::EventSchemas::Schema', { ...schema, Content: '{' })).toThrow('not JSON')
})
