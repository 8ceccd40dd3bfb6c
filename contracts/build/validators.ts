import { Ajv, type Options } from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'
import formats from 'ajv-formats'
import { build } from 'esbuild'
import { definitionsOf, mapSchema, type Schema, type SchemaFile, titleOf } from './schema.ts'

// Of these CommonJS modules `.default` is what Node and jest's transform agree on.
const addFormats = formats.default
const standaloneCode = standalone.default

// ajv's own `uuid` takes capitals and `urn:uuid:` too; ours go into object keys, where one id has one spelling.
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** An ajv as every validator here is made: strict, and with no format but those that the contracts use. */
export function strictAjv(options: Options = {}): Ajv {
  const ajv = new Ajv({ strict: true, strictRequired: true, unicodeRegExp: true, ...options })
  addFormats(ajv, ['date-time'])
  return ajv.addFormat('uuid', UUID)
}

/** What a writer is held to: the schema as it stands, without its annotations. */
export function writerSchema(schema: Schema): Schema {
  return mapSchema(schema, withoutAnnotations)
}

/** What a reader insists on: no property and no value of an open enum that a newer minor may bring is refused. */
export function readerSchema(schema: Schema): Schema {
  return mapSchema(schema, (below) => {
    const { enum: values, additionalProperties, ...rest } = below
    return withoutAnnotations({
      ...rest,
      ...(values !== undefined && below['x-open-enum'] !== true && { enum: values }),
      ...(additionalProperties !== undefined && additionalProperties !== false && { additionalProperties }),
    })
  })
}

/**
 * `validators.js`: a function `write<Title>` and one `read<Title>` for each schema, compiled ahead and bundled with the
 * formats, so that ajv isn't there at run time.
 */
export async function validatorsModule(files: readonly SchemaFile[]): Promise<string> {
  const ajv = strictAjv({ code: { source: true, esm: true }, inlineRefs: false })
  const definitions = Object.assign({}, ...files.map(definitionsOf)) as Readonly<Record<string, Schema>>
  const exported: Record<string, string> = {}
  for (const [verb, form] of [
    ['write', writerSchema],
    ['read', readerSchema],
  ] as const) {
    // One copy of each shape for all schemas: the lint has made sure that they agree.
    const shapes = `contracts:${verb}/shapes`
    ajv.addSchema({ ...form({ definitions }), $id: shapes })
    for (const file of files) {
      const id = `contracts:${verb}/${file.path}`
      const { definitions, $id, ...own } = form(file.schema)
      ajv.addSchema({ ...mapSchema(own, (below) => sharing(below, shapes)), $id: id })
      exported[`${verb}${titleOf(file)}`] = id
    }
  }
  const bundle = await build({
    stdin: { contents: standaloneCode(ajv, exported), resolveDir: import.meta.dirname, loader: 'js' },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    logLevel: 'silent',
  })
  return `// Made by \`npm run contracts\` from the schemas of contracts/; a change made here is lost.\n${bundle.outputFiles[0]?.text ?? ''}`
}

function sharing(schema: Schema, shapes: string): Schema {
  const reference = schema['$ref']
  return typeof reference === 'string' ? { $ref: `${shapes}${reference}` } : schema
}

function withoutAnnotations(schema: Schema): Schema {
  const { title, description, examples, 'x-version': version, 'x-open-enum': open, ...rest } = schema
  return rest
}
