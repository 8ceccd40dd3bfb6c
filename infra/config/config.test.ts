import { ConfigError, checkConfig, type EnvironmentConfig, missingForDeployment } from './config.ts'
import { dev } from './dev.ts'
import { configFor } from './environments.ts'
import { local } from './local.ts'
import { prod } from './prod.ts'

function problemsOf(config: EnvironmentConfig): readonly string[] {
  try {
    checkConfig(config)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

test('the committed environments can all be used', () => {
  expect([local, dev, prod].map(problemsOf)).toEqual([[], [], []])
})

test('an unknown environment is refused with the known ones', () => {
  expect(() => configFor('staging')).toThrow('there is no environment "staging"; allowed: local, dev, prod')
})

test.each([dev, prod])('$environment refuses tokens of the emulator', (config) => {
  expect(problemsOf({ ...config, authMode: 'emulator' })).toEqual([expect.stringContaining('allowed in local only')])
})

test('prod names the web origins that may call it', () => {
  const open = { ...prod, storage: { ...prod.storage, corsOrigins: ['*'] } }
  expect(problemsOf(open)).toEqual([expect.stringContaining('prod names its web origins')])
})

test.each<[string, Partial<EnvironmentConfig>, string]>([
  ['a region', { region: 'Frankfurt' }, 'region is "Frankfurt"'],
  ['an account', { account: '1234' }, 'twelve digits'],
  ['an e-mail address', { alarmEmail: 'nobody' }, 'alarmEmail'],
  ['a retention as long as that of dead letters', { queueRetention: 14 }, 'queueRetention is 14'],
  ['a log retention that CloudWatch has not', { logRetention: 8 }, 'logRetention is 8'],
  ['an archive of no days', { archive: 0 }, 'archive is 0'],
  ['a project id', { firebase: { projectId: 'A' } }, 'firebase.projectId'],
  ['a bucket name', { storage: { ...dev.storage, bucketName: 'media.example' } }, 'storage.bucketName'],
  [
    'an origin with a path',
    { storage: { ...dev.storage, corsOrigins: ['https://a.example/x'] } },
    'an origin is scheme and host',
  ],
])('%s that cannot be used is named', (_, change, problem) => {
  expect(problemsOf({ ...dev, ...change })).toEqual([expect.stringContaining(problem)])
})

test('all problems are told at once', () => {
  expect(problemsOf({ ...prod, region: 'x', logRetention: 2, authMode: 'emulator' })).toHaveLength(3)
})

test('a deployment asks for a way to Firestore and for somebody who hears alarms', () => {
  expect(missingForDeployment(dev)).toEqual([
    expect.stringContaining('firebase.workloadIdentity'),
    expect.stringContaining('alarmEmail'),
  ])
  const complete: EnvironmentConfig = {
    ...dev,
    alarmEmail: 'ops@messageai.media',
    firebase: {
      projectId: 'messageai-dev',
      workloadIdentity: {
        projectNumber: '123456789012',
        pool: 'aws-lambda',
        provider: 'messageai-dev',
        serviceAccount: 'media@messageai-dev.iam.gserviceaccount.com',
      },
    },
  }
  expect(problemsOf(complete)).toEqual([])
  expect(missingForDeployment(complete)).toEqual([])
})
