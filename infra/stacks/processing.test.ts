import { join } from 'node:path'
import type { Consumer, Need } from '../../consumers/runtime/define-consumer.ts'
import { readSchemaFiles } from '../../contracts/build/schema.ts'
import { deadlineSeconds } from '../../contracts/limits.ts'
import { livePattern } from '../../events/pattern.ts'
import { examplesOf } from '../build/routing.ts'
import { dev } from '../config/dev.ts'
import { matchesPattern } from '../local/eventbridge/pattern.ts'
import { type Synthesized, synthesized } from '../synthesized.ts'

const EXAMPLES = examplesOf(readSchemaFiles(join(import.meta.dirname, '../..')))

let app: Synthesized
beforeAll(async () => {
  app = await synthesized(dev)
})

const consumers = () => app.declarations.consumers.map(({ declaration }) => declaration)
const queueNamed = (name: string) => app.named('AWS::SQS::Queue', name)
const arnOf = ({ logicalId }: { logicalId: string }) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] })
const mappingsOf = (functionName: string) => {
  const { logicalId } = app.named('AWS::Lambda::Function', functionName)
  return app
    .resourcesOf('AWS::Lambda::EventSourceMapping')
    .filter(({ Properties }) => Properties.FunctionName.Ref === logicalId)
    .map(({ Properties }) => Properties)
}

test('every consumer has a live lane and a replay lane, each a rule to a queue of its own, and one function behind both', () => {
  expect(consumers().length).toBeGreaterThan(0)
  for (const { name, resources } of consumers()) {
    const lanes = [
      [`messageai-dev-${name}`, resources.concurrency],
      [`messageai-dev-${name}-replay`, 2],
    ] as const
    for (const [lane, concurrency] of lanes) {
      const queue = queueNamed(lane)
      const rule = app.named('AWS::Events::Rule', lane)
      expect(rule.Properties.Targets).toEqual([
        { Id: 'queue', Arn: arnOf(queue), DeadLetterConfig: { Arn: expect.anything() } },
      ])
      expect(rule.Properties.EventBusName).toEqual({
        'Fn::ImportValue': expect.stringContaining('messageai-dev-backbone'),
      })
      const mapping = mappingsOf(`messageai-dev-${name}`).filter(
        ({ EventSourceArn }) => JSON.stringify(EventSourceArn) === JSON.stringify(arnOf(queue)),
      )
      expect(mapping).toEqual([
        expect.objectContaining({
          BatchSize: resources.batchSize,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          ScalingConfig: { MaximumConcurrency: concurrency },
        }),
      ])
    }
    expect(mappingsOf(`messageai-dev-${name}`)).toHaveLength(2)
  }
})

test('live rules leave replayed events out, and replay rules take nothing else', () => {
  for (const { name } of consumers()) {
    const live = app.named('AWS::Events::Rule', `messageai-dev-${name}`).Properties.EventPattern
    const replay = app.named('AWS::Events::Rule', `messageai-dev-${name}-replay`).Properties.EventPattern
    expect(live.source).toEqual(['messageai.media'])
    for (const alternative of live.$or ?? [live]) {
      expect(alternative['replay-name']).toEqual([{ exists: false }])
      expect(alternative.detail.meta.replay.id).toEqual([{ exists: false }])
    }
    expect(replay.source).toEqual(['messageai.media'])
    for (const alternative of replay.$or) {
      const isReplayed = alternative['replay-name']?.[0]?.exists === true
      if (!isReplayed) expect(alternative.detail.meta.replay.lanes).toEqual([name])
    }
  }
})

test('a message stays hidden six times as long as its function may run', () => {
  for (const mapping of app.resourcesOf('AWS::Lambda::EventSourceMapping')) {
    const { EventSourceArn, FunctionName, MaximumBatchingWindowInSeconds = 0, BatchSize } = mapping.Properties
    const queue = app.resources.find(({ logicalId }) => logicalId === EventSourceArn['Fn::GetAtt'][0])
    const fn = app.resources.find(({ logicalId }) => logicalId === FunctionName.Ref)
    expect(queue?.Properties.VisibilityTimeout).toBeGreaterThanOrEqual(
      6 * fn?.Properties.Timeout + MaximumBatchingWindowInSeconds,
    )
    if (BatchSize > 10) expect(MaximumBatchingWindowInSeconds).toBeGreaterThan(0)
  }
})

/** The kinds that its `on` names; where it names none, those that the examples of its events are of. */
const kindsHeardBy = ({ on }: Consumer): readonly string[] =>
  on.flatMap((interest) => {
    const named = 'conditions' in interest ? interest.conditions['kind'] : undefined
    if (Array.isArray(named)) return named
    return EXAMPLES.filter(({ event }) => matchesPattern(livePattern([interest]), event)).map(
      ({ event }) => (event.detail.data as { readonly kind: string }).kind,
    )
  })

test('a message whose function died comes back before the watchdog looks for its media', () => {
  const late = consumers().flatMap((consumer) => {
    const kinds = kindsHeardBy(consumer)
    expect(kinds).not.toEqual([])
    const hidden = queueNamed(`messageai-dev-${consumer.name}`).Properties.VisibilityTimeout
    return kinds
      .filter((kind) => hidden >= deadlineSeconds(kind))
      .map(
        (kind) =>
          `${consumer.name}: hidden for ${hidden} s, and a ${kind} is asked after in ${deadlineSeconds(kind)} s`,
      )
  })
  expect(late).toEqual([])
})

test('what fails five times goes to a dead-letter queue that keeps it 14 days, longer than its queue', () => {
  const queues = app.resourcesOf('AWS::SQS::Queue')
  const withRedrive = queues.filter(({ Properties }) => Properties.RedrivePolicy)
  for (const { Properties } of withRedrive) {
    expect(Properties.RedrivePolicy.maxReceiveCount).toBe(5)
    const [target] = Properties.RedrivePolicy.deadLetterTargetArn['Fn::GetAtt']
    const deadLetters = queues.find(({ logicalId }) => logicalId === target)
    expect(deadLetters?.Properties.QueueName).toMatch(/-dlq$/)
    expect(deadLetters?.Properties.MessageRetentionPeriod).toBe(14 * 86_400)
    expect(Properties.MessageRetentionPeriod).toBeLessThan(14 * 86_400)
  }
  const polled = app.resourcesOf('AWS::Lambda::EventSourceMapping').map(({ Properties }) => Properties.EventSourceArn)
  expect(withRedrive).toHaveLength(polled.length)
})

test('a dead letter, a late message and failing functions each tell the alarm topic', () => {
  for (const { name } of consumers()) {
    const alarm = (what: string) => app.named('AWS::CloudWatch::Alarm', `messageai-dev-${name}-${what}`).Properties
    expect(alarm('dead-letters')).toMatchObject({ MetricName: 'ApproximateNumberOfMessagesVisible', Threshold: 0 })
    expect(alarm('late')).toMatchObject({ MetricName: 'ApproximateAgeOfOldestMessage', Threshold: 900 })
    expect(alarm('errors')).toMatchObject({ Threshold: 1 })
    for (const what of ['dead-letters', 'late', 'errors']) expect(alarm(what).AlarmActions).toHaveLength(1)
  }
})

test('a step that fails by our fault, or is given up, tells the alarm topic, by the line that is logged', () => {
  const failing = consumers().filter(({ emits }) => emits.some(({ name }) => name === 'ProcessingFailed'))
  expect(failing.map(({ name }) => name)).toContain('transcode-video')
  const filters = app.resourcesOf('AWS::Logs::MetricFilter').map(({ Properties }) => Properties)
  const watched = failing.map(({ name }) => ({ name, Namespace: 'messageai-dev-consumers' }))
  for (const { name, Namespace } of [...watched, { name: 'deadlines', Namespace: 'messageai-dev-producers' }]) {
    const filter = filters.find(({ MetricTransformations }) => MetricTransformations[0].MetricName === `${name}-failed`)
    expect(filter?.FilterPattern).toBe('?"\\"outcome\\":\\"failed\\"" ?"\\"recorded\\":\\"failed\\""')
    const log = app.resources.find(({ logicalId }) => logicalId === filter?.LogGroupName.Ref)
    expect(log?.Properties.LogGroupName).toBe(`/aws/lambda/messageai-dev-${name}`)
    const alarm = app.named('AWS::CloudWatch::Alarm', `messageai-dev-${name}-failed`).Properties
    expect(filter?.MetricTransformations).toMatchObject([{ MetricNamespace: Namespace, MetricValue: '1' }])
    expect(alarm).toMatchObject({ MetricName: `${name}-failed`, Namespace, Statistic: 'Sum', Threshold: 0 })
    expect(alarm.AlarmActions).toHaveLength(1)
  }
})

test('functions run on Node 24 and arm64 as their declaration sizes them, with a log that ends', () => {
  const declared = [...app.declarations.consumers, ...app.declarations.producers].map(({ declaration }) => declaration)
  for (const { name, resources } of declared) {
    const { Properties } = app.named('AWS::Lambda::Function', `messageai-dev-${name}`)
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: resources.memoryMb,
      Timeout: resources.timeoutSeconds,
      TracingConfig: { Mode: 'Active' },
    })
    expect(Properties.Environment.Variables).toMatchObject({ ENVIRONMENT: 'dev', AUTH_MODE: 'firebase' })
    const log = app.resources.find(({ logicalId }) => logicalId === Properties.LoggingConfig.LogGroup.Ref)
    expect(log?.Properties).toMatchObject({ LogGroupName: `/aws/lambda/messageai-dev-${name}`, RetentionInDays: 14 })
  }
})

test('sharp comes by a layer to the consumers that need images, and to nobody else', async () => {
  const [first] = app.declarations.consumers
  if (!first) throw new Error('no consumer is declared')
  const declared = (name: string, needs: readonly Need[]) => ({
    ...first,
    declaration: { ...first.declaration, name, needs },
  })
  const two = await synthesized(dev, {
    consumers: [declared('count-words', ['objects']), declared('draw-picture', ['objects', 'images'])],
    producers: [],
  })
  const layers = (name: string) => two.named('AWS::Lambda::Function', `messageai-dev-${name}`).Properties.Layers
  expect(layers('draw-picture')).toEqual([{ Ref: expect.stringMatching(/^Sharp/) }])
  expect(layers('count-words')).toBeUndefined()
})

test('uploads wake their producer from the default bus, and derivatives never do', () => {
  const uploads = app
    .resourcesOf('AWS::Events::Rule')
    .filter(({ Properties }) => Properties.EventPattern?.source?.[0] === 'aws.s3')
  expect(uploads).toHaveLength(1)
  for (const { Properties } of uploads) {
    expect(Properties.EventBusName).toBeUndefined()
    expect(Properties.EventPattern.detail.bucket.name).toEqual(['messageai-media-dev'])
    const woken: string[] = Properties.EventPattern.detail.object.key.map(({ prefix }: { prefix: string }) => prefix)
    const written = consumers().flatMap(({ objectAccess }) => objectAccess.writes ?? [])
    expect(written.length).toBeGreaterThan(0)
    for (const derivative of written) {
      expect(woken.filter((prefix) => derivative.startsWith(prefix) || prefix.startsWith(derivative))).toEqual([])
    }
  }
})

test('a schedule runs its function, does not repeat a run that failed, and tells the alarm topic', () => {
  const rule = app.named('AWS::Events::Rule', 'messageai-dev-deadlines')
  expect(rule.Properties.ScheduleExpression).toBe('rate(1 minute)')
  const { logicalId } = app.named('AWS::Lambda::Function', 'messageai-dev-deadlines')
  expect(rule.Properties.Targets).toEqual([{ Id: 'function', Arn: { 'Fn::GetAtt': [logicalId, 'Arn'] } }])
  expect(app.resourcesOf('AWS::Lambda::EventInvokeConfig').map(({ Properties }) => Properties)).toEqual([
    expect.objectContaining({ FunctionName: { Ref: logicalId }, MaximumRetryAttempts: 0 }),
  ])
  const alarm = app.named('AWS::CloudWatch::Alarm', 'messageai-dev-deadlines-errors').Properties
  expect(alarm).toMatchObject({ Threshold: 1, AlarmActions: [expect.anything()] })
})

it('leaves a check out that is switched off', async () => {
  const [check, other] = ['moderate-content', 'scan-malware']
  const without = await synthesized({ ...dev, checks: [other] })
  const names = without.resourcesOf('AWS::Lambda::Function').map(({ Properties }) => Properties.FunctionName)
  expect(names).toContain(`messageai-dev-${other}`)
  expect(names).not.toContain(`messageai-dev-${check}`)
})
