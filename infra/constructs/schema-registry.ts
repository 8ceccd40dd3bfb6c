import { CfnRegistry, CfnSchema } from 'aws-cdk-lib/aws-eventschemas'
import { Construct } from 'constructs'

/** One schema as EventBridge's registry takes it. */
export interface RegistryDocument {
  readonly name: string
  readonly type: string
  readonly description: string
  /** JSON text. */
  readonly content: string
}

export interface SchemaRegistryProps {
  readonly name: string
  readonly schemas: readonly RegistryDocument[]
}

/** The contracts, published for others to find and to make code from; the source stays in contracts/. */
export class SchemaRegistry extends Construct {
  constructor(scope: Construct, id: string, { name, schemas }: SchemaRegistryProps) {
    super(scope, id)
    const registry = new CfnRegistry(this, 'Registry', {
      registryName: name,
      description: 'Events of MessageAI Media.',
    })
    for (const { name: schemaName, type, description, content } of schemas) {
      const schema = new CfnSchema(this, schemaName, { registryName: name, schemaName, type, description, content })
      schema.addResourceDependency(registry)
    }
  }
}
