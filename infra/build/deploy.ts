import { spawn } from 'node:child_process'
import { missingForDeployment } from '../config/config.ts'
import { configFor } from '../config/environments.ts'
import { build, ROOT } from './build.ts'
import { deployCommand } from './deploy-command.ts'
import { buildLayer, isLayerBuilt, LAYERS } from './layers.ts'
import { deployOptions } from './options.ts'

/** `npm run deploy -- --env dev [--yes]`: layer, assembly, then the CDK's own deployment with the AWS credentials that are set. */
async function main(args: readonly string[]): Promise<number> {
  const options = deployOptions(args)
  const missing = missingForDeployment(configFor(options.environment))
  if (missing.length > 0) {
    throw new Error(
      `${options.environment} can't be deployed yet (infra/config/${options.environment}.ts):\n${missing.map((line) => `  ${line}`).join('\n')}`,
    )
  }
  const say = (line: string) => console.error(line)
  for (const layer of LAYERS) {
    if (isLayerBuilt(layer)) {
      say(`the ${layer.name} layer is there`)
    } else {
      say(`installing ${layer.description} into infra/layers/${layer.name}`)
      await buildLayer(layer)
    }
  }
  const { assemblyDir } = await build({ environment: options.environment, onProgress: say })
  const command = deployCommand(assemblyDir, options)
  say(`cdk ${command.slice(1).join(' ')}`)
  return run(command)
}

function run(command: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [...command], { cwd: ROOT, stdio: 'inherit' })
  return new Promise((done, fail) => {
    child.once('error', fail)
    child.once('close', (code) => done(code ?? 1))
  })
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  },
)
