/** What a function's worker thread is started with. */
export interface SandboxData {
  /** The folder that is `/var/task` in AWS. */
  readonly taskRoot: string
  /** `index.handler`, as the template has it. */
  readonly handler: string
  readonly functionName: string
  readonly functionArn: string
  readonly memoryMb: number
  /** Where compiled code is kept from one start to the next; undefined where it is not. */
  readonly compileCache: string | undefined
  /** In shared memory: the processes that it has started and that have not ended, 0 where none is. */
  readonly children: Int32Array
}

/** As many processes as a sandbox of Lambda's holds. */
export const MAX_CHILDREN = 1024

export type ToSandbox = {
  readonly type: 'invoke'
  readonly requestId: string
  /** JSON. */
  readonly payload: string
  readonly remainingMs: number
}

export type FromSandbox =
  | { readonly type: 'ready' }
  | { readonly type: 'unready'; readonly error: FunctionError }
  | { readonly type: 'done'; readonly requestId: string; readonly payload: string }
  | { readonly type: 'failed'; readonly requestId: string; readonly error: FunctionError }
  | {
      readonly type: 'log'
      readonly level: 'debug' | 'info' | 'warn' | 'error'
      readonly requestId?: string
      readonly message: string
    }

/** An error as Lambda answers it. */
export interface FunctionError {
  readonly errorType: string
  readonly errorMessage: string
  readonly trace?: readonly string[]
}

/** What became of one invocation; `payload` is JSON in both cases. */
export type InvocationResult =
  | { readonly ok: true; readonly requestId: string; readonly payload: string }
  | { readonly ok: false; readonly requestId: string; readonly error: FunctionError }
