import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateRegistryCommand,
  DescribeRegistryCommand,
  DescribeSchemaCommand,
  ExportSchemaCommand,
  ListRegistriesCommand,
  ListSchemasCommand,
  ListSchemaVersionsCommand,
  SchemasClient,
  SearchSchemasCommand,
} from '@aws-sdk/client-schemas'
import { type Database, openDatabase } from '../database.ts'
import { createSchemas, type Schemas } from './schemas.ts'

let dataDir: string
let db: Database
let schemas: Schemas
let server: Server
let client: SchemasClient

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'schemas-'))
  db = openDatabase(dataDir)
  schemas = createSchemas({
    region: 'us-east-1',
    accountId: '000000000000',
    dataDir,
    db,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    now: Date.now,
    uuid: () => '',
    log: () => undefined,
  })
  server = createServer((request, response) => void schemas.handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  client = clientOf('b')
})

function clientOf(secretAccessKey: string): SchemasClient {
  return new SchemasClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey },
    maxAttempts: 1,
  })
}

afterEach(async () => {
  client.destroy()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
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
  declare('AWS::EventSchemas::Registry', { RegistryName: 'media' })
  expect(() => declare('AWS::EventSchemas::Schema', { ...schema, Type: 'Avro' })).toThrow('Avro')
  expect(() => declare('AWS::EventSchemas::Schema', { ...schema, Content: '{' })).toThrow('not JSON')
})

describe('those who read the registry', () => {
  const first = Date.now()
  const registry = { RegistryName: 'media' }
  const SchemaName = 'messageai.media@Uploaded.v1'

  beforeEach(() => {
    declare('AWS::EventSchemas::Registry', { ...registry, Description: 'Events.' })
    declare('AWS::EventSchemas::Schema', { ...schema, SchemaName, Description: 'An upload.' })
    declare('AWS::EventSchemas::Schema', { ...schema, SchemaName, Content: '{"title":"Uploaded"}' })
    declare('AWS::EventSchemas::Schema', { ...schema, SchemaName: 'messageai.media@Ready.v1' })
  })

  it('find registries and schemas, by prefix and in pages', async () => {
    const { Registries } = await client.send(new ListRegistriesCommand({ RegistryNamePrefix: 'me' }))
    expect(Registries).toMatchObject([
      { RegistryName: 'media', RegistryArn: expect.stringContaining('registry/media') },
    ])
    expect(await client.send(new DescribeRegistryCommand(registry))).toMatchObject({ Description: 'Events.' })
    const page = await client.send(new ListSchemasCommand({ ...registry, Limit: 1 }))
    expect(page.Schemas).toMatchObject([{ SchemaName: 'messageai.media@Ready.v1', VersionCount: 1 }])
    const next = await client.send(new ListSchemasCommand({ ...registry, Limit: 1, NextToken: page.NextToken }))
    expect(next).toMatchObject({ Schemas: [{ SchemaName, VersionCount: 2 }] })
    expect(next.NextToken).toBeUndefined()
  })

  it('read a schema, its newest version or another', async () => {
    const newest = await client.send(new DescribeSchemaCommand({ ...registry, SchemaName }))
    expect(newest).toMatchObject({ Content: '{"title":"Uploaded"}', SchemaVersion: '2', Type: 'JSONSchemaDraft4' })
    expect(newest.LastModified?.getTime()).toBeGreaterThanOrEqual(first)
    const old = await client.send(new DescribeSchemaCommand({ ...registry, SchemaName, SchemaVersion: '1' }))
    expect(old).toMatchObject({ Content: '{"type":"object"}', Description: 'An upload.' })
    const { SchemaVersions } = await client.send(new ListSchemaVersionsCommand({ ...registry, SchemaName }))
    expect(SchemaVersions?.map(({ SchemaVersion }) => SchemaVersion)).toEqual(['1', '2'])
    const wanted = { ...registry, SchemaName, Type: 'JSONSchemaDraft4' }
    expect(await client.send(new ExportSchemaCommand(wanted))).toMatchObject({ Content: '{"title":"Uploaded"}' })
    await expect(client.send(new ExportSchemaCommand({ ...wanted, Type: 'OpenApi3' }))).rejects.toMatchObject({
      name: 'BadRequestException',
    })
  })

  it('search in names and contents', async () => {
    const search = async (Keywords: string) =>
      (await client.send(new SearchSchemasCommand({ ...registry, Keywords }))).Schemas ?? []
    expect((await search('ready')).map((found) => found.SchemaName)).toEqual(['messageai.media@Ready.v1'])
    expect(await search('title uploaded')).toMatchObject([{ SchemaName, SchemaVersions: [{ SchemaVersion: '2' }] }])
    expect(await search('nothing like it')).toEqual([])
  })

  it('are told of what is not there, of what does not run, and of a wrong secret', async () => {
    const describeSchema = new DescribeSchemaCommand({ ...registry, SchemaName: 'none' })
    await expect(client.send(describeSchema)).rejects.toMatchObject({ name: 'NotFoundException' })
    const elsewhere = new ListSchemasCommand({ RegistryName: 'none' })
    await expect(client.send(elsewhere)).rejects.toMatchObject({ name: 'NotFoundException' })
    await expect(client.send(new CreateRegistryCommand({ RegistryName: 'x' }))).rejects.toThrow('templates')
    const stranger = clientOf('wrong')
    await expect(stranger.send(new ListRegistriesCommand({}))).rejects.toThrow(/signature/i)
    stranger.destroy()
  })
})
