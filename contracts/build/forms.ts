import { Ajv, type Options } from 'ajv'
import formats from 'ajv-formats'
import { isSchema, mapSchema, type Schema, typeNameOf } from './schema.ts'

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

/**
 * The reader's open form for documents that other tools read, with words for what their keywords can't say, and with the
 * names that types have. Of the keywords that the lint lets through, all drafts mean the same by those that stay.
 * @param definitions where the shapes stand in that document.
 */
export function subscriberForm(schema: Schema, definitions = '#/definitions/'): Schema {
  const { $schema, $id, title, definitions: shapes, examples, 'x-version': version, ...own } = schema
  return mapSchema(own, (below) => {
    const { 'x-open-enum': open, 'x-removed': removed, additionalProperties, description, $ref, ...rest } = below
    if (typeof $ref === 'string') return { $ref: definitions + typeNameOf($ref.replace('#/definitions/', '')) }
    const { enum: values, ...others } = rest
    const known = open === true ? `Known today: ${(values as readonly string[]).join(', ')}; more may come.` : undefined
    const words = [description, known].filter((one) => one !== undefined).join(' ')
    return {
      ...(words && { description: words }),
      ...others,
      ...(values !== undefined && open !== true && { enum: values }),
      ...(isSchema(additionalProperties) && { additionalProperties }),
    }
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
