import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { mediaApp } from './app.ts'
import { type Declarations, discover } from './build/discover.ts'
import { readRegistry } from './build/registry.ts'
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

/** @param only what to build in place of all that the repository declares. */
export async function synthesized(config: EnvironmentConfig, only?: Declarations): Promise<Synthesized> {
  const root = join(import.meta.dirname, '..')
  const folder = mkdtempSync(join(tmpdir(), 'messageai-synth-'))
  try {
    const declarations = only ?? (await discover(root))
    const app = mediaApp({
      config,
      declarations,
      schemas: readRegistry(root),
      outdir: join(folder, 'assembly'),
      codeOf: (name) => {
        mkdirSync(join(folder, name))
        writeFileSync(join(folder, name, 'index.cjs'), `exports.handler = '${name}'\n`)
        return join(folder, name)
      },
    })
    const stacks = Object.fromEntries(
      app.node.children.map((child) => [child.node.id, Template.fromStack(child as Stack)]),
    )
    const resources = Object.entries(stacks).flatMap(([stack, template]) =>
      Object.entries(template.toJSON()['Resources'] as Record<string, Resource>).map(([logicalId, resource]) => ({
        ...resource,
        stack,
        logicalId,
      })),
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
  } finally {
    rmSync(folder, { recursive: true })
  }
}
