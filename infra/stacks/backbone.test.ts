import { EVENTS } from '../../contracts/generated/events.ts'
import { dev } from '../config/dev.ts'
import { prod } from '../config/prod.ts'
import { synthesized } from '../synthesized.ts'

test('every event that is said on the bus is archived, for as long as configured, whatever becomes of the stack', async () => {
  const [archive] = (await synthesized(dev)).resourcesOf('AWS::Events::Archive')
  expect(archive?.Properties).toMatchObject({
    ArchiveName: 'messageai-media-dev',
    EventPattern: { source: ['messageai.media'] },
    RetentionDays: 30,
  })
  expect(archive?.DeletionPolicy).toBe('Retain')
  const [forever] = (await synthesized(prod)).resourcesOf('AWS::Events::Archive')
  expect(forever?.Properties.RetentionDays ?? 0).toBe(0)
})

test('the registry has a schema of every event', async () => {
  const app = await synthesized(dev)
  const names = app.resourcesOf('AWS::EventSchemas::Schema').map(({ Properties }) => Properties.SchemaName)
  expect(names.sort()).toEqual(EVENTS.map(({ detailType }) => `messageai.media@${detailType}`).sort())
})

test('alarms reach the address of the configuration', async () => {
  const app = await synthesized({ ...dev, alarmEmail: 'ops@messageai.media' })
  expect(app.resourcesOf('AWS::SNS::Subscription').map(({ Properties }) => Properties)).toEqual([
    expect.objectContaining({ Protocol: 'email', Endpoint: 'ops@messageai.media' }),
  ])
})

test('what no rule could deliver waits 14 days and raises an alarm', async () => {
  const app = await synthesized(dev)
  expect(app.named('AWS::SQS::Queue', 'messageai-dev-undelivered').Properties.MessageRetentionPeriod).toBe(14 * 86_400)
  expect(app.named('AWS::CloudWatch::Alarm', 'messageai-dev-undelivered').Properties.Threshold).toBe(0)
  for (const { Properties } of app.resourcesOf('AWS::Events::Rule').filter((rule) => rule.Properties.EventPattern)) {
    for (const target of Properties.Targets) {
      expect(JSON.stringify(target.DeadLetterConfig)).toMatch(/Undelivered/)
    }
  }
})
