import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { lint } from './lint.ts'
import { LOCK_PATH, type Lock, lockProblems, publishNew } from './lock.ts'
import { ContractsRefused, readSchemaFiles, type SchemaFile } from './schema.ts'

const USAGE = `npm run contracts               makes contracts/generated/ and docs/events.md from the schemas
npm run contracts -- check      fails where they differ from the schemas, or a published version was changed
npm run contracts -- publish    freezes the versions that are new: from then on they can't be changed`

const GENERATED = 'contracts/generated'

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { root: { type: 'string', default: resolve(import.meta.dirname, '../..') } },
  })
  const [command = 'build', ...more] = positionals
  const run = more.length === 0 ? commands[command] : undefined
  if (run === undefined) throw new ContractsRefused([USAGE])
  const files = readSchemaFiles(values.root)
  const problems = lint(files)
  if (problems.length > 0) throw new ContractsRefused(problems)
  await run(values.root, files)
}

const commands: Readonly<Record<string, (root: string, files: readonly SchemaFile[]) => Promise<void>>> = {
  async build(root, files) {
    const made = await generated(files)
    for (const path of staleFiles(root, made)) rmSync(join(root, path))
    for (const [path, content] of made) {
      mkdirSync(join(root, dirname(path)), { recursive: true })
      writeFileSync(join(root, path), content)
    }
    console.log(`made ${made.size} files from ${files.length} schemas`)
  },

  async check(root, files) {
    const made = await generated(files)
    const drifted = [...made].filter(([path, content]) => readText(root, path) !== content).map(([path]) => path)
    const drift = [...drifted, ...staleFiles(root, made)].map(
      (path) => `${path}: is not what the schemas give: npm run contracts`,
    )
    const problems = [...drift, ...lockProblems(files, readLock(root))]
    if (problems.length > 0) throw new ContractsRefused(problems)
    console.log(
      `${files.length} schemas are sound, ${made.size} files are as they give them, what is published is unchanged`,
    )
  },

  async publish(root, files) {
    const before = readLock(root)
    const { lock, added } = publishNew(files, before)
    const problems = lockProblems(files, lock)
    if (problems.length > 0) throw new ContractsRefused(problems)
    writeFileSync(join(root, LOCK_PATH), `${JSON.stringify(lock, undefined, 2)}\n`)
    console.log(added.length > 0 ? `published ${added.join(', ')}` : 'nothing is new')
  },
}

/** The compilers behind it take their time to load: only where something is to be made. */
async function generated(files: readonly SchemaFile[]): Promise<ReadonlyMap<string, string>> {
  const { generate } = await import('./generate.ts')
  return generate(files)
}

/** What stands among the generated files and isn't made any more. */
function staleFiles(root: string, made: ReadonlyMap<string, string>): readonly string[] {
  const folder = join(root, GENERATED)
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter((path) => !made.has(path))
}

function readText(root: string, path: string): string | undefined {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined
}

function readLock(root: string): Lock {
  return JSON.parse(readText(root, LOCK_PATH) ?? '{}') as Lock
}

main().catch((error: unknown) => {
  if (!(error instanceof ContractsRefused)) throw error
  console.error(error.message)
  process.exitCode = 1
})
