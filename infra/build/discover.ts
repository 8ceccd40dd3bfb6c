import { existsSync, globSync } from 'node:fs'
import { basename, dirname, join, relative as pathRelative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Consumer } from '../../consumers/runtime/define-consumer.ts'
import type { Producer } from '../../producers/runtime/define-producer.ts'
import { consumerProblems, producerProblems, togetherProblems } from './declaration-rules.ts'

/** What the repository declares; infra builds its functions, queues and rules from nothing else. */
export interface Declarations {
  readonly consumers: readonly Declared<Consumer>[]
  readonly producers: readonly Declared<Producer>[]
}

/** A declaration and where its code lies. */
export interface Declared<D> {
  readonly declaration: D
  /** Absolute; of `consumer.ts` or `producer.ts`. */
  readonly file: string
}

/** Declarations that can't be built; one line a problem, each with its file. */
export class DeclarationError extends Error {
  override readonly name = 'DeclarationError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`The declarations can't be built:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/**
 * Reads every `consumers/<name>/consumer.ts` and every `producer.ts` below `producers/`. Importing them loads neither a decoder nor an
 * SDK, as declarations are data.
 * @param root the repository's folder, absolute.
 * @throws DeclarationError naming every problem of every file.
 */
export async function discover(root: string): Promise<Declarations> {
  const problems: string[] = []
  const read = async <D>(
    pattern: string,
    exported: string,
    check: (value: unknown) => readonly string[],
  ): Promise<Declared<D>[]> => {
    const found: Declared<D>[] = []
    for (const relative of globSync(pattern, { cwd: root }).sort()) {
      const file = join(root, relative)
      const module = await load(file).catch((error: unknown) => whyNot(error, root, relative))
      if (typeof module === 'string') {
        // One file that can't be read may be why many can't.
        if (!problems.includes(module)) problems.push(module)
        continue
      }
      const declaration = module[exported]
      const own =
        declaration === undefined
          ? [`exports no \`${exported}\``]
          : [...check(declaration), ...folderProblems(declaration, file)]
      problems.push(...own.map((problem) => `${relative}: ${problem}`))
      if (own.length === 0) found.push({ declaration: declaration as D, file })
    }
    return found
  }

  const consumers = await read<Consumer>('consumers/*/consumer.ts', 'consumer', consumerProblems)
  const producers = await read<Producer>('producers/**/producer.ts', 'producer', producerProblems)
  for (const { file } of producers) {
    const handler = join(dirname(file), 'handler.ts')
    if (!existsSync(handler)) problems.push(`${handler.slice(root.length + 1)}: is missing; it exports \`handler\``)
  }
  problems.push(
    ...togetherProblems(
      consumers.map(({ declaration }) => declaration),
      producers.map(({ declaration }) => declaration),
    ),
  )
  if (problems.length > 0) throw new DeclarationError(problems)
  return { consumers, producers }
}

async function load(file: string): Promise<Readonly<Record<string, unknown>>> {
  return import(file)
}

/** Of code that can't be read, node says where only at the head of the stack. */
function whyNot(error: unknown, root: string, relative: string): string {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error))
  const [, path, line] = /^(file:\S+):(\d+)\n/.exec(stack) ?? []
  const where =
    path === undefined ? relative : `${pathRelative(root, fileURLToPath(path)).replaceAll('\\', '/')}:${line}`
  const isNotMade = message.includes('contracts/generated/') && message.includes('provide an export')
  return `${where}: ${message}${isNotMade ? ': npm run contracts makes it of its schema' : ''}`
}

function folderProblems(declaration: unknown, file: string): readonly string[] {
  const folder = basename(dirname(file))
  const { name } = declaration as { name?: unknown }
  return name === folder ? [] : [`its name is "${String(name)}"; it must be its folder's, "${folder}"`]
}
