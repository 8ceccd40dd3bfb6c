import { GATEWAY_PROBLEMS, PROBLEMS } from '../../producers/client-actions/problem.ts'
import { dev } from '../config/dev.ts'
import { type Synthesized, synthesized } from '../synthesized.ts'

let app: Synthesized
beforeAll(async () => {
  app = await synthesized(dev)
})

const methods = () => app.resourcesOf('AWS::ApiGateway::Method').map(({ Properties }) => Properties)

test('every declared route exists, behind the authorizer; only preflights are open', () => {
  const declared = app.declarations.producers.filter(({ declaration }) => declaration.trigger.kind === 'api')
  const routes = methods().filter(({ HttpMethod }) => HttpMethod !== 'OPTIONS')
  expect(routes).toHaveLength(declared.length)
  for (const route of routes) {
    expect(route.AuthorizationType).toBe('CUSTOM')
    expect(route.AuthorizerId).toBeDefined()
    expect(route.Integration.Type).toBe('AWS_PROXY')
  }
  for (const preflight of methods().filter(({ HttpMethod }) => HttpMethod === 'OPTIONS')) {
    expect(preflight.Integration.Type).toBe('MOCK')
  }
})

test('callers are known by the Authorization header, checked anew after a minute', () => {
  const [authorizer, ...others] = app.resourcesOf('AWS::ApiGateway::Authorizer')
  expect(others).toEqual([])
  expect(authorizer?.Properties).toMatchObject({
    Type: 'TOKEN',
    IdentitySource: 'method.request.header.Authorization',
    AuthorizerResultTtlInSeconds: 60,
  })
  const shape = new RegExp(authorizer?.Properties.IdentityValidationExpression)
  expect('Bearer a-b_c.d'.match(shape)).not.toBeNull()
  expect('Basic dXNlcjpwYXNz'.match(shape)).toBeNull()
})

test('bodies are held to the schema of their route before a function runs', () => {
  const bodies = app.declarations.producers.flatMap(({ declaration: { trigger } }) =>
    trigger.kind === 'api' && trigger.body ? [trigger.body] : [],
  )
  const models = app.resourcesOf('AWS::ApiGateway::Model').map(({ Properties }) => Properties)
  expect(models.map(({ Schema }) => Schema)).toEqual(
    bodies.map((body) => ({ $schema: 'http://json-schema.org/draft-04/schema#', ...body })),
  )
  const validated = methods().filter(({ RequestModels }) => RequestModels)
  expect(validated).toHaveLength(bodies.length)
  for (const method of validated) expect(method.RequestValidatorId).toBeDefined()
})

test('the stage is throttled as configured and writes an access log without tokens', () => {
  const [stage] = app.resourcesOf('AWS::ApiGateway::Stage')
  expect(stage?.Properties.MethodSettings).toEqual([
    expect.objectContaining({
      HttpMethod: '*',
      ThrottlingRateLimit: dev.api.requestsPerSecond,
      ThrottlingBurstLimit: dev.api.burst,
      DataTraceEnabled: false,
    }),
  ])
  const format = JSON.parse(stage?.Properties.AccessLogSetting.Format)
  expect(Object.keys(format)).toEqual(expect.arrayContaining(['requestId', 'status', 'latencyMs', 'uid']))
})

test('what the gateway refuses by itself is a problem document that any page may read', () => {
  const responses = app.resourcesOf('AWS::ApiGateway::GatewayResponse').map(({ Properties }) => Properties)
  expect(responses.map(({ ResponseType }) => ResponseType).sort()).toEqual(
    [...Object.keys(GATEWAY_PROBLEMS), 'DEFAULT_4XX'].sort(),
  )
  for (const { ResponseType, StatusCode, ResponseParameters, ResponseTemplates } of responses) {
    expect(ResponseParameters).toMatchObject({
      'gatewayresponse.header.Access-Control-Allow-Origin': "'*'",
      'gatewayresponse.header.Content-Type': "'application/problem+json'",
    })
    const document = JSON.parse(ResponseTemplates['application/json'])
    expect(document).toMatchObject({ type: expect.any(String), detail: expect.any(String), remedy: expect.any(String) })
    if (ResponseType === 'DEFAULT_4XX') continue
    const code = GATEWAY_PROBLEMS[ResponseType as keyof typeof GATEWAY_PROBLEMS]
    expect(document).toMatchObject({ code, status: PROBLEMS[code].status })
    expect(StatusCode).toBe(String(PROBLEMS[code].status))
  }
})

test('authorizers turn callers away by failing, so that only the others raise an alarm for it', () => {
  const alarms = app.resourcesOf('AWS::CloudWatch::Alarm').map(({ Properties }) => Properties.AlarmName)
  expect(alarms).not.toContain('messageai-dev-authorize-errors')
  expect(alarms).toEqual(expect.arrayContaining(['messageai-dev-api-server-errors', 'messageai-dev-get-media-errors']))
})
