import { onlyProperties, optionalString, requiredString } from '../assembly/properties.ts'
import type { Provisioner } from '../cloud.ts'
import type { Buses } from './buses.ts'
import type { Holdings } from './holdings.ts'

const NO_KEYS = 'local files are not encrypted'
const NO_IAM = 'everyone with the local credentials may do everything'

/** The resource types of the event buses. */
export function createProvisioners(buses: Buses, holdings: Holdings): Record<string, Provisioner> {
  return {
    'AWS::Events::EventBus': (resource) => {
      onlyProperties(resource, ['Name', 'Description'], {
        Tags: 'kept nowhere',
        Policy: NO_IAM,
        KmsKeyIdentifier: NO_KEYS,
        DeadLetterConfig: 'only for events that a key could not decrypt',
      })
      const { properties } = resource
      const bus = buses.put(requiredString(properties, 'Name'), optionalString(properties, 'Description'))
      holdings.restore(bus)
      return { ref: bus.name, attributes: { Arn: bus.arn, Name: bus.name } }
    },

    'AWS::Events::EventBusPolicy': (resource) => {
      onlyProperties(resource, ['EventBusName', 'StatementId'], {
        Statement: NO_IAM,
        Action: NO_IAM,
        Condition: NO_IAM,
        Principal: NO_IAM,
      })
      buses.get(optionalString(resource.properties, 'EventBusName'))
      return { ref: resource.generatedName, attributes: {} }
    },

    'AWS::Events::Rule': ({ properties, generatedName }) => {
      const bus = buses.get(optionalString(properties, 'EventBusName'))
      const { name, arn } = holdings.declareRule(bus, optionalString(properties, 'Name') ?? generatedName, properties)
      return { ref: bus.name === 'default' ? name : `${bus.name}|${name}`, attributes: { Arn: arn } }
    },

    'AWS::Events::Archive': ({ properties, generatedName }) => {
      const bus = buses.get(requiredString(properties, 'SourceArn'))
      const name = optionalString(properties, 'ArchiveName') ?? generatedName
      const archive = holdings.declareArchive(bus, name, properties)
      return { ref: name, attributes: { Arn: archive.arn, ArchiveName: name } }
    },
  }
}
