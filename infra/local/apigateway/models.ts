import type { Options, ValidateFunction } from 'ajv'
import ajvDraft04 from 'ajv-draft-04'
import { isRecord } from '../assembly/template.ts'

/**
 * Compiles the JSON Schema (draft 4) of a model. References to models of the same API, as
 * `https://apigateway.amazonaws.com/restapis/<id>/models/<name>`, find those that were declared before.
 */
export type CompileModel = (name: string, schema: unknown) => ValidateFunction

export function createModelCompiler(apiId: string): CompileModel {
  // API Gateway ignores formats that it does not know, and keywords of other drafts.
  const options: Options = { strict: false, validateFormats: false, allErrors: true, verbose: true }
  const ajv = new ajvDraft04.default(options)
  return (name, schema) => {
    if (!isRecord(schema)) throw new Error('Schema must be an object: a JSON Schema of draft 4')
    const { $schema: draft = 'http://json-schema.org/draft-04/schema#', ...rest } = schema
    if (String(draft).replace(/#$/, '') !== 'http://json-schema.org/draft-04/schema') {
      throw new Error(
        `Schema is of ${String(draft)}; allowed: JSON Schema draft 4, http://json-schema.org/draft-04/schema#`,
      )
    }
    return ajv.compile({ ...rest, id: `https://apigateway.amazonaws.com/restapis/${apiId}/models/${name}` })
  }
}
