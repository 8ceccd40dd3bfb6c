import { EVENTS } from '../contracts/generated/events.ts'
import { dev } from './config/dev.ts'
import { local } from './config/local.ts'
import { prod } from './config/prod.ts'
import { type Synthesized, synthesized } from './synthesized.ts'

interface Statement {
  readonly Action: string | readonly string[]
  readonly Resource: unknown
  readonly Effect: string
  readonly Condition?: unknown
}

let app: Synthesized
beforeAll(async () => {
  app = await synthesized(dev)
})

const statementsOf = (functionName: string): readonly Statement[] => {
  const role = app.named('AWS::IAM::Role', functionName)
  return app
    .resourcesOf('AWS::IAM::Policy')
    .filter(({ Properties }) => Properties.Roles.some((one: { Ref?: string }) => one.Ref === role.logicalId))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
}
const actionsOf = ({ Action }: Statement) => [Action].flat()
const functionNames = () => app.resourcesOf('AWS::Lambda::Function').map(({ Properties }) => Properties.FunctionName)

/** The prefixes on which a function may do something; `*` stands at their end alone. */
function prefixesFor(functionName: string, action: string): readonly string[] {
  return statementsOf(functionName)
    .filter((statement) => actionsOf(statement).includes(action))
    .flatMap(({ Resource }) => [Resource].flat())
    .map((resource) => /"\/([^"]*)\*"\]\]\}$/.exec(JSON.stringify(resource))?.[1] ?? JSON.stringify(resource))
    .sort()
}

const TRACES = ['xray:PutTelemetryRecords', 'xray:PutTraceSegments']

test("no function may do anything to '*' but send traces and look at pictures, which know no resource", () => {
  const looks: Readonly<Record<string, string>> = {
    moderation: 'rekognition:DetectModerationLabels',
    faces: 'rekognition:DetectFaces',
  }
  const looksOf = (name: string) =>
    app.declarations.consumers
      .filter(({ declaration }) => `messageai-dev-${declaration.name}` === name)
      .flatMap(({ declaration }) => declaration.needs.flatMap((need) => looks[need] ?? []))
  expect(functionNames().length).toBeGreaterThan(0)
  for (const name of functionNames()) {
    const statements = statementsOf(name)
    expect(statements.flatMap(actionsOf).filter((action) => action.includes('*'))).toEqual([])
    const onAnything = statements.filter(({ Resource }) => JSON.stringify(Resource) === '"*"').flatMap(actionsOf)
    expect(onAnything.sort()).toEqual([...TRACES, ...looksOf(name)].sort())
  }
})

test('a consumer reads what it declares and its own outputs, writes its own outputs, and touches nothing else', () => {
  for (const { declaration } of app.declarations.consumers) {
    const { reads = [], writes = [], tags = [] } = declaration.objectAccess
    const name = `messageai-dev-${declaration.name}`
    expect(prefixesFor(name, 's3:GetObjectVersion')).toEqual([...reads, ...writes].sort())
    expect(prefixesFor(name, 's3:PutObject')).toEqual([...writes].sort())
    expect(prefixesFor(name, 's3:DeleteObjectVersion')).toEqual([...writes].sort())
    expect(prefixesFor(name, 's3:GetObjectVersionTagging')).toEqual([...tags].sort())
  }
})

test('a producer touches and publishes what it declares, and nothing else', () => {
  for (const { declaration } of app.declarations.producers) {
    const { reads = [], writes = [], deletes = [], publishes = false } = declaration.access
    const name = `messageai-dev-${declaration.name}`
    expect(prefixesFor(name, 's3:GetObjectVersion')).toEqual([...reads].sort())
    expect(prefixesFor(name, 's3:PutObject')).toEqual([...writes].sort())
    expect(prefixesFor(name, 's3:DeleteObjectVersion')).toEqual([...deletes].sort())
    expect(prefixesFor(name, 'events:PutEvents')).toHaveLength(publishes ? 1 : 0)
  }
})

test('whoever publishes speaks in the name of the product alone', () => {
  const publishing = functionNames()
    .flatMap(statementsOf)
    .filter((statement) => actionsOf(statement).includes('events:PutEvents'))
  expect(publishing.length).toBeGreaterThan(0)
  for (const { Condition } of publishing) {
    expect(Condition).toEqual({ 'ForAllValues:StringEquals': { 'events:source': 'messageai.media' } })
  }
})

test('no template brings a custom resource, or a function that nobody declared', () => {
  const declared = [...app.declarations.consumers, ...app.declarations.producers].map(
    ({ declaration }) => `messageai-dev-${declaration.name}`,
  )
  expect(functionNames().sort()).toEqual(declared.sort())
  expect(app.resources.filter(({ Type }) => /^Custom::|CustomResource$/.test(Type))).toEqual([])
})

test.each([local, dev, prod])('nothing in $environment is longer than AWS takes', async (config) => {
  const { resourcesOf } = await synthesized(config)
  const lengths = (type: string, field: string) =>
    resourcesOf(type).map(({ Properties }) => String(Properties[field] ?? '').length)
  expect(Math.max(...lengths('AWS::Lambda::Function', 'FunctionName'))).toBeLessThanOrEqual(64)
  expect(Math.max(...lengths('AWS::Lambda::Function', 'Description'))).toBeLessThanOrEqual(256)
  expect(Math.max(...lengths('AWS::Events::Rule', 'Name'))).toBeLessThanOrEqual(64)
  expect(Math.max(...lengths('AWS::SQS::Queue', 'QueueName'))).toBeLessThanOrEqual(80)
  expect(Math.max(...lengths('AWS::Events::Archive', 'ArchiveName'))).toBeLessThanOrEqual(48)
  for (const { Properties } of resourcesOf('AWS::Events::Rule')) {
    expect(JSON.stringify(Properties.EventPattern ?? {}).length).toBeLessThanOrEqual(2048)
  }
  for (const { detailType } of EVENTS) expect(detailType.length).toBeLessThanOrEqual(128)
})
