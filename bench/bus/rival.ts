import { spawnSync } from 'node:child_process'

// The clock is the process's own CPU time, as ours is.
const PROGRAM = `
import json, sys, time
from moto.events.models import EventPattern
given = json.load(sys.stdin)
pattern = EventPattern.load(json.dumps(given["pattern"]))
assert pattern.matches_event(given["event"])
started = time.process_time()
for _ in range(given["count"]):
    pattern.matches_event(given["event"])
print(given["count"] / (time.process_time() - started))
`

/** Matches a CPU second of moto's matcher, a public one that others test with; undefined where the machine has none. */
export function motoMatches(pattern: object, event: object): number | undefined {
  const input = JSON.stringify({ pattern, event, count: 20_000 })
  const { status, stdout } = spawnSync('python3', ['-c', PROGRAM], { input, encoding: 'utf8', timeout: 60_000 })
  return status === 0 ? Number(stdout) : undefined
}
