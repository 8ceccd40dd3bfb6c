import { Ajv, type Options } from 'ajv'
import formats from 'ajv-formats'
import { mapSchema, type Schema } from './schema.ts'

// Of this CommonJS module `.default` is what Node and jest's transform agree on.
const addFormats = formats.default

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

function withoutAnnotations(schema: Schema): Schema {
  const {
    title,
    description,
    examples,
    'x-version': version,
    'x-open-enum': open,
    'x-removed': removed,
    ...rest
  } = schema
  return rest
}
