import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { mediaApp } from '../app.ts'
import { configFor } from '../config/environments.ts'
import { ROOT } from './build.ts'
import { bundle } from './bundle.ts'
import { discover } from './discover.ts'
import { isLayerBuilt, LAYERS } from './layers.ts'
import { readRegistry } from './registry.ts'

/**
 * The process that a build runs: `<environment> <folder> [validate] [nag]`. Writes `assembly/` into the folder; says on stdout what it does, on stderr what is wrong.
 */
async function main([environment = '', folder = '', ...checks]: readonly string[]): Promise<void> {
  const config = configFor(environment)
  const declarations = await discover(ROOT)
  const functions = join(folder, 'functions')
  const count = declarations.consumers.length + declarations.producers.length
  console.log(`bundling ${count} functions`)
  await bundle(ROOT, declarations, functions)
  console.log(`synthesizing ${environment}`)
  const app = mediaApp({
    config,
    declarations,
    schemas: readRegistry(ROOT),
    codeOf: (name) => join(functions, name),
    outdir: join(folder, 'assembly'),
    validate: checks.includes('validate'),
    nag: checks.includes('nag'),
  })
  app.synth()
  const unbuilt = config.environment === 'local' ? [] : LAYERS.filter((layer) => !isLayerBuilt(layer))
  for (const { name } of unbuilt) {
    console.log(`the ${name} layer is not built: deploy by npm run deploy, which builds it first`)
  }
  // The assembly has copies of its own.
  rmSync(functions, { recursive: true })
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
})
