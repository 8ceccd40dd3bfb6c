import type { Random } from './random.ts'

/** One invocation of a function, or one person's doing: it can stop for good at any of its calls. */
export interface Process {
  readonly name: string
  alive: boolean
  state: 'running' | 'ended' | 'threw' | 'died'
  /** Some of its work was left to another try, though it ended well itself. */
  hasGivenUp: boolean
}

/** What is done to one call of a port. */
export type Interference =
  /** It is not made; the caller gets an error. */
  | { readonly kind: 'refused' }
  /** It is made; the caller gets an error all the same. */
  | { readonly kind: 'answer lost' }
  /** The process dies, before or after the call takes effect. */
  | { readonly kind: 'dies before' }
  | { readonly kind: 'dies after' }
  /** The process is frozen for so long, then goes on. */
  | { readonly kind: 'frozen'; readonly milliseconds: number }

export interface Call {
  /** Counts all calls from 0. */
  readonly ordinal: number
  readonly process: Process
  /** `readModel.commit`. */
  readonly name: string
}

export interface SchedulerOptions {
  readonly random: Random
  readonly startAt: number
  /** Asked before each call takes effect. */
  interfere(call: Call): Interference | undefined
  /** Told of everything that happens, where somebody wants to read it. */
  readonly trace?: ((line: string) => void) | undefined
}

/** Steps after which a schedule counts as one that never comes to rest. */
const MOST_STEPS = 20_000
const STEP_MILLISECONDS = 5

/**
 * Everything that could happen next, of which the seed chooses one at a time. Each call of a port is such a thing, so
 * that any interleaving of the processes can come up; time stands still but for a little each step, and jumps to the next
 * timer when nothing is left to do.
 */
export class Scheduler {
  time: number
  steps = 0
  readonly #options: SchedulerOptions
  readonly #ready: (() => void)[] = []
  readonly #timers: { readonly due: number; readonly run: () => void }[] = []
  #calls = 0

  constructor(options: SchedulerOptions) {
    this.#options = options
    this.time = options.startAt
  }

  /** Starts a process; `after` hears how it ended. */
  spawn(name: string, body: (process: Process) => Promise<void>, after?: (process: Process) => void): Process {
    const process: Process = { name, alive: true, state: 'running', hasGivenUp: false }
    const end = (state: Process['state']) => {
      process.state = state
      after?.(process)
    }
    this.soon(() => {
      body(process).then(
        () => end('ended'),
        (error: unknown) => {
          this.tell(`${name} threw ${error instanceof Error ? error.message : String(error)}`)
          end('threw')
        },
      )
    })
    this.#deaths.set(process, () => end('died'))
    return process
  }

  readonly #deaths = new WeakMap<Process, () => void>()

  /** Makes a call of a port: `effect` runs when the seed says so, or never, where the process is dead by then. */
  call<T>(process: Process, name: string, effect: () => T, refusal: (kind: string) => Error): Promise<T> {
    return new Promise((resolve, reject) => {
      const perform = (interference: Interference | undefined) => {
        if (!process.alive) return
        const kind = interference?.kind
        if (this.isTraced) this.tell(`${process.name} ${name}${kind ? ` — ${kind}` : ''}`)
        if (interference?.kind === 'frozen') {
          this.after(interference.milliseconds, () => perform(undefined))
        } else if (kind === 'refused') {
          reject(refusal('refused'))
        } else if (kind === 'dies before') {
          this.kill(process)
        } else {
          let value: T
          try {
            value = effect()
          } catch (error) {
            return kind === 'dies after' ? this.kill(process) : reject(error)
          }
          if (kind === 'dies after') this.kill(process)
          else if (kind === 'answer lost') reject(refusal('the answer was lost'))
          else resolve(value)
        }
      }
      this.soon(() => {
        if (process.alive) perform(this.#options.interfere({ ordinal: this.#calls++, process, name }))
      })
    })
  }

  /** Ends a process where it is. */
  kill(process: Process): void {
    process.alive = false
    this.#deaths.get(process)?.()
  }

  /** Something that can happen from now on. */
  soon(run: () => void): void {
    this.#ready.push(run)
  }

  /** Something that can happen after so many milliseconds. */
  after(milliseconds: number, run: () => void): void {
    const timer = { due: this.time + milliseconds, run }
    const later = this.#timers.findIndex(({ due }) => due > timer.due)
    this.#timers.splice(later === -1 ? this.#timers.length : later, 0, timer)
  }

  /** When the next timer is due; undefined where none is set. */
  get nextDue(): number | undefined {
    return this.#timers[0]?.due
  }

  get isTraced(): boolean {
    return this.#options.trace !== undefined
  }

  tell(line: string): void {
    this.#options.trace?.(`${((this.time - this.#options.startAt) / 1000).toFixed(3).padStart(10)} ${line}`)
  }

  /**
   * Runs until nothing can happen any more. `onIdle` is asked each time that nothing is ready, with the time of the next
   * timer; it may make something ready, or set a timer, and then says true.
   * @throws Error where it does not come to rest.
   */
  async run(onIdle: () => boolean, onStep: () => void): Promise<void> {
    for (;;) {
      onStep()
      while (this.#timers[0] && this.#timers[0].due <= this.time) this.#ready.push(this.#timers.shift()?.run ?? nothing)
      if (this.#ready.length === 0) {
        if (onIdle()) continue
        const next = this.#timers[0]
        if (!next) return
        this.time = Math.max(this.time, next.due)
        continue
      }
      if (this.steps++ > MOST_STEPS) throw new Error('it never comes to rest')
      this.time += STEP_MILLISECONDS
      this.#choose()()
      await settled()
    }
  }

  #choose(): () => void {
    const index = this.#options.random.below(this.#ready.length)
    const chosen = this.#ready[index] ?? nothing
    const last = this.#ready.pop()
    if (last && index < this.#ready.length) this.#ready[index] = last
    return chosen
  }
}

function nothing(): void {}

/** Resolves once every promise that could go on has gone on: ticks run when no microtask is left. */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}
