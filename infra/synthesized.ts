import { join } from 'node:path'
import { oncePerRun } from '../tests/fixtures/once-per-run.ts'
import { type Declarations, discover } from './build/discover.ts'
import type { EnvironmentConfig } from './config/config.ts'

/** A resource as its template has it. */
export interface Resource {
  readonly Type: string
  // biome-ignore lint/suspicious/noExplicitAny: templates are JSON that tests reach into; a wrong path fails the test.
  readonly Properties: any
  readonly DeletionPolicy?: string
}

/** What the repository declares, synthesized for tests: every template, with empty functions for bundles. */
export interface Synthesized {
  readonly declarations: Declarations
  readonly stacks: Readonly<Record<string, Template>>
  /** Of all stacks. */
  readonly resources: readonly (Resource & { readonly stack: string; readonly logicalId: string })[]
  resourcesOf(type: string): Synthesized['resources']
  /** The one resource of a type with this physical name. @throws Error where there is none, or more. */
  named(type: string, name: string): Synthesized['resources'][number]
}

const NAMES = ['QueueName', 'Name', 'FunctionName', 'RoleName', 'BucketName', 'AlarmName']

/** A stack's template, as far as tests look into it. */
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>
}

/** @param only what to build in place of all that the repository declares. */
export async function synthesized(config: EnvironmentConfig, only?: Declarations): Promise<Synthesized> {
  const declarations = only ?? (await discover(join(import.meta.dirname, '..')))
  const synthesize = async () => {
    // The CDK takes half a second to load.
    const { templatesOf } = await import('./templates-for-test.ts')
    return templatesOf(config, declarations)
  }
  const stacks = only ? await synthesize() : await oncePerRun({ synthesized: config }, synthesize)
  const resources = Object.entries(stacks).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).map(([logicalId, resource]) => ({ ...resource, stack, logicalId })),
  )
  return {
    declarations,
    stacks,
    resources,
    resourcesOf: (type) => resources.filter((resource) => resource.Type === type),
    named(type, name) {
      const found = resources.filter(
        (resource) => resource.Type === type && NAMES.some((field) => resource.Properties?.[field] === name),
      )
      const [only] = found
      if (only === undefined || found.length > 1) throw new Error(`${found.length} ${type} are named ${name}`)
      return only
    },
  }
}
