import { AwsError } from '../aws-json/error.ts'
import type { Input } from '../aws-json/input.ts'
import type { Operation } from '../aws-json/serve.ts'
import type { Archives } from './archive.ts'
import type { Archive, Buses } from './buses.ts'
import { forCaller, notFound, wording } from './errors.ts'
import type { Holdings } from './holdings.ts'
import { page } from './page.ts'

export function archiveOperations(
  buses: Buses,
  archives: Archives,
  holdings: Holdings,
): Readonly<Record<string, Operation>> {
  const find = (name: string): Archive | undefined => buses.archives().find((archive) => archive.name === name)
  const archiveOf = (input: Input): Archive => {
    const name = input.text('ArchiveName')
    const archive = find(name)
    if (!archive) throw notFound(`Archive ${name}`)
    return archive
  }
  const answer = (archive: Archive): object => ({
    ArchiveArn: archive.arn,
    State: 'ENABLED',
    CreationTime: archives.facts(archive).createdAt / 1000,
  })

  return {
    ListArchives(input) {
      const source = input.optionalText('EventSourceArn')
      const some = buses.archives().filter(({ busArn }) => source === undefined || busArn === source)
      return page(input, 'Archives', some, (archive) => summarize(archive, archives))
    },
    DescribeArchive(input) {
      const archive = archiveOf(input)
      return {
        ...summarize(archive, archives),
        ArchiveArn: archive.arn,
        Description: archive.description,
        EventPattern: archive.pattern?.json,
      }
    },
    CreateArchive(input) {
      const name = input.text('ArchiveName')
      if (!/^[.\-_A-Za-z0-9]{1,48}$/.test(name))
        throw wording.invalid('ArchiveName', 'it must be 1 to 48 of A-Z a-z 0-9 . - _')
      if (find(name)) throw new AwsError('ResourceAlreadyExistsException', `Archive ${name} already exists.`)
      const bus = buses.get(input.text('EventSourceArn'))
      return answer(forCaller(() => holdings.changeArchive(bus, name, given(input))))
    },
    UpdateArchive(input) {
      const archive = archiveOf(input)
      const properties = { ...archive.declared, ...given(input) }
      return answer(forCaller(() => holdings.changeArchive(buses.get(archive.busArn), archive.name, properties)))
    },
    DeleteArchive(input) {
      holdings.deleteArchive(archiveOf(input))
      return {}
    },
  }
}

function given(input: Input): Readonly<Record<string, unknown>> {
  const members = ['Description', 'EventPattern', 'RetentionDays', 'KmsKeyIdentifier']
  return Object.fromEntries(
    members.flatMap((member) => {
      const value = input.members[member] ?? undefined
      return value === undefined ? [] : [[member, value]]
    }),
  )
}

function summarize(archive: Archive, archives: Archives): object {
  const { createdAt, eventCount, sizeBytes } = archives.facts(archive)
  return {
    ArchiveName: archive.name,
    EventSourceArn: archive.busArn,
    State: 'ENABLED',
    RetentionDays: archive.retentionDays,
    SizeBytes: sizeBytes,
    EventCount: eventCount,
    CreationTime: createdAt / 1000,
  }
}
