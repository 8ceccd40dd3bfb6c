import Ajv04 from 'ajv-draft-04'
import { UPLOAD_REQUEST_SCHEMA } from './body.ts'

test('the schema is draft-04 too, which is what API Gateway models are written in', () => {
  const ajv = new Ajv04.default({ strict: true })

  expect(ajv.validateSchema({ $schema: 'http://json-schema.org/draft-04/schema#', ...UPLOAD_REQUEST_SCHEMA })).toBe(
    true,
  )
  expect(() => ajv.compile(UPLOAD_REQUEST_SCHEMA)).not.toThrow()
})
