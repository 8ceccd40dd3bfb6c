import { App, Tags, Validations } from 'aws-cdk-lib'
import featureFlags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' }
import { AwsSolutionsChecks } from 'cdk-nag'
import type { Consumer } from '../consumers/runtime/define-consumer.ts'
import { CHECKS } from '../contracts/required-steps.ts'
import { acknowledge } from './acknowledged.ts'
import type { Declarations } from './build/discover.ts'
import type { EnvironmentConfig } from './config/config.ts'
import type { RegistryDocument } from './constructs/schema-registry.ts'
import { ApiStack } from './stacks/api.ts'
import { BackboneStack } from './stacks/backbone.ts'
import { ProcessingStack } from './stacks/processing.ts'
import { StorageStack } from './stacks/storage.ts'

export interface MediaAppOptions {
  readonly config: EnvironmentConfig
  readonly declarations: Declarations
  readonly schemas: readonly RegistryDocument[]
  /** Absolute; the folder of a function's bundle, by its name. */
  readonly codeOf: (name: string) => string
  /** Where `synth` writes the assembly. */
  readonly outdir?: string
  /** Judges every template by CloudFormation's own schemas; 10 to 25 seconds. */
  readonly validate?: boolean
  /** Judges by the AWS Solutions rules. */
  readonly nag?: boolean
}

/** The whole product in one environment. Needs no account and no network, and names nothing that only this machine has. */
export function mediaApp(options: MediaAppOptions): App {
  const { config, declarations, schemas, codeOf, outdir } = options
  const app = new App({
    ...(outdir === undefined ? {} : { outdir }),
    analyticsReporting: false,
    treeMetadata: false,
    builtinCloudFormationValidation: options.validate ?? false,
    context: {
      ...featureFlags,
      // Exports, which CloudFormation protects, and not values that are read while deploying.
      '@aws-cdk/core:defaultCrossStackReferences': 'strong',
    },
  })
  Tags.of(app).add('application', 'messageai-media')
  Tags.of(app).add('environment', config.environment)

  const stack = (name: string) => ({
    stackName: `messageai-${config.environment}-${name}`,
    env: { region: config.region, ...(config.account === undefined ? {} : { account: config.account }) },
  })
  const storage = new StorageStack(app, 'storage', { ...stack('storage'), config })
  const backbone = new BackboneStack(app, 'backbone', { ...stack('backbone'), config, schemas })
  const platform = { config, bus: backbone.bus, bucket: storage.bucket, alarms: backbone.alarms, codeOf }
  const producers = declarations.producers.map(({ declaration }) => declaration)
  new ProcessingStack(app, 'processing', {
    ...stack('processing'),
    platform,
    undelivered: backbone.undelivered,
    consumers: declarations.consumers.map(({ declaration }) => declaration).filter(isSwitchedOn(config)),
    producers,
  })
  if (producers.some(({ trigger }) => trigger.kind === 'api')) {
    new ApiStack(app, 'api', { ...stack('api'), platform, producers })
  }
  if (options.nag) {
    acknowledge(app, storage.bucket, declarations)
    Validations.of(app).addPlugins(new AwsSolutionsChecks())
  }
  return app
}

/** A check that is off is not there at all: nobody waits for it, and it refuses nothing behind people's backs. */
function isSwitchedOn({ checks }: EnvironmentConfig): (consumer: Consumer) => boolean {
  return ({ name }) => !CHECKS.includes(name) || checks.includes(name)
}
