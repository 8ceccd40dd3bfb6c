import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import type { Producer } from '../../producers/runtime/define-producer.ts'
import { googleIdentityLayer } from '../constructs/google-identity-layer.ts'
import { jobStatements } from '../constructs/job-access.ts'
import { NodeFunction, type Platform } from '../constructs/node-function.ts'
import { objectStatements } from '../constructs/object-access.ts'
import { RestApi, type Route } from '../constructs/rest-api.ts'

export interface ApiStackProps extends StackProps {
  readonly platform: Omit<Platform, 'googleIdentity'>
  readonly producers: readonly Producer[]
}

/** What the app calls. */
export class ApiStack extends Stack {
  constructor(scope: Construct, id: string, { platform: shared, producers, ...props }: ApiStackProps) {
    super(scope, id, props)
    const platform: Platform = { ...shared, googleIdentity: googleIdentityLayer(this, shared.config) }
    const handlerOf = (producer: Producer) => {
      const { name, description, resources, access } = producer
      const fn = new NodeFunction(this, name, {
        platform,
        name,
        description,
        ...resources,
        publishes: access.publishes ?? false,
        failsByDesign: producer.trigger.kind === 'authorizer',
      })
      fn.allow(...objectStatements(platform.bucket, access), ...jobStatements(this, access.jobs))
      return fn.handler
    }
    const authorizer = producers.find(({ trigger }) => trigger.kind === 'authorizer')
    const routes = producers.flatMap((producer): Route[] => {
      const { name, trigger } = producer
      if (trigger.kind !== 'api') return []
      const { method, path, body } = trigger
      return [{ name, method, path, ...(body === undefined ? {} : { body }), handler: handlerOf(producer) }]
    })
    if (authorizer === undefined) throw new Error('the API has no authorizer')
    const { api } = new RestApi(this, 'Rest', {
      config: platform.config,
      alarms: platform.alarms,
      authorizer: handlerOf(authorizer),
      routes,
    })
    new CfnOutput(this, 'ApiUrl', { value: api.url })
  }
}
