import { objectProperty, onlyProperties, optionalNumber, optionalString } from '../assembly/properties.ts'
import type { Cloud, Provisioner } from '../cloud.ts'
import { asOnTheWire } from './merge.ts'

export interface JobTemplate {
  readonly name: string
  readonly arn: string
  readonly description: string | undefined
  readonly category: string | undefined
  /** ARN or name, as it was declared. */
  readonly queue: string | undefined
  readonly priority: number
  readonly statusUpdateInterval: string
  /** As on the wire. */
  readonly settings: unknown
}

export interface Queue {
  readonly name: string
  readonly arn: string
  readonly description: string | undefined
  readonly status: 'ACTIVE' | 'PAUSED'
  readonly type: 'SYSTEM' | 'CUSTOM'
}

/** What the templates declare: what a template no longer has is gone. */
export interface Catalogue {
  readonly provisioners: Readonly<Record<string, Provisioner>>
  /** In the order of names. */
  templates(): readonly JobTemplate[]
  queues(): readonly Queue[]
  /** By name or ARN. */
  template(nameOrArn: string): JobTemplate | undefined
  queue(nameOrArn: string): Queue | undefined
}

const DEFAULT_QUEUE = 'Default'
const NO_TAGS = { Tags: 'kept nowhere' }

export function createCatalogue({ region, accountId }: Cloud): Catalogue {
  const arnOf = (kind: string, name: string) => `arn:aws:mediaconvert:${region}:${accountId}:${kind}/${name}`
  const templates = new Map<string, JobTemplate>()
  const queues = new Map<string, Queue>()
  const addQueue = (queue: Omit<Queue, 'arn'>): Queue => {
    const added = { ...queue, arn: arnOf('queues', queue.name) }
    queues.set(queue.name, added)
    return added
  }
  // Every account has it.
  addQueue({ name: DEFAULT_QUEUE, description: undefined, status: 'ACTIVE', type: 'SYSTEM' })

  return {
    provisioners: {
      'AWS::MediaConvert::JobTemplate': (resource) => {
        const { properties } = resource
        onlyProperties(
          resource,
          ['Name', 'Description', 'Category', 'Queue', 'Priority', 'StatusUpdateInterval', 'SettingsJson'],
          NO_TAGS,
        )
        const name = optionalString(properties, 'Name') ?? resource.generatedName
        const arn = arnOf('jobTemplates', name)
        templates.set(name, {
          name,
          arn,
          description: optionalString(properties, 'Description'),
          category: optionalString(properties, 'Category'),
          queue: optionalString(properties, 'Queue'),
          priority: optionalNumber(properties, 'Priority') ?? 0,
          statusUpdateInterval: optionalString(properties, 'StatusUpdateInterval') ?? 'SECONDS_60',
          settings: asOnTheWire(objectProperty(properties, 'SettingsJson')),
        })
        return { ref: name, attributes: { Arn: arn, Name: name } }
      },
      'AWS::MediaConvert::Queue': (resource) => {
        const { properties } = resource
        onlyProperties(resource, ['Name', 'Description', 'PricingPlan', 'Status'], NO_TAGS)
        const plan = optionalString(properties, 'PricingPlan') ?? 'ON_DEMAND'
        if (plan !== 'ON_DEMAND') throw new Error(`PricingPlan ${plan} is not run here; allowed: ON_DEMAND`)
        const status = optionalString(properties, 'Status') ?? 'ACTIVE'
        if (status !== 'ACTIVE' && status !== 'PAUSED') throw new Error(`Status ${status} is none of ACTIVE, PAUSED`)
        const name = optionalString(properties, 'Name') ?? resource.generatedName
        const { arn } = addQueue({
          name,
          description: optionalString(properties, 'Description'),
          status,
          type: 'CUSTOM',
        })
        return { ref: name, attributes: { Arn: arn, Name: name } }
      },
    },
    templates: () => byName(templates),
    queues: () => byName(queues),
    template: (nameOrArn) => templates.get(nameIn(nameOrArn)),
    queue: (nameOrArn) => queues.get(nameIn(nameOrArn)),
  }
}

function byName<T extends { readonly name: string }>(items: ReadonlyMap<string, T>): readonly T[] {
  return [...items.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function nameIn(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1) : nameOrArn
}
