import { HELP, readOptions, UsageError } from './options.ts'

const read = (...args: string[]) => readOptions(args, { cwd: '/here', root: '/repo' })

it('runs the stack and stays by default, with its state in the repository', () => {
  expect(read()).toMatchObject({ command: 'stay', dataDir: '/repo/.local', port: 4566, samples: true, fresh: false })
})

it('takes files from where the person stands', () => {
  expect(read('--once', 'a.jpg', '/abs/b.png', '--data', 'state')).toMatchObject({
    command: 'once',
    files: ['/here/a.jpg', '/abs/b.png'],
    dataDir: '/here/state',
  })
})

it.each([
  [['--once']],
  [['a.jpg']],
  [['--json']],
  [['--port', 'x']],
  [['--port', '70000']],
  [['--nope']],
  [['--token', 'a', 'b']],
  [['--moderator']],
])('says what is wrong with %j', (args) => {
  expect(() => read(...args)).toThrow(UsageError)
})

it('names a user for a token', () => {
  expect(read('--token')).toMatchObject({ command: 'token', user: 'local-user' })
  expect(read('--token', 'ann')).toMatchObject({ command: 'token', user: 'ann', moderator: false })
  expect(read('--token', '--moderator', 'ann')).toMatchObject({ command: 'token', user: 'ann', moderator: true })
})

it('helps with every option that it takes', () => {
  for (const option of [
    'once',
    'token',
    'moderator',
    'json',
    'data',
    'fresh',
    'port',
    'no-samples',
    'verbose',
    'help',
  ]) {
    expect(HELP).toContain(`--${option}`)
  }
})
