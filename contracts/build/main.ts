import { contractsCommand } from './cli.ts'
import { ContractsRefused } from './schema.ts'
import { NO_TRAFFIC } from './traffic.ts'

/** The contracts alone, wherever they lie: `<root> <command> …`. `npm run contracts` knows who uses them, too. */
const [root = '', ...argv] = process.argv.slice(2)
contractsCommand(argv, { root, traffic: async () => NO_TRAFFIC, check: async () => [] }).catch((error: unknown) => {
  if (!(error instanceof ContractsRefused)) throw error
  console.error(error.message)
  process.exitCode = 1
})
