import type { Lock } from '../build/lock.ts'
import { ContractsRefused, contractOf, type Schema, type SchemaFile, versionOf } from '../build/schema.ts'
import { type Change, sentenceOf } from './change.ts'
import { changesBetween } from './changes.ts'
import { pointerOf } from './gate.ts'

/** A contract's name as people write it, and the versions to compare where they name any. */
export interface Question {
  /** `ThumbnailReady`, `ThumbnailReady.v1`, `thumbnail-ready`, `media`, `envelope`; without a major, the newest. */
  readonly name: string
  readonly from?: string
  readonly to?: string
}

/**
 * What differs between two versions of a contract, in lines for people: without versions between the last published one
 * and the schema as it lies there.
 * @throws ContractsRefused where there is no such contract or version; it names those that there are.
 */
export function explainDifference(files: readonly SchemaFile[], lock: Lock, question: Question): readonly string[] {
  const majors = majorsOf(files, question.name)
  const [file] = majors
  const working = majors.at(-1)
  if (!file || !working) throw new ContractsRefused([`there is no contract "${question.name}": ${namesOf(files)}`])
  const contract = contractOf(file)
  const published = lock[contract] ?? {}
  const to = question.to ?? versionOf(working)
  const from = question.from ?? lastBefore(Object.keys(published), to, question.to === undefined)
  if (from === undefined) return [`${contract} ${to}: nothing earlier is published`]

  const schemaOf = (version: string): Schema => {
    const found = published[version]?.schema ?? majors.find((one) => versionOf(one) === version)?.schema
    if (found) return found
    const known = Object.keys(published).sort(byVersion).join(', ')
    throw new ContractsRefused([`${contract} has no version ${version}: ${known}`])
  }
  // The file, where no published version is asked for by name: that it was changed is what people want to see.
  const newer = question.to === undefined ? working.schema : schemaOf(to)
  const changes = changesBetween(schemaOf(from), newer, pointerOf(file))
  const title = `${contract} ${from} → ${question.to === undefined ? `${to} as it lies in ${working.path}` : to}`
  return changes.length === 0
    ? [`${title}: every value of the one is a value of the other`]
    : [title, ...(majorOf(from) === majorOf(to) ? withinMajor(changes, to) : acrossMajors(changes))]
}

function withinMajor(changes: readonly Change[], to: string): readonly string[] {
  const breaking = changes.filter(({ breaks }) => breaks).length
  return [
    ...changes.map((change) => `  ${sentenceOf(change, `start v${majorOf(to) + 1}`)}`),
    breaking > 0
      ? `${breaking} of ${changes.length} changes break a reader; they can't be published as ${to}.`
      : 'Every change is compatible, both ways.',
  ]
}

/** What would mend it is no help here: it was meant. */
function acrossMajors(changes: readonly Change[]): readonly string[] {
  return [
    ...changes.map(({ pointer, what }) => `  ${sentenceOf({ pointer, what }, '')}`),
    'Another major: consumers list both, and an upcaster lifts the older on reading.',
  ]
}

/** @param orAtIt whether that very version counts, too: the file may differ from what is published under its version. */
function lastBefore(versions: readonly string[], to: string, orAtIt: boolean): string | undefined {
  return versions
    .filter((version) => (orAtIt ? byVersion(version, to) <= 0 : byVersion(version, to) < 0))
    .sort(byVersion)
    .at(-1)
}

function majorOf(version: string): number {
  return Number(version.split('.')[0])
}

function majorsOf(files: readonly SchemaFile[], name: string): readonly SchemaFile[] {
  const slug = name
    .replace(/\.?v\d+$/i, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
  const [, major] = /\.v(\d+)$/.exec(name) ?? []
  const found = files
    .filter((file) => file.slug === slug || contractOf(file) === slug)
    .filter((file) => major === undefined || file.major === Number(major))
  return found.toSorted((a, b) => a.major - b.major)
}

function namesOf(files: readonly SchemaFile[]): string {
  return [...new Set(files.map(({ slug }) => slug))].join(', ')
}

function byVersion(a: string, b: string): number {
  const [[major = 0, minor = 0], [otherMajor = 0, otherMinor = 0]] = [
    a.split('.').map(Number),
    b.split('.').map(Number),
  ]
  return major - otherMajor || minor - otherMinor
}
