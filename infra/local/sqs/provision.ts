import type { Provisioner, ResourceDeclaration } from '../cloud.ts'
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
]
/** Objects, or the same as JSON text. */
const DOCUMENTS = ['RedrivePolicy', 'RedriveAllowPolicy']
const FIFO = ['FifoQueue', 'ContentBasedDeduplication', 'DeduplicationScope', 'FifoThroughputLimit']

/** The resource types of the queue service. */
export function createProvisioners({ queues, urlOf }: Pick<Parts, 'queues' | 'urlOf'>): Record<string, Provisioner> {
  return {
    'AWS::SQS::Queue': (resource) => {
      const attributes: Record<string, string> = {}
      let name = resource.generatedName
      let tags: Record<string, string> = {}
      for (const [property, value] of Object.entries(resource.properties)) {
        if (property === 'QueueName') name = text(resource, property, value)
        else if (property === 'Tags') tags = readTags(resource, value)
        else if (SCALARS.includes(property)) attributes[property] = scalar(resource, property, value)
        else if (DOCUMENTS.includes(property))
          attributes[property] = typeof value === 'string' ? value : JSON.stringify(value)
        else if (FIFO.includes(property)) {
          if (value !== false) throw fault(resource, property, 'FIFO queues do not run locally')
        } else throw fault(resource, property, 'this property does not run locally')
      }
      if (name.endsWith('.fifo')) throw fault(resource, 'QueueName', 'FIFO queues do not run locally')
      const queue = queues.put(name, attributes, tags)
      return {
        ref: urlOf(queue.name),
        attributes: { Arn: queue.arn, QueueName: queue.name, QueueUrl: urlOf(queue.name) },
      }
    },
    // Everyone with the local credentials may do everything: a policy has nobody to refuse.
    'AWS::SQS::QueuePolicy': (resource) => {
      for (const property of Object.keys(resource.properties))
        if (property !== 'PolicyDocument' && property !== 'Queues')
          throw fault(resource, property, 'this property does not run locally')
      return { ref: resource.generatedName, attributes: { Id: resource.generatedName } }
    },
  }
}

function readTags(resource: ResourceDeclaration, value: unknown): Record<string, string> {
  if (!Array.isArray(value)) throw fault(resource, 'Tags', 'it must be a list of Key and Value')
  return Object.fromEntries(
    value.map((tag: { Key?: unknown; Value?: unknown }) => [
      text(resource, 'Tags', tag.Key),
      text(resource, 'Tags', tag.Value),
    ]),
  )
}

function scalar(resource: ResourceDeclaration, property: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw fault(resource, property, 'it must be a string, a number or a boolean')
}

function text(resource: ResourceDeclaration, property: string, value: unknown): string {
  if (typeof value === 'string') return value
  throw fault(resource, property, 'it must be a string')
}

function fault({ type, logicalId, stack }: ResourceDeclaration, property: string, reason: string): Error {
  return new Error(`${stack}/${logicalId} (${type}): ${property}: ${reason}`)
}
