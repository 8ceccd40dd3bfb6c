import type { Provisioned, Provisioner, ResourceDeclaration } from './cloud.ts'

/** A type that a deployment needs and a local run does not; it still answers what templates ask of it. */
export interface PassiveType {
  /** Why leaving it out changes nothing that a program here can see. */
  readonly reason: string
  provision(resource: ResourceDeclaration, place: Place): Provisioned
}

interface Place {
  readonly region: string
  readonly accountId: string
}

const nameFrom = ({ properties, generatedName }: ResourceDeclaration, property: string): string => {
  const name = properties[property]
  return typeof name === 'string' ? name : generatedName
}

const onlyRef = ({ generatedName }: ResourceDeclaration): Provisioned => ({ ref: generatedName, attributes: {} })

const ONE_PAIR = 'there is one pair of credentials here, and it may do everything'
const NO_METRICS = 'no metrics are collected here'

/** Every type that is accepted without running. */
export const passiveTypes: Readonly<Record<string, PassiveType>> = {
  'AWS::IAM::Role': {
    reason: ONE_PAIR,
    provision: (resource, { accountId }) => {
      const name = nameFrom(resource, 'RoleName')
      return { ref: name, attributes: { Arn: `arn:aws:iam::${accountId}:role/${name}`, RoleId: name } }
    },
  },
  'AWS::IAM::Policy': {
    reason: ONE_PAIR,
    provision: (resource) => ({ ref: resource.generatedName, attributes: { Id: resource.generatedName } }),
  },
  'AWS::IAM::ManagedPolicy': {
    reason: ONE_PAIR,
    provision: (resource, { accountId }) => {
      const arn = `arn:aws:iam::${accountId}:policy/${nameFrom(resource, 'ManagedPolicyName')}`
      return { ref: arn, attributes: { PolicyArn: arn } }
    },
  },
  'AWS::Lambda::Permission': { reason: ONE_PAIR, provision: onlyRef },
  'AWS::Logs::LogGroup': {
    reason: "functions write to the runtime's own log",
    provision: (resource, { region, accountId }) => {
      const name = nameFrom(resource, 'LogGroupName')
      return { ref: name, attributes: { Arn: `arn:aws:logs:${region}:${accountId}:log-group:${name}:*` } }
    },
  },
  'AWS::Logs::ResourcePolicy': { reason: ONE_PAIR, provision: onlyRef },
  'AWS::Logs::MetricFilter': { reason: NO_METRICS, provision: onlyRef },
  'AWS::Logs::QueryDefinition': {
    reason: 'a saved question to logs that are not collected here',
    provision: (resource) => ({
      ref: resource.generatedName,
      attributes: { QueryDefinitionId: resource.generatedName },
    }),
  },
  'AWS::CloudWatch::Alarm': {
    reason: NO_METRICS,
    provision: (resource, place) => alarm(nameFrom(resource, 'AlarmName'), place),
  },
  'AWS::CloudWatch::CompositeAlarm': {
    reason: NO_METRICS,
    provision: (resource, place) => alarm(nameFrom(resource, 'AlarmName'), place),
  },
  'AWS::CloudWatch::Dashboard': {
    reason: NO_METRICS,
    provision: (resource) => ({ ref: nameFrom(resource, 'DashboardName'), attributes: {} }),
  },
  'AWS::SNS::Topic': {
    reason: 'alarms speak to it, and none rings here; a rule or function that publishes to it is refused',
    provision: (resource, { region, accountId }) => {
      const name = nameFrom(resource, 'TopicName')
      const arn = `arn:aws:sns:${region}:${accountId}:${name}`
      return { ref: arn, attributes: { TopicArn: arn, TopicName: name } }
    },
  },
  'AWS::SNS::TopicPolicy': { reason: ONE_PAIR, provision: onlyRef },
  'AWS::SNS::Subscription': { reason: 'nothing is published to topics here', provision: onlyRef },
  'AWS::ApiGateway::Account': {
    reason: 'it names the role under which API Gateway writes logs',
    provision: (resource) => ({ ref: resource.generatedName, attributes: { Id: resource.generatedName } }),
  },
  'AWS::CDK::Metadata': { reason: 'it tells AWS which constructs an app uses', provision: onlyRef },
}

/** Provisioners that make nothing and answer `Ref` and `Fn::GetAtt` with well-formed values. */
export function passiveProvisioners(place: Place): Readonly<Record<string, Provisioner>> {
  const entries = Object.entries(passiveTypes).map(([type, passive]): [string, Provisioner] => [
    type,
    (resource) => passive.provision(resource, place),
  ])
  return Object.fromEntries(entries)
}

function alarm(name: string, { region, accountId }: Place): Provisioned {
  return { ref: name, attributes: { Arn: `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}` } }
}
