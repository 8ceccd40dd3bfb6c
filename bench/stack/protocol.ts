/** What the process that measures says to the one that runs the stack. */
export type ToStack = {
  readonly id: number
  readonly ask: 'usage' | 'memory' | 'heaps' | 'profile' | 'profiled' | 'stop'
}

export type FromStack =
  | { readonly type: 'ready'; readonly apiUrl: string }
  | { readonly type: 'settled'; readonly mediaId: string; readonly status: string }
  | { readonly type: 'thumbnail'; readonly mediaId: string }
  | { readonly type: 'log'; readonly line: string }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }

/** What the stack has used so far; CPU in seconds of user and system time. */
export interface Usage {
  readonly cpu: number
  readonly mainThread: number
  /** By function, of the worker threads that live. */
  readonly functions: Readonly<Record<string, number>>
  /** By the names of the operating system's threads, such as `libuv-worker`; empty where it does not tell. */
  readonly threads: Readonly<Record<string, number>>
}

/** What lives in the heaps of all threads once their garbage is collected, in megabytes; and how many threads there are. */
export interface Heaps {
  readonly mainMb: number
  readonly functionsMb: number
  readonly functions: number
}

/** Seconds of sampled time of the profiled threads, by what ran. */
export type Shares = Readonly<Record<string, number>>
