import { join } from 'node:path'
import { ROOT } from './build.ts'
import type { DeployOptions } from './options.ts'

/** What Node runs: the CDK's command line on a finished assembly. */
export function deployCommand(assemblyDir: string, { yes }: Pick<DeployOptions, 'yes'>): readonly string[] {
  return [
    join(ROOT, 'node_modules/aws-cdk/bin/cdk'),
    'deploy',
    '--all',
    '--app',
    assemblyDir,
    '--no-notices',
    '--require-approval',
    yes ? 'never' : 'broadening',
  ]
}
