import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { PORTS_WITH_PROGRAMS, STORING_SECONDS } from '../consumers/runtime/deadline.ts'
import { readCommand } from '../contracts/build/cli.ts'
import { LIMITS } from '../contracts/limits.ts'
import { REQUIREMENTS } from '../contracts/required-steps.ts'
import { discover } from '../infra/build/discover.ts'
import { deployOptions, synthOptions } from '../infra/build/options.ts'
import { dev } from '../infra/config/dev.ts'
import type { LocalVariant, Result } from '../infra/dev/journey.ts'
import { readOptions } from '../infra/dev/options.ts'
import { startLocal } from '../infra/local/index.ts'
import { passiveTypes } from '../infra/local/passive.ts'
import { synthesized } from '../infra/synthesized.ts'
import { type LocalFile, ROOT } from './program.ts'

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const PAGES = globSync('**/*.md', { cwd: ROOT, exclude: (path) => /^(node_modules|\.cache|\.local|dist)$/.test(path) })
const PACKAGE: {
  readonly [part in 'scripts' | 'dependencies' | 'devDependencies']: Readonly<Record<string, string>>
} = JSON.parse(read('package.json'))

/** A page without its code blocks, whose brackets are no links. */
const prose = (page: string) => read(page).replace(/^```[\s\S]*?^```/gm, '')

/** What stands below a heading of the second level. */
function section(page: string, heading: string): string {
  const [, found] = read(page).split(`\n## ${heading}\n`)
  if (found === undefined) throw new Error(`${page} has no section "${heading}"`)
  return found.split('\n## ')[0] ?? ''
}

/** The rows of the tables in a text, without their heads. */
function rows(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )
    .filter((_, index, all) => !isRule(all[index]) && !isRule(all[index + 1]))
}

const isRule = (row: readonly string[] | undefined) => row?.every((cell) => /^-+$/.test(cell)) === true

/** Whatever is set as code in a text. */
const code = (text: string | undefined) => [...(text ?? '').matchAll(/`([^`]+)`/g)].map(([, inner = '']) => inner)

/** As GitHub makes it of a heading. */
const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

describe('the pages that people read', () => {
  it.each(PAGES)('%s links to what is there', (page) => {
    const wrong = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [path = '', fragment] = target.split('#')
        const file = path === '' ? join(ROOT, page) : resolve(ROOT, dirname(page), path)
        if (!existsSync(file)) return true
        const headings = fragment === undefined ? [] : [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)]
        return fragment !== undefined && !headings.some(([, heading = '']) => anchor(heading) === fragment)
      })
    expect(wrong).toEqual([])
  })

  it.each(PAGES)('%s names no place of the machine on which it was written', (page) => {
    expect(read(page).match(/(?:^|[\s"'`(=])\/(?:home|root|work|Users|tmp)\/\S+/gm) ?? []).toEqual([])
  })

  it.each(PAGES)('%s shows commands that there are, with options that they take', (page) => {
    const wrong = commandsOf(page).flatMap((command) => {
      const problem = problemOf(command)
      return problem === undefined ? [] : [`${command.join(' ')}: ${problem}`]
    })
    expect(wrong).toEqual([])
  })

  it('lists decisions by numbers without a gap or a double, each in its heading', () => {
    const files = globSync('docs/decisions/*.md', { cwd: ROOT }).sort()
    const numbers = files.map((file) => basename(file).slice(0, 3))
    expect(numbers).toEqual(files.map((_, index) => String(index + 1).padStart(3, '0')))
    for (const file of files) expect(read(file)).toMatch(new RegExp(`^# ${basename(file).slice(0, 3)}\\. `))
  })
})

/** Words of each npm command of a page; what a shell or a sentence puts around it is gone. */
function commandsOf(page: string): string[][] {
  const blocks = [...read(page).matchAll(/^```(sh)?\n([\s\S]*?)^```/gm)].flatMap(([, language, block = '']) =>
    // In a block of no language, what is typed stands behind a prompt.
    block.split('\n').filter((line) => language !== undefined || line.startsWith('$ ')),
  )
  return [...blocks, ...code(prose(page))].flatMap((line) => {
    const command = /\bnpm (?:start|test|run)\b[^#)|;&]*/.exec(line)?.[0]
    return command === undefined ? [] : [command.trim().split(/\s+/)]
  })
}

/** Why a command could not be run as it stands there. */
function problemOf([, ...words]: readonly string[]): string | undefined {
  const [script = '', ...rest] = words.filter((word) => word !== 'run' && word !== '--silent')
  if (PACKAGE.scripts[script] === undefined) return `there is no script ${script}`
  const given = rest.indexOf('--') + 1
  if (given === 0) return rest.length > 0 ? 'options go after --' : undefined
  const args = rest.slice(given)
  try {
    if (script === 'start') readOptions(args, { cwd: ROOT, root: ROOT })
    if (script === 'synth') synthOptions(args)
    if (script === 'deploy') deployOptions(args)
    if (script === 'contracts') readCommand(args)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

describe('README.md', () => {
  it('is short, and two commands are its quick start', () => {
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(120)
    const [, block = ''] = /```sh\n([\s\S]*?)```/.exec(section('README.md', 'Quick start')) ?? []
    expect(
      block
        .trim()
        .split('\n')
        .map((line) => line.split('#')[0]?.trim()),
    ).toEqual(['npm start', 'npm test'])
  })

  it('lists the fields that --json prints', () => {
    const fields = {
      file: true,
      mediaId: true,
      status: true,
      kind: true,
      reason: true,
      variants: true,
      events: true,
      msToThumbnail: true,
      msToPlayable: true,
      msToReady: true,
      document: true,
      unfinished: true,
    } satisfies Record<keyof Result, true>
    const ofVariants = {
      name: true,
      contentType: true,
      bytes: true,
      width: true,
      height: true,
      durationMs: true,
      path: true,
    } satisfies Record<keyof LocalVariant, true>
    const [, objects = '', variants = ''] =
      /Each object has ([^;]+); a variant has ([^.]+)\./.exec(section('README.md', 'Your own files')) ?? []
    expect(code(objects)).toEqual(Object.keys(fields))
    expect(code(variants)).toEqual(Object.keys(ofVariants))
  })

  it('shows each step of a photo in its picture', () => {
    const picture = read('docs/flow.svg')
    for (const step of REQUIREMENTS['image']?.steps ?? []) expect(picture).toContain(`>${step}<`)
  })
})

describe('docs/limits.md', () => {
  it('lists every limit as it is', () => {
    const listed = rows(read('docs/limits.md')).map(([name, value]) => [code(name)[0], value])
    expect(listed).toEqual(Object.entries(LIMITS).flatMap(([group, limits]) => leaves(limits, group)))
  })
})

/** Each limit below its name, written as people read it. */
function leaves(limits: object, path: string): [string, string][] {
  return Object.entries(limits).map(([name, value]) => [`${path}.${name}`, written(name, value)])
}

function written(name: string, value: number | readonly string[] | Readonly<Record<string, number>>): string {
  if (Array.isArray(value)) return value.join(', ')
  if (typeof value !== 'number') {
    return Object.entries(value)
      .map(([key, one]) => `${key} ${written(name, one)}`)
      .join(', ')
  }
  if (name.endsWith('Seconds')) return `${value} s`
  if (!name.endsWith('Bytes')) return value.toLocaleString('en')
  return value % 1024 ** 2 === 0 ? `${value / 1024 ** 2} MiB` : `${value / 1024} KiB`
}

describe('docs/api.md', () => {
  it('names every code that a media may be refused or fail with, and no other', () => {
    const files = ['consumers', 'ports/{images,probe,video,voice}', 'producers/deadlines'].flatMap((folder) =>
      globSync(`${folder}/**/*.ts`, { cwd: ROOT }).filter((file) => !/\.(test|suite)\.ts$/.test(file)),
    )
    const said = files.flatMap((file) => matches(read(file), /(?:\brefus(?:al|ed)\(\s*|\bcode: |\bskip\()'([a-z-]+)'/g))
    const [, ofFfmpeg = ''] = /type FileFault =([^=]+?)\n\n/.exec(read('ports/ffmpeg/failure.ts')) ?? []
    const codes = new Set([...said, ...matches(ofFfmpeg, /'([a-z-]+)'/g), 'no-ffmpeg', 'timed-out'])
    // Nobody hears of it: the animation is shown by its first frame.
    codes.delete('film-failed')
    const [, reasons = ''] = read('docs/api.md').split('\n### Reasons\n')
    const [section = ''] = reasons.split('\n## ')
    const told = rows(section).flatMap(([name]) => code(name))
    const [, ofExtras = ''] = section.split('reasons of their own')
    const all = [...told, ...code(ofExtras).filter((word) => codes.has(word))]
    expect(all.sort()).toEqual([...codes].sort())
  })
})

/** The first group of each match. */
const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, group = '']) => group)

describe('docs/decisions/027', () => {
  it('gives every consumer the size and the time that it is declared with', async () => {
    const { consumers } = await discover(ROOT)
    const declared = consumers.map(({ declaration: { name, resources } }) => [
      name,
      `${resources.memoryMb} MB, ${resources.timeoutSeconds} s`,
    ])
    const page = rows(read('docs/decisions/027-function-sizes.md'))
    const listed = new Map(page.map(([name = '', , has]) => [code(name)[0], has]))
    expect(Object.fromEntries(listed)).toMatchObject(Object.fromEntries(declared))
  })
})

describe('docs/hostile-files.md', () => {
  it('gives every consumer that starts programs its deadline, which leaves time to store what they made', async () => {
    const { consumers } = await discover(ROOT)
    const told = consumers
      .map(({ declaration }) => declaration)
      .filter(({ needs }) => PORTS_WITH_PROGRAMS.some((port) => needs.includes(port)))
      .map(({ name, resources: { timeoutSeconds: seconds } }) => [
        name,
        `${seconds} s`,
        `${seconds - STORING_SECONDS} s`,
      ])
    const listed = rows(read('docs/hostile-files.md'))
      .filter(([, time = '', deadline = '']) => /^\d+ s$/.test(time) && /^\d+ s$/.test(deadline))
      .map(([name = '', ...times]) => [code(name)[0], ...times.slice(0, 2)])
    expect(told.length).toBeGreaterThan(0)
    expect(listed.sort()).toEqual(told.sort())
  })
})

describe('docs/alarms.md', () => {
  it('lists every alarm that there is, and no other', async () => {
    const { resourcesOf } = await synthesized(dev)
    const names = resourcesOf('AWS::CloudWatch::Alarm').map(({ Properties }) =>
      String(Properties.AlarmName).replace(`messageai-${dev.environment}-`, ''),
    )
    const listed = rows(read('docs/alarms.md')).map(([name]) => code(name)[0] ?? '')
    const nameOf = (pattern: string) => new RegExp(`^${pattern.replace(/<[a-z]+>/, '.+')}$`)
    expect(names.filter((name) => !listed.some((pattern) => nameOf(pattern).test(name)))).toEqual([])
    expect(listed.filter((pattern) => !names.some((name) => nameOf(pattern).test(name)))).toEqual([])
  })
})

describe('docs/local.md', () => {
  const types = (heading: string) => rows(section('docs/local.md', heading)).flatMap((row) => code(row.join(' ')))
  const typesOf = (heading: string) => types(heading).filter((name) => name.startsWith('AWS::'))

  it('lists every type of resource that runs, and every one that is accepted and does nothing', async () => {
    const passive = Object.keys(passiveTypes)
    expect(typesOf('What is accepted and does nothing').sort()).toEqual(passive.sort())
    const accepted = await acceptedTypes()
    expect(typesOf('What runs').sort()).toEqual(accepted.filter((type) => !passive.includes(type)))
  })

  it('lists the fields of local.json', () => {
    const fields = {
      pid: true,
      awsEndpoint: true,
      apiUrl: true,
      region: true,
      accountId: true,
      credentials: true,
      buckets: true,
      eventBus: true,
      queues: true,
      archive: true,
      projectId: true,
      firestoreHost: true,
    } satisfies Record<keyof LocalFile | 'firestoreHost', true>
    expect(rows(section('docs/local.md', 'Addresses')).flatMap(([name]) => code(name))).toEqual(Object.keys(fields))
  })
})

/** By what the runtime says of a type that it doesn't know. */
async function acceptedTypes(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'docs-'))
  try {
    const artifacts = { S: { type: 'aws:cloudformation:stack', properties: { templateFile: 'S.template.json' } } }
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ artifacts }))
    writeFileSync(join(folder, 'S.template.json'), JSON.stringify({ Resources: { It: { Type: 'AWS::No::Type' } } }))
    const refusal = await startLocal({
      assemblyDir: folder,
      dataDir: join(folder, 'data'),
      port: 0,
      log: () => {},
    }).then(
      () => '',
      (error: unknown) => String(error),
    )
    const [, list = ''] = /allowed: (AWS::[\w:, ]+)/.exec(refusal) ?? []
    return list.split(', ').sort()
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('docs/packages.md', () => {
  it('names every package that is deployed or runs locally', () => {
    const sources = globSync('{contracts,events,ports,producers,consumers,infra}/**/*.ts', { cwd: ROOT }).filter(
      (file) => !/\.(test|suite)\.ts$/.test(file),
    )
    const installed = new Set(Object.keys({ ...PACKAGE.dependencies, ...PACKAGE.devDependencies }))
    const used = new Set(
      sources
        .flatMap((file) => [...read(file).matchAll(/(?:\bfrom|\bimport\(?|\brequire\()\s*'([^'.][^']*)'/g)])
        .map(([, path = '']) => path.split('/', path.startsWith('@') ? 2 : 1).join('/'))
        .filter((name) => installed.has(name)),
    )
    const named = new Set(code(read('docs/packages.md')))
    expect([...used].filter((name) => !named.has(name)).map((name) => `${name}: say what for`)).toEqual([])
  })
})

it('CHANGELOG.md begins with what is unreleased', () => {
  expect(read('CHANGELOG.md')).toMatch(/^# Changelog\n[\s\S]*?\n## \[Unreleased\]\n/)
})

it('every page is found from the README or from ARCHITECTURE.md', () => {
  const linked = ['README.md', 'ARCHITECTURE.md'].flatMap((page) =>
    [...prose(page).matchAll(/\]\(([^)#\s]+)/g)].map(([, target = '']) => target),
  )
  const lost = PAGES.filter((page) => /^(docs\/)?[^/]+\.md$/.test(page) && page !== 'README.md')
  expect(lost.filter((page) => !linked.includes(relative(ROOT, join(ROOT, page))))).toEqual([])
})
