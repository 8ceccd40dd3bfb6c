import { build } from './build.ts'
import { synthOptions } from './options.ts'

/** `npm run synth -- --env dev [--validate] [--nag]`: makes the cloud assembly and says where it lies. */
async function main(args: readonly string[]): Promise<void> {
  const { environment, validate, nag } = synthOptions(args)
  const { assemblyDir, cached } = await build({
    environment,
    onProgress: (line) => console.error(line),
    checks: { ...(validate ? { validate } : {}), ...(nag ? { nag } : {}) },
  })
  if (cached) console.error('nothing changed since the last synthesis')
  console.log(assemblyDir)
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
})
