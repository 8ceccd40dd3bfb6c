import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { asyncApiDocument } from './asyncapi.ts'
import { readSchemaFiles, type SchemaFile, titleOf } from './schema.ts'

const files = readSchemaFiles(join(import.meta.dirname, '../..'))
const [envelope] = files as [SchemaFile]
const document = asyncApiDocument(files, envelope)

interface Parsed {
  readonly messages: readonly string[]
  readonly problems: readonly string[]
}

/** By the parser of the AsyncAPI initiative, in a process of its own: it loads for seconds, and not in jest's way. */
function parsed(documents: readonly unknown[]): readonly Parsed[] {
  const script = `
    import { Parser } from '@asyncapi/parser'
    const text = await new Response(process.stdin).text()
    const results = []
    for (const given of JSON.parse(text)) {
      const { document, diagnostics } = await new Parser().parse(given)
      results.push({
        messages: document ? document.allMessages().all().map((message) => message.id()) : [],
        problems: diagnostics.filter(({ severity }) => severity < 2).map(({ path, message }) => path.join('/') + ': ' + message),
      })
    }
    console.log(JSON.stringify(results))`
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    input: JSON.stringify(documents),
    cwd: join(import.meta.dirname, '../..'),
    encoding: 'utf8',
  })
  return JSON.parse(output)
}

describe('the AsyncAPI document', () => {
  let results: readonly Parsed[]
  beforeAll(() => {
    results = parsed([document, { ...document, channels: { bus: { messages: 'none' } } }])
  })

  it('is accepted by the parser of AsyncAPI itself, examples and all, with every major of every event', () => {
    expect(results[0]?.problems).toEqual([])
    expect([...new Set(results[0]?.messages)].sort()).toEqual(
      files
        .filter(({ group }) => group === 'events')
        .map(titleOf)
        .sort(),
    )
  })

  it('is not accepted where it were wrong: the parser looks', () => {
    expect(results[1]?.problems).not.toEqual([])
  })
})
