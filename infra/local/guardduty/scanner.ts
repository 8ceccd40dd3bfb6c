/** What a scan of one file found. */
export type Verdict =
  | { readonly status: 'NO_THREATS_FOUND' }
  /** Names of what was found, as the scanner calls it. */
  | { readonly status: 'THREATS_FOUND'; readonly threats: readonly string[] }
  /** It was not, or not wholly, looked into. */
  | { readonly status: 'UNSUPPORTED' | 'ACCESS_DENIED'; readonly reason: string }
  | { readonly status: 'FAILED' }

/** What looks for malware. */
export interface Scanner {
  /** For people: `ClamAV (/usr/bin/clamscan)`. */
  readonly name: string
  /**
   * Looks into files, by their absolute paths; the verdicts are in the same order.
   * @throws Error where it could not run; another try may help.
   */
  scan(paths: readonly string[], signal: AbortSignal): Promise<readonly Verdict[]>
}
