import { listProperty, onlyProperties, optionalString } from '../assembly/properties.ts'
import type { Provisioner, ResourceDeclaration } from '../cloud.ts'
import { FIFO_ATTRIBUTE_NAMES } from './attributes.ts'
import type { Parts } from './operations.ts'

/** Properties that are numbers or booleans in templates and attributes of the same name in the API. */
const SCALARS = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'VisibilityTimeout',
  'SqsManagedSseEnabled',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  ...FIFO_ATTRIBUTE_NAMES,
]
/** Objects, or the same as JSON text. */
const DOCUMENTS = ['RedrivePolicy', 'RedriveAllowPolicy']

/** The resource types of the queue service. */
export function createProvisioners({ queues, urlOf }: Pick<Parts, 'queues' | 'urlOf'>): Record<string, Provisioner> {
  return {
    'AWS::SQS::Queue': (resource) => {
      const { properties, generatedName } = resource
      onlyProperties(resource, ['QueueName', 'Tags', ...SCALARS, ...DOCUMENTS])
      const suffix = String(properties['FifoQueue']) === 'true' ? '.fifo' : ''
      const name = optionalString(properties, 'QueueName') ?? generatedName + suffix
      const queue = queues.declare(name, attributesOf(resource), tagsOf(resource))
      return {
        ref: urlOf(queue.name),
        attributes: { Arn: queue.arn, QueueName: queue.name, QueueUrl: urlOf(queue.name) },
      }
    },
    'AWS::SQS::QueuePolicy': (resource) => {
      onlyProperties(resource, ['Queues'], {
        PolicyDocument: 'everyone with the local credentials may do everything',
      })
      return { ref: resource.generatedName, attributes: { Id: resource.generatedName } }
    },
  }
}

function attributesOf({ properties }: ResourceDeclaration): Record<string, string> {
  const attributes: Record<string, string> = {}
  for (const name of SCALARS) {
    const value = properties[name]
    if (value === undefined) continue
    if (typeof value === 'object') throw new Error(`${name} must be a string, a number or a boolean`)
    attributes[name] = String(value)
  }
  for (const name of DOCUMENTS) {
    const value = properties[name]
    if (value !== undefined) attributes[name] = typeof value === 'string' ? value : JSON.stringify(value)
  }
  return attributes
}

function tagsOf({ properties }: ResourceDeclaration): Record<string, string> {
  return Object.fromEntries(
    listProperty(properties, 'Tags').map((tag) => {
      if (isTag(tag)) return [tag.Key, tag.Value]
      throw new Error(`Tags must be a list of Key and Value, not ${JSON.stringify(tag)}`)
    }),
  )
}

function isTag(tag: unknown): tag is { readonly Key: string; readonly Value: string } {
  if (typeof tag !== 'object' || tag === null || !('Key' in tag) || !('Value' in tag)) return false
  return typeof tag.Key === 'string' && typeof tag.Value === 'string'
}
