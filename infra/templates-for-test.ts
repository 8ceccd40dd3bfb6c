import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Stack } from 'aws-cdk-lib'
import { Template as CdkTemplate } from 'aws-cdk-lib/assertions'
import { mediaApp } from './app.ts'
import type { Declarations } from './build/discover.ts'
import { readRegistry } from './build/registry.ts'
import type { EnvironmentConfig } from './config/config.ts'
import type { Template } from './synthesized.ts'

/** Each stack's template, by its id, with empty functions for bundles. */
export function templatesOf(config: EnvironmentConfig, declarations: Declarations): Readonly<Record<string, Template>> {
  const folder = mkdtempSync(join(tmpdir(), 'messageai-synth-'))
  try {
    const app = mediaApp({
      config,
      declarations,
      schemas: readRegistry(join(import.meta.dirname, '..')),
      outdir: join(folder, 'assembly'),
      codeOf: (name) => {
        mkdirSync(join(folder, name))
        writeFileSync(join(folder, name, 'index.cjs'), `exports.handler = '${name}'\n`)
        return join(folder, name)
      },
    })
    return Object.fromEntries(
      app.node.children.map((child) => [child.node.id, CdkTemplate.fromStack(child as Stack).toJSON() as Template]),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}
