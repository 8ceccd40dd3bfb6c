import { asyncApiDocument } from './asyncapi.ts'
import { registryDocument } from './registry.ts'
import { eventNameOf, type SchemaFile } from './schema.ts'
import { documentsModule, eventsModule, shapesModule, validatorsDeclaration } from './types.ts'
import { validatorsModule } from './validators.ts'

/** All code and documents that are made of the schemas alone, by path relative to the root. The same schemas give the same bytes. */
export async function generate(files: readonly SchemaFile[]): Promise<ReadonlyMap<string, string>> {
  const [envelope] = files.filter(({ group }) => group === 'envelope')
  if (envelope === undefined) throw new Error('there is no envelope among the schemas')
  const registry = files
    .filter(({ group }) => group === 'events')
    .map((event): [string, string] => [
      `contracts/generated/registry/${eventNameOf(event)}.v${event.major}.json`,
      `${JSON.stringify(registryDocument(event, envelope), undefined, 2)}\n`,
    ])
  return new Map([
    ['contracts/generated/shapes.ts', await shapesModule(files)],
    ['contracts/generated/events.ts', await eventsModule(files)],
    ['contracts/generated/documents.ts', await documentsModule(files)],
    ['contracts/generated/validators.d.ts', validatorsDeclaration(files)],
    ['contracts/generated/validators.js', await validatorsModule(files)],
    ...registry,
    ['contracts/generated/asyncapi.json', `${JSON.stringify(asyncApiDocument(files, envelope), undefined, 2)}\n`],
  ])
}
