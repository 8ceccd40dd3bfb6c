import { AwsError } from '../aws-json/error.ts'
import { declareBus, eventsArn, functionArn, photo, type ServedEvents, serveEvents, sqsArn } from './serve-for-test.ts'

let served: ServedEvents

beforeEach(async () => {
  served = await serveEvents()
  declareBus(served)
})

afterEach(() => served.close())

function declareTarget(target: Record<string, unknown>, name = 'to'): void {
  served.declare('AWS::Events::Rule', {
    Name: name,
    EventBusName: 'media',
    EventPattern: { source: ['chat.media'] },
    Targets: [{ Id: 't', Arn: functionArn, DeadLetterConfig: { Arn: `${sqsArn}:dead` }, ...target }],
  })
}

const deadAttributes = () =>
  served
    .received('dead')
    .map(({ messageAttributes }) =>
      Object.fromEntries(Object.entries(messageAttributes).map(([name, { StringValue }]) => [name, StringValue])),
    )

describe('an input transformer', () => {
  // The examples are those of EventBridge's user guide, on this event.
  const transform = async (InputTemplate: string, InputPathsMap: Record<string, string> = PATHS) => {
    declareTarget({ InputTransformer: { InputPathsMap, InputTemplate } })
    await served.put(photo)
    return served.invoked.at(-1)
  }
  const PATHS = {
    kind: '$.detail.kind',
    size: '$.detail.size',
    detail: '$.detail',
    first: '$.resources[0]',
    no: '$.detail.no',
  }

  test.each([
    ['"<kind> of <size> bytes in <first>"', '"image of 1.5 bytes in arn:aws:s3:::uploads"'],
    ['{"kind": <kind>, "size": <size>}', '{"kind": "image", "size": 1.5}'],
    ['{"kind": "<kind>", "all": <detail>}', '{"kind": "image", "all": {"kind":"image","size":1.5}}'],
    ['"text of <detail>"', '"text of {\\"kind\\":\\"image\\",\\"size\\":1.5}"'],
    ['{"quote": "a \\"<kind>\\"", "gone": "<no>"}', '{"quote": "a \\"image\\"", "gone": ""}'],
    ['<detail>', '{"kind":"image","size":1.5}'],
    ['{"rule": "<aws.events.rule-name>"}', '{"rule": "to"}'],
    ['{"rule": <aws.events.rule-arn>}', `{"rule": "${eventsArn}:rule/media/to"}`],
  ])('makes %s into %s', async (template, expected) => {
    expect(await transform(template)).toBe(expected)
  })

  test('knows the whole event, with and without its detail', async () => {
    const whole = JSON.parse((await transform('{"a": <aws.events.event.json>, "b": <aws.events.event>}')) ?? '')
    expect(whole.a.detail).toEqual({ kind: 'image', size: 1.5 })
    expect(whole.b).toEqual({ ...whole.a, detail: undefined })
    expect(await transform('{"at": <aws.events.event.ingestion-time>}')).toMatch(/^{"at": "20\d\d-.*Z"}$/)
  })

  test('that gives no JSON sends the event to the dead letters', async () => {
    expect(await transform('{"gone": <no>}')).toBeUndefined()
    expect(deadAttributes()).toMatchObject([{ ERROR_CODE: 'INVALID_JSON', RETRY_ATTEMPTS: '0' }])
  })

  test('is refused where it names what it has no path for', () => {
    const transformer = (InputTransformer: object) => () => declareTarget({ InputTransformer })
    expect(transformer({ InputTemplate: '"<who>"' })).toThrow('<who> is not in InputPathsMap')
    expect(transformer({ InputPathsMap: { a: '$..b' }, InputTemplate: '"<a>"' })).toThrow('$..b')
    expect(transformer({ InputPathsMap: { 'aws.x': '$.a' }, InputTemplate: '"x"' })).toThrow('aws.x')
    expect(transformer({})).toThrow('InputTemplate is required')
  })
})

describe('a target that is not well for a while', () => {
  const throttled = new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429)

  test('gets the event later, also over a restart', async () => {
    declareTarget({})
    served.refusal = throttled
    await served.put(photo)
    served.advance(1000)
    expect(served.invoked).toEqual([])
    await served.restart()
    declareBus(served)
    declareTarget({})
    served.events.start()
    served.refusal = undefined
    served.advance(2000)
    expect(served.invoked).toHaveLength(1)
    served.advance(480_000)
    expect(served.invoked).toHaveLength(1)
    expect(deadAttributes()).toEqual([])
  })

  test('loses it to the dead letters after as many tries as its policy has', async () => {
    declareTarget({ RetryPolicy: { MaximumRetryAttempts: 2 } })
    served.refusal = throttled
    await served.put(photo)
    for (let n = 0; n < 2; n++) {
      expect(deadAttributes()).toEqual([])
      served.advance(480_000)
    }
    expect(deadAttributes()).toMatchObject([
      {
        ERROR_CODE: 'THROTTLING',
        ERROR_MESSAGE: 'Rate Exceeded.',
        RETRY_ATTEMPTS: '2',
        EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
        TARGET_ARN: functionArn,
        RULE_ARN: `${eventsArn}:rule/media/to`,
      },
    ])
  })

  test('loses it when the event is older than its policy lets it be', async () => {
    declareTarget({ RetryPolicy: { MaximumEventAgeInSeconds: 60 } })
    served.refusal = throttled
    await served.put(photo)
    served.advance(58_000)
    served.advance(1000)
    served.advance(2000)
    expect(deadAttributes()).toMatchObject([{ EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds' }])
  })

  test('is not tried again where its policy says so', async () => {
    declareTarget({ RetryPolicy: { MaximumRetryAttempts: 0 } })
    served.refusal = throttled
    await served.put(photo)
    expect(deadAttributes()).toMatchObject([{ RETRY_ATTEMPTS: '0' }])
  })

  test('takes nobody else along', async () => {
    declareTarget({})
    served.refusal = throttled
    expect((await served.put(photo)).FailedEntryCount).toBe(0)
    expect(served.received('photos')).toHaveLength(1)
  })

  test.each([
    [{ MaximumRetryAttempts: 186 }, 'MaximumRetryAttempts'],
    [{ MaximumEventAgeInSeconds: 59 }, 'MaximumEventAgeInSeconds'],
  ])('has a policy within bounds: %j is refused', (RetryPolicy, name) => {
    expect(() => declareTarget({ RetryPolicy })).toThrow(name)
  })
})

describe('a bus as a target', () => {
  function declareOther(): void {
    served.declare('AWS::Events::EventBus', { Name: 'other' })
    served.declare('AWS::SQS::Queue', { QueueName: 'theirs' })
    served.declare('AWS::Events::Rule', {
      Name: 'theirs',
      EventBusName: 'other',
      EventPattern: { source: ['chat.media'] },
      Targets: [{ Id: 't', Arn: `${sqsArn}:theirs` }],
    })
    declareTarget({ Arn: `${eventsArn}:event-bus/other` })
  }

  test('takes the event as one of its own', async () => {
    declareOther()
    const { Entries } = await served.put(photo)
    const [message] = served.received('theirs')
    expect(message?.body).toContain('"detail":{"kind":"image","size":1.50}}')
    expect(JSON.parse(message?.body ?? '')).toMatchObject({ source: 'chat.media', time: '2026-03-04T05:06:07Z' })
    expect(JSON.parse(message?.body ?? '').id).not.toBe(Entries?.[0]?.EventId)
  })

  test('does not send it round in a circle for ever', async () => {
    declareOther()
    served.declare('AWS::Events::Rule', {
      Name: 'back',
      EventBusName: 'other',
      EventPattern: { source: ['chat.media'] },
      Targets: [{ Id: 't', Arn: `${eventsArn}:event-bus/media` }],
    })
    await served.put(photo)
    expect(served.received('photos').length).toBeLessThan(5)
  })
})
