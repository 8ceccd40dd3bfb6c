import type { Lock } from '../build/lock.ts'
import { ContractsRefused, contractOf, type Schema, type SchemaFile, versionOf } from '../build/schema.ts'
import { sentenceOf } from './change.ts'
import { changesBetween } from './changes.ts'
import { pointerOf } from './gate.ts'

/** A contract's name as people write it, and the versions to compare where they name any. */
export interface Question {
  /** `ThumbnailReady`, `thumbnail-ready`, `media`, `envelope`. */
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
  const versions = Object.keys(published).sort(byVersion)
  const schemaOf = (version: string): Schema => {
    const found = published[version]?.schema ?? majors.find((one) => versionOf(one) === version)?.schema
    if (!found) throw new ContractsRefused([`${contract} has no version ${version}: ${versions.join(', ')}`])
    return found
  }

  const to = question.to ?? versionOf(working)
  const from =
    question.from ?? (question.to ? versions.filter((version) => byVersion(version, to) < 0) : versions).at(-1)
  if (from === undefined) return [`${contract} ${to}: nothing earlier is published`]
  const older = schemaOf(from)
  // The file, where it isn't asked for a published version by name: that it was changed is what people want to see.
  const newer = question.to === undefined ? working.schema : schemaOf(to)
  const changes = changesBetween(older, newer, pointerOf(file))
  const title = `${contract} ${from} → ${question.to === undefined ? `${to} as it lies in ${working.path}` : to}`
  if (changes.length === 0) return [`${title}: every value of the one is a value of the other`]

  const breaking = changes.filter(({ breaks }) => breaks)
  const majorOf = (version: string) => Number(version.split('.')[0])
  const sameMajor = majorOf(from) === majorOf(to)
  const verdict = sameMajor
    ? breaking.length > 0
      ? `${breaking.length} of ${changes.length} changes break a reader; they can't be published as ${to}.`
      : 'Every change is compatible, both ways.'
    : `Another major: ${breaking.length > 0 ? 'consumers list both, and an upcaster lifts the older on reading' : 'though nothing in it breaks a reader'}.`
  return [
    title,
    ...changes.map(
      (change) => `  ${sentenceOf(sameMajor ? change : withoutRemedy(change), `start v${majorOf(to) + 1}`)}`,
    ),
    verdict,
  ]
}

function withoutRemedy({ pointer, what }: Parameters<typeof sentenceOf>[0]): Parameters<typeof sentenceOf>[0] {
  return { pointer, what }
}

function majorsOf(files: readonly SchemaFile[], name: string): readonly SchemaFile[] {
  const slug = name
    .replace(/\.?v\d+$/i, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
  const found = files.filter((file) => file.slug === slug || contractOf(file) === slug)
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
