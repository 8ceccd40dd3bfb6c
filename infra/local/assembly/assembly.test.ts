// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub spells its variables so
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Provisioner, ResourceDeclaration } from '../cloud.ts'
import { type ProvisionedAssembly, type ProvisionOptions, provision } from './provision.ts'
import { readAssembly } from './read.ts'
import type { Stack, Template } from './template.ts'

let made: ResourceDeclaration[]

const record: Provisioner = (resource) => {
  made.push(resource)
  if (resource.properties['Refused'] !== undefined) throw new Error('Refused is not run here')
  return { ref: resource.generatedName, attributes: { Arn: `arn:${resource.logicalId}`, 'Outputs.Url': 'https://x' } }
}

function run(templates: Record<string, Template>, options: Partial<ProvisionOptions> = {}): ProvisionedAssembly {
  const stacks = Object.entries(templates).map(([name, template]): Stack => ({ name, template, assets: new Map() }))
  return provision(stacks, {
    region: 'eu-central-1',
    accountId: '123456789012',
    provisioners: { Thing: record },
    ...options,
  })
}

function resolved(value: unknown, rest: object = {}): unknown {
  run({ S: { Resources: { It: { Type: 'Thing', Properties: { value } }, Other: { Type: 'Thing' } }, ...rest } })
  return made.find(({ logicalId }) => logicalId === 'It')?.properties['value']
}

const order = (): string[] => made.map(({ stack, logicalId }) => `${stack}.${logicalId}`)

beforeEach(() => {
  made = []
})

const rest = {
  Parameters: {
    Name: { Type: 'String', Default: 'media' },
    Zones: { Type: 'CommaDelimitedList', Default: 'a,b' },
    Open: { Type: 'String' },
  },
  Mappings: { Sizes: { small: { Memory: 128 } } },
  Conditions: {
    Yes: { 'Fn::Equals': [{ Ref: 'Name' }, 'media'] },
    No: { 'Fn::Not': [{ Condition: 'Yes' }] },
    Both: { 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] },
    Either: { 'Fn::Or': [{ Condition: 'Yes' }, { Condition: 'No' }] },
  },
}

test.each<[string, unknown, unknown]>([
  ['Ref of a resource', { Ref: 'Other' }, 'S-Other'],
  ['Ref of a parameter', { Ref: 'Name' }, 'media'],
  ['Ref of a list', { Ref: 'Zones' }, ['a', 'b']],
  ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['Other', 'Arn'] }, 'arn:Other'],
  ['Fn::GetAtt as text', { 'Fn::GetAtt': 'Other.Arn' }, 'arn:Other'],
  ['an attribute with a dot', { 'Fn::GetAtt': ['Other', 'Outputs.Url'] }, 'https://x'],
  [
    'Fn::Sub',
    { 'Fn::Sub': 'a-${Other}-${Other.Arn}-${AWS::Region}-${!Literal}' },
    'a-S-Other-arn:Other-eu-central-1-${Literal}',
  ],
  [
    'Fn::Sub with variables',
    { 'Fn::Sub': ['${x}-${Name}', { x: { 'Fn::GetAtt': ['Other', 'Arn'] } }] },
    'arn:Other-media',
  ],
  ['Fn::Join', { 'Fn::Join': ['/', ['a', { Ref: 'Name' }]] }, 'a/media'],
  ['Fn::Join of a list', { 'Fn::Join': ['+', { Ref: 'Zones' }] }, 'a+b'],
  [
    'Fn::Select of Fn::Split',
    { 'Fn::Select': [1, { 'Fn::Split': [':', { 'Fn::GetAtt': ['Other', 'Arn'] }] }] },
    'Other',
  ],
  ['Fn::If', { 'Fn::If': ['Yes', 'then', 'else'] }, 'then'],
  ['Fn::And', { 'Fn::If': ['Both', 'then', 'else'] }, 'else'],
  ['Fn::Or', { 'Fn::If': ['Either', 'then', 'else'] }, 'then'],
  ['Fn::FindInMap', { 'Fn::FindInMap': ['Sizes', 'small', 'Memory'] }, 128],
  ['Fn::Base64', { 'Fn::Base64': 'hello' }, 'aGVsbG8='],
  ['AWS::AccountId', { Ref: 'AWS::AccountId' }, '123456789012'],
  ['AWS::NoValue in an object', { kept: 1, gone: { Ref: 'AWS::NoValue' } }, { kept: 1 }],
  ['AWS::NoValue in a list', [1, { 'Fn::If': ['No', 2, { Ref: 'AWS::NoValue' }] }], [1]],
  ['a policy with a Condition', { Condition: { Bool: { x: true } } }, { Condition: { Bool: { x: true } } }],
])('%s', (_name, value, expected) => {
  expect(resolved(value, rest)).toEqual(expected)
})

test('a property that is AWS::NoValue is not there', () => {
  resolved({ Ref: 'AWS::NoValue' })
  expect(made.find(({ logicalId }) => logicalId === 'It')?.properties).toEqual({})
})

test('resources are made after what they refer to, across stacks and by every way of referring', () => {
  const { outputs } = run({
    Consumers: {
      Resources: {
        Mapping: { Type: 'Thing', DependsOn: ['Late'], Properties: { fn: { Ref: 'Function' } } },
        Function: {
          Type: 'Thing',
          Properties: { env: { 'Fn::GetStackOutput': { StackName: 'Storage', OutputName: 'Bucket' } } },
        },
        Late: { Type: 'Thing', Properties: { arn: { 'Fn::ImportValue': { 'Fn::Sub': '${AWS::Partition}-queue' } } } },
      },
    },
    Storage: {
      Resources: { Queue: { Type: 'Thing' }, Bucket: { Type: 'Thing', DependsOn: 'Queue' } },
      Outputs: {
        Bucket: { Value: { Ref: 'Bucket' } },
        Exported: {
          Value: { 'Fn::GetAtt': ['Queue', 'Arn'] },
          Export: { Name: { 'Fn::Join': ['-', [{ Ref: 'AWS::Partition' }, 'queue']] } },
        },
      },
    },
  })
  expect(order()).toEqual([
    'Storage.Queue',
    'Consumers.Late',
    'Storage.Bucket',
    'Consumers.Function',
    'Consumers.Mapping',
  ])
  expect(outputs).toEqual({ Consumers: {}, Storage: { Bucket: 'Storage-Bucket', Exported: 'arn:Queue' } })
})

test('what has a false condition is not made, and whoever depends on it goes on without', () => {
  run({
    S: {
      Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
      Resources: {
        Absent: { Type: 'Nobody::Runs', Condition: 'Never' },
        There: { Type: 'Thing', DependsOn: 'Absent', Properties: { x: { 'Fn::If': ['Never', { Ref: 'Absent' }, 1] } } },
      },
      Outputs: { Hidden: { Condition: 'Never', Value: { Ref: 'Absent' } } },
    },
  })
  expect(order()).toEqual(['S.There'])
})

test('one error names every problem of every stack, each once', () => {
  const start = () =>
    run({
      A: {
        Resources: {
          Odd: { Type: 'AWS::Odd::Type' },
          Picky: { Type: 'Thing', Properties: { Refused: true } },
          Hangs: { Type: 'Thing', Properties: { on: { Ref: 'Picky' } } },
          Asks: {
            Type: 'Thing',
            Properties: { a: { 'Fn::GetAtt': ['Fine', 'Nope'] }, b: { 'Fn::GetAZs': '' }, c: { Ref: 'Ghost' } },
          },
          Fine: { Type: 'Thing' },
          Nested: { Type: 'AWS::CloudFormation::Stack' },
        },
      },
      B: {
        Resources: {
          Custom: { Type: 'Custom::S3AutoDelete' },
          Secret: { Type: 'Thing', Properties: { s: '{{resolve:ssm:/x}}' } },
        },
        Outputs: { Lost: { Value: { 'Fn::GetStackOutput': { StackName: 'A', OutputName: 'None' } } } },
      },
    })
  expect(start).toThrow(
    [
      '9 parts of the assembly cannot run locally:',
      '  A/Odd (AWS::Odd::Type): this type is not run here; allowed: Thing',
      '  A/Picky (Thing): Refused is not run here',
      '  A/Asks (Thing): a: Fn::GetAtt Fine.Nope: Thing has no such attribute here; allowed: Arn, Outputs.Url',
      '  A/Asks (Thing): b: Fn::GetAZs is not evaluated here; allowed: Ref, Condition,',
    ].join('\n'),
  )
  expect(start).toThrow('A/Asks (Thing): c: Ghost is not a resource of stack A')
  expect(start).toThrow('A/Nested (AWS::CloudFormation::Stack): nested stacks are not run here')
  expect(start).toThrow('B/Custom (Custom::S3AutoDelete): custom resources are not run here')
  expect(start).toThrow('B/Secret (Thing): s: the dynamic reference {{resolve:ssm:/x}} is read by a deployment only')
  expect(start).toThrow('B/Outputs.Lost: stack A has no output None')
  expect(start).not.toThrow('A/Hangs')
})

test('a cycle is told from end to end', () => {
  const start = () =>
    run({
      S: {
        Resources: {
          A: { Type: 'Thing', Properties: { b: { Ref: 'B' } } },
          B: { Type: 'Thing', Properties: { c: { 'Fn::GetAtt': ['C', 'Arn'] } } },
          C: { Type: 'Thing', DependsOn: 'A' },
        },
      },
    })
  expect(start).toThrow('it depends on itself: S/A → S/B → S/C → S/A')
})

test('a parameter without a value is a problem only where it is used', () => {
  const parameters = {
    Parameters: {
      BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk' },
      Open: { Type: 'String' },
    },
  }
  expect(() => resolved(1, parameters)).not.toThrow()
  expect(() => resolved({ Ref: 'Open' }, parameters)).toThrow('Ref Open: the parameter has no default')
  expect(() => resolved({ Ref: 'BootstrapVersion' }, parameters)).toThrow('read from SSM')
})

test('the strings of properties and outputs pass through rewrite', () => {
  const { outputs } = run(
    {
      S: {
        Resources: { It: { Type: 'Thing', Properties: { deep: [{ url: 'https://far' }] } } },
        Outputs: { Url: { Value: { 'Fn::Join': ['', ['https://', 'far']] } } },
      },
    },
    { rewrite: (text) => text.replace('https://far', 'http://near') },
  )
  expect(made[0]?.properties).toEqual({ deep: [{ url: 'http://near' }] })
  expect(outputs).toEqual({ S: { Url: 'http://near' } })
})

describe('an assembly on disk', () => {
  let folder: string
  const write = (name: string, value: object) => writeFileSync(join(folder, name), JSON.stringify(value))

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'assembly-')))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const stack = (templateFile: string, dependencies: string[] = []) => ({
    type: 'aws:cloudformation:stack',
    properties: { templateFile },
    dependencies,
  })

  test('gives its stacks, dependencies first, with the real folders of their assets', () => {
    mkdirSync(join(folder, 'asset.1'))
    write('manifest.json', {
      artifacts: {
        Second: stack('second.json', ['First', 'Second.assets']),
        'Second.assets': { type: 'cdk:asset-manifest', properties: { file: 'assets.json' } },
        First: { ...stack('first.json'), properties: { templateFile: 'first.json', stackName: 'media-first' } },
      },
    })
    write('first.json', { Resources: {} })
    write('second.json', { Resources: {}, Rules: { CheckBootstrapVersion: {} } })
    write('assets.json', {
      files: { 1: { source: { path: 'asset.1' }, destinations: { here: { objectKey: '1.zip' } } } },
    })

    const stacks = readAssembly(folder)
    expect(stacks.map(({ name }) => name)).toEqual(['media-first', 'Second'])
    expect(stacks[1]?.assets.get('1.zip')).toBe(join(folder, 'asset.1'))
  })

  test('is refused where it holds sections that only a deployment runs', () => {
    write('manifest.json', { artifacts: { S: stack('s.json') } })
    write('s.json', { Transform: 'AWS::Serverless-2016-10-31', Rules: { Mine: {} } })
    expect(() => readAssembly(folder)).toThrow(
      /2 parts .*\n {2}S\/Transform: this section is not run here.*\n {2}S\/Rules/,
    )
  })

  test('is refused where it is none, or was synthesized without its look-ups', () => {
    expect(() => readAssembly(folder)).toThrow('is no cloud assembly')
    write('manifest.json', { artifacts: {}, missing: [{ key: 'availability-zones' }] })
    expect(() => readAssembly(folder)).toThrow('without context that it looks up in an account: availability-zones')
  })
})
