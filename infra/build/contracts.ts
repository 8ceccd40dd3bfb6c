import { contractsCommand } from '../../contracts/build/cli.ts'
import type { SchemaFile } from '../../contracts/build/schema.ts'
import { ContractsRefused } from '../../contracts/build/schema.ts'
import type { Traffic } from '../../contracts/build/traffic.ts'
import { ROOT } from './build.ts'

/**
 * `npm run contracts`. What reads the declarations is loaded late: they import what the command may be about to make.
 */
contractsCommand(process.argv.slice(2), { root: ROOT, traffic, check, pack }).catch((error: unknown) => {
  if (!(error instanceof ContractsRefused)) throw error
  console.error(error.message)
  process.exitCode = 1
})

async function traffic(): Promise<Traffic> {
  const { discover } = await import('./discover.ts')
  const { trafficOf } = await import('./traffic.ts')
  return trafficOf(ROOT, await discover(ROOT))
}

async function check(files: readonly SchemaFile[]): Promise<readonly string[]> {
  const { discover } = await import('./discover.ts')
  const { RUNTIME, declaredRoutes, examplesOf, readExceptions, rolloutProblems, routingProblems } = await import(
    './routing.ts'
  )
  const { consumers, producers } = await discover(ROOT)
  const routes = declaredRoutes(consumers.map(({ declaration }) => declaration))
  const emitters = [...producers, ...consumers].map(({ declaration }) => declaration)
  return [
    ...routingProblems(routes, examplesOf(files), readExceptions(ROOT)),
    ...rolloutProblems([...emitters, RUNTIME], routes),
  ]
}

async function pack(folder: string): Promise<string> {
  const { packContracts } = await import('./contracts-package.ts')
  return packContracts(ROOT, folder)
}
