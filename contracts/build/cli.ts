import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { explainDifference } from '../compatibility/explain.ts'
import { compatibilityProblems } from '../compatibility/gate.ts'
import { eventsPage } from './docs.ts'
import { lint } from './lint.ts'
import { LOCK_PATH, type Lock, lockProblems, publishNew } from './lock.ts'
import { ContractsRefused, readSchemaFiles, type SchemaFile } from './schema.ts'
import type { Traffic } from './traffic.ts'

const USAGE = `npm run contracts                     makes contracts/generated/ and docs/events.md from the schemas
npm run contracts -- check            fails where they differ, where a published version was changed or can't be read by
                                      another, and where an event goes nowhere or comes before those who read it
npm run contracts -- diff EVENT [FROM [TO]]
                                      explains what differs: the last published version and the schema as it lies there
npm run contracts -- publish          freezes the versions that are new: from then on they can't be changed
npm run contracts -- pack [FOLDER]    makes the package of the contracts that others install`

const GENERATED = 'contracts/generated'
const PAGE = 'docs/events.md'

/** What lies around the schemas, for those who have it. */
export interface Surroundings {
  /** The repository's folder, absolute. */
  readonly root: string
  /** @throws where the declarations can't be read. */
  traffic(): Promise<Traffic>
  /** What is wrong between the schemas and those who use them, one sentence each. */
  check(files: readonly SchemaFile[]): Promise<readonly string[]>
  /** Makes the package; its path. Left out where there is nothing to make it of. */
  pack?(folder: string): Promise<string>
}

interface Call extends Surroundings {
  readonly files: readonly SchemaFile[]
  readonly args: readonly string[]
}

/**
 * Runs one command of `npm run contracts`. Whatever it says goes to stdout.
 * @throws ContractsRefused naming everything that is wrong.
 */
export async function contractsCommand(argv: readonly string[], surroundings: Surroundings): Promise<void> {
  const { command, args } = readCommand(argv)
  const files = readSchemaFiles(surroundings.root)
  const problems = lint(files)
  if (problems.length > 0) throw new ContractsRefused(problems)
  await command.run({ ...surroundings, files, args })
}

/** @throws ContractsRefused saying how it is used, where the words are no command. */
export function readCommand(argv: readonly string[]): { readonly command: Command; readonly args: readonly string[] } {
  const [name = 'build', ...args] = argv
  const command = COMMANDS[name]
  if (command === undefined || args.length < command.args[0] || args.length > command.args[1])
    throw new ContractsRefused([USAGE])
  return { command, args }
}

interface Command {
  /** At least, at most. */
  readonly args: readonly [number, number]
  run(call: Call): Promise<void>
}

const COMMANDS: Readonly<Record<string, Command>> = {
  build: {
    args: [0, 0],
    async run(call) {
      const { root, files } = call
      const code = await generatedCode(files)
      for (const path of staleFiles(root, code)) rmSync(join(root, path))
      for (const [path, content] of code) write(root, path, content)
      // Only now: who says and hears what is read from code that imports what was just made.
      write(root, PAGE, await page(call, readLock(root)))
      console.log(`made ${code.size + 1} files from ${files.length} schemas`)
    },
  },

  check: {
    args: [0, 0],
    async run(call) {
      const { root, files } = call
      const code = await generatedCode(files)
      const lock = readLock(root)
      const drifted = [...code].filter(([path, content]) => readText(root, path) !== content).map(([path]) => path)
      const pageDrifted = (await page(call, lock)) !== readText(root, PAGE)
      const problems = [
        ...[...drifted, ...(pageDrifted ? [PAGE] : []), ...staleFiles(root, code)].map(
          (path) => `${path}: is not what the schemas give: npm run contracts`,
        ),
        ...lockProblems(files, lock),
        ...compatibilityProblems(files, lock),
        ...(await call.check(files)),
      ]
      if (problems.length > 0) throw new ContractsRefused(problems)
      const published = Object.values(lock).reduce((count, minors) => count + Object.keys(minors).length, 0)
      console.log(
        `${files.length} schemas are sound, ${code.size + 1} files are as they give them, ` +
          `${published} published versions are unchanged, and every minor reads every other of its major`,
      )
    },
  },

  diff: {
    args: [1, 3],
    async run({ root, files, args: [name = '', from, to] }) {
      const question = { name, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
      console.log(explainDifference(files, readLock(root), question).join('\n'))
    },
  },

  publish: {
    args: [0, 0],
    async run(call) {
      const { root, files } = call
      const before = readLock(root)
      const { lock, added } = publishNew(files, before)
      const problems = [...lockProblems(files, lock), ...compatibilityProblems(files, before)]
      if (problems.length > 0) throw new ContractsRefused(problems)
      // It tells which versions are published. Made first: what can't be made freezes nothing.
      const told = await page(call, lock)
      write(root, LOCK_PATH, `${JSON.stringify(lock, undefined, 2)}\n`)
      write(root, PAGE, told)
      console.log(added.length > 0 ? `published ${added.join(', ')}` : 'nothing is new')
    },
  },

  pack: {
    args: [0, 1],
    async run({ root, pack, args: [folder = join(root, 'dist')] }) {
      if (!pack) throw new ContractsRefused(['there is nothing here to make the package of'])
      console.log(await pack(folder))
    },
  },
}

/** The compilers behind it take their time to load: only where something is to be made. */
async function generatedCode(files: readonly SchemaFile[]): Promise<ReadonlyMap<string, string>> {
  const { generate } = await import('./generate.ts')
  return generate(files)
}

async function page({ files, traffic }: Call, lock: Lock): Promise<string> {
  try {
    return eventsPage(files, lock, await traffic())
  } catch (error) {
    throw new ContractsRefused([
      `${PAGE}: who says and who hears what can't be read: ${error instanceof Error ? error.message : String(error)}`,
    ])
  }
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

function write(root: string, path: string, content: string): void {
  mkdirSync(join(root, dirname(path)), { recursive: true })
  writeFileSync(join(root, path), content)
}

function readText(root: string, path: string): string | undefined {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined
}

function readLock(root: string): Lock {
  return JSON.parse(readText(root, LOCK_PATH) ?? '{}') as Lock
}
