import { jobTemplateSettings } from '../../ports/transcoder/job-template.ts'
import { dev } from '../config/dev.ts'
import { type Synthesized, synthesized } from '../synthesized.ts'

let app: Synthesized
beforeAll(async () => {
  app = await synthesized(dev)
})

interface Statement {
  readonly Action: string | readonly string[]
  readonly Resource: unknown
  readonly Condition?: unknown
}

const only = (type: string) => {
  const [found, ...more] = app.resourcesOf(type)
  if (!found || more.length > 0) throw new Error(`${more.length + 1} of ${type}`)
  return found
}
const role = () => app.named('AWS::IAM::Role', 'messageai-dev-transcoder')
/** Of the policies that are attached to a role. */
const statementsOf = (roleName: string): readonly Statement[] => {
  const { logicalId } = app.named('AWS::IAM::Role', roleName)
  return app
    .resourcesOf('AWS::IAM::Policy')
    .filter(({ Properties }) => JSON.stringify(Properties.Roles).includes(`"${logicalId}"`))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
}
const jobActionsOf = (name: string) =>
  statementsOf(`messageai-dev-${name}`)
    .flatMap(({ Action }) => Action)
    .filter((action) => action.startsWith('mediaconvert:'))
    .sort()
const arnOf = ({ logicalId }: { logicalId: string }) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] })
const variablesOf = (name: string) =>
  app.named('AWS::Lambda::Function', `messageai-dev-${name}`).Properties.Environment.Variables

test('the job template is the ladder, on a queue that is paid by the minute', () => {
  const template = only('AWS::MediaConvert::JobTemplate').Properties
  expect(template).toMatchObject({
    Name: 'messageai-dev-ladder',
    SettingsJson: jobTemplateSettings(),
    StatusUpdateInterval: 'SECONDS_10',
    Queue: arnOf(only('AWS::MediaConvert::Queue')),
  })
  expect(only('AWS::MediaConvert::Queue').Properties).toMatchObject({ PricingPlan: 'ON_DEMAND', Status: 'ACTIVE' })
})

test('MediaConvert reads copies and writes streams, of this account’s jobs alone', () => {
  expect(role().Properties.AssumeRolePolicyDocument.Statement).toEqual([
    expect.objectContaining({
      Principal: { Service: 'mediaconvert.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    }),
  ])
  const allowed = statementsOf('messageai-dev-transcoder').map(({ Action, Resource }) => [
    Action,
    /"\/(videos\/[^"]*)"/.exec(JSON.stringify(Resource))?.[1],
  ])
  expect(allowed).toEqual([
    ['s3:GetObject', 'videos/source/*'],
    ['s3:PutObject', 'videos/hls/*'],
  ])
})

test('who starts jobs may do that, on that queue, with that template and that role', () => {
  const statements = statementsOf('messageai-dev-transcode-video')
  const on = (action: string) => statements.find(({ Action }) => Action === action)
  expect(on('mediaconvert:CreateJob')?.Resource).toEqual(arnOf(only('AWS::MediaConvert::Queue')))
  expect(on('mediaconvert:GetJobTemplate')?.Resource).toEqual(arnOf(only('AWS::MediaConvert::JobTemplate')))
  expect(on('iam:PassRole')).toMatchObject({
    Resource: arnOf(role()),
    Condition: { StringEquals: { 'iam:PassedToService': 'mediaconvert.amazonaws.com' } },
  })
  // To end what it started for a media that went meanwhile.
  expect(jobActionsOf('transcode-video')).toEqual([
    'mediaconvert:CancelJob',
    'mediaconvert:CreateJob',
    'mediaconvert:GetJob',
    'mediaconvert:GetJobTemplate',
  ])
  expect(variablesOf('transcode-video')).toMatchObject({
    MEDIACONVERT_ROLE_ARN: arnOf(role()),
    MEDIACONVERT_JOB_TEMPLATE: { Ref: only('AWS::MediaConvert::JobTemplate').logicalId },
    MEDIACONVERT_QUEUE_ARN: arnOf(only('AWS::MediaConvert::Queue')),
  })
})

test('who looks after lost news may ask for jobs, who hears of them may end them, and neither may start one', () => {
  const end = ['mediaconvert:CancelJob', 'mediaconvert:GetJob']
  const ask = ['mediaconvert:GetJob']
  const names = app.declarations.producers.map(({ declaration: { name } }) => name)
  const allowed = names.map((name) => [name, jobActionsOf(name)] as const).filter(([, actions]) => actions.length > 0)
  expect(Object.fromEntries(allowed)).toEqual({
    'mediaconvert-job-state': end,
    deadlines: ask,
    'override-moderation': ask,
  })
  for (const [name] of allowed) {
    expect(statementsOf(`messageai-dev-${name}`).flatMap(({ Action }) => Action)).not.toContain('iam:PassRole')
    expect(variablesOf(name)).not.toHaveProperty('MEDIACONVERT_ROLE_ARN')
  }
})

test('news of this product’s jobs alone wakes who tells of them', () => {
  const rule = app.named('AWS::Events::Rule', 'messageai-dev-mediaconvert-job-state').Properties
  expect(rule.EventPattern).toEqual({
    source: ['aws.mediaconvert'],
    'detail-type': ['MediaConvert Job State Change'],
    detail: {
      status: ['STATUS_UPDATE', 'COMPLETE', 'ERROR', 'CANCELED'],
      userMetadata: { product: ['messageai-media'] },
    },
  })
})
