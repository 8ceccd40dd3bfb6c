import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { EICAR } from './eicar-for-test.ts'
import { PLAN, serveGuardDuty } from './serve-for-test.ts'
import { testFileScanner } from './test-file-scanner.ts'

/** Its scanner never comes to an end. */
const SERVER = `
  import { serveGuardDuty, PLAN } from '${join(import.meta.dirname, 'serve-for-test.ts')}'
  const scanner = { name: 'endless', scan: () => new Promise(() => {}) }
  const { put } = await serveGuardDuty(scanner, PLAN, process.argv[1])
  await put('files/clean', 'hello')
  await put('files/bad', process.argv[2])
  console.log('stored')
`

it('a scan that kill -9 cut off, or that had not begun, is done after the next start', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'guardduty-killed-'))
  const child = spawn(process.execPath, ['--input-type=module', '-e', SERVER, dataDir, EICAR], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(createInterface(child.stdout), 'line')
  child.kill('SIGKILL')
  await once(child, 'exit')

  const { results, tagsOf, close } = await serveGuardDuty(testFileScanner, PLAN, dataDir)
  await results(2)
  expect(await tagsOf('files/clean')).toEqual({ GuardDutyMalwareScanStatus: 'NO_THREATS_FOUND' })
  expect(await tagsOf('files/bad')).toEqual({ GuardDutyMalwareScanStatus: 'THREATS_FOUND' })
  await close()
}, 30_000)
