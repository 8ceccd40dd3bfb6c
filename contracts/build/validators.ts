import standalone from 'ajv/dist/standalone/index.js'
import { build } from 'esbuild'
import { readerSchema, strictAjv, writerSchema } from './forms.ts'
import { definitionsOf, mapSchema, type Schema, type SchemaFile, titleOf } from './schema.ts'

// Of this CommonJS module `.default` is what Node and jest's transform agree on.
const standaloneCode = standalone.default

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
