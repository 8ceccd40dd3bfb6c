import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { AssemblyError, isRecord, type Problem, type Stack, type Template } from './template.ts'

/**
 * Reads a synthesized cloud assembly (`cdk.out`): every stack, those of nested stages too, dependencies first.
 * @throws AssemblyError where it needs what only a deployment has: nested stacks, transforms, look-ups, container images.
 */
export function readAssembly(directory: string): Stack[] {
  const problems: Problem[] = []
  const stacks = readDirectory(resolve(directory), problems)
  if (problems.length > 0) throw new AssemblyError(problems)
  return stacks
}

const sections = new Set([
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Mappings',
  'Conditions',
  'Resources',
  'Outputs',
])

function readDirectory(directory: string, problems: Problem[]): Stack[] {
  const manifestFile = join(directory, 'manifest.json')
  if (!existsSync(manifestFile)) {
    throw new Error(`${directory} is no cloud assembly: it has no manifest.json. Synthesize the app into it first`)
  }
  const manifest = readJson(manifestFile)
  if (Array.isArray(manifest['missing']) && manifest['missing'].length > 0) {
    const keys = manifest['missing'].map((missing) => (isRecord(missing) ? String(missing['key']) : String(missing)))
    throw new Error(`${directory} was synthesized without context that it looks up in an account: ${keys.join(', ')}`)
  }
  const artifacts = isRecord(manifest['artifacts']) ? manifest['artifacts'] : {}
  const stacks: Stack[] = []
  const seen = new Set<string>()

  const visit = (id: string): void => {
    const artifact = artifacts[id]
    if (seen.has(id) || !isRecord(artifact)) return
    seen.add(id)
    for (const dependency of Array.isArray(artifact['dependencies']) ? artifact['dependencies'] : []) {
      visit(String(dependency))
    }
    const properties = isRecord(artifact['properties']) ? artifact['properties'] : {}
    if (artifact['type'] === 'cdk:cloud-assembly') {
      stacks.push(...readDirectory(join(directory, String(properties['directoryName'])), problems))
    } else if (artifact['type'] === 'aws:cloudformation:stack') {
      const dependencies = Array.isArray(artifact['dependencies']) ? artifact['dependencies'].map(String) : []
      const assets = new Map<string, string>()
      for (const dependency of dependencies) {
        const manifestOfAssets = artifacts[dependency]
        if (!isRecord(manifestOfAssets) || manifestOfAssets['type'] !== 'cdk:asset-manifest') continue
        const { file } = isRecord(manifestOfAssets['properties']) ? manifestOfAssets['properties'] : { file: undefined }
        for (const [key, path] of readAssets(directory, String(file))) assets.set(key, path)
      }
      const name = String(properties['stackName'] ?? id)
      const template = readJson(join(directory, String(properties['templateFile'])))
      problems.push(...sectionProblems(name, template))
      stacks.push({ name, template: template as Template, assets })
    }
  }
  for (const id of Object.keys(artifacts)) visit(id)
  return stacks
}

function readAssets(directory: string, file: string): [key: string, path: string][] {
  const { files } = readJson(join(directory, file))
  return Object.values(isRecord(files) ? files : {}).flatMap((entry) => {
    if (!isRecord(entry) || !isRecord(entry['source']) || typeof entry['source']['path'] !== 'string') return []
    const path = resolve(directory, entry['source']['path'])
    const destinations = isRecord(entry['destinations']) ? Object.values(entry['destinations']) : []
    return destinations.flatMap((destination): [string, string][] =>
      isRecord(destination) && existsSync(path) ? [[String(destination['objectKey']), realpathSync(path)]] : [],
    )
  })
}

function sectionProblems(stack: string, template: Readonly<Record<string, unknown>>): Problem[] {
  const problems: Problem[] = []
  for (const [section, value] of Object.entries(template)) {
    // The CDK's own rule asks whether the account is bootstrapped; there is no account here.
    const bootstrapOnly =
      section === 'Rules' && isRecord(value) && Object.keys(value).join() === 'CheckBootstrapVersion'
    if (!sections.has(section) && !bootstrapOnly) {
      problems.push({
        stack,
        at: section,
        message: `this section is not run here; allowed: ${[...sections].join(', ')}`,
      })
    }
  }
  return problems
}

function readJson(file: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (!isRecord(value)) throw new Error(`${file} is not a JSON object`)
  return value
}
