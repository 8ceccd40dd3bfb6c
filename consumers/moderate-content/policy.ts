import type { Label } from '../../contracts/generated/shapes.ts'

/** Said of pictures that the service doesn't take, so that people look at them. */
export const NOT_LOOKED_AT = 'Not looked at'

/** `approved` is shown; `flagged` is shown, and people look again; `blocked` is not shown. */
export type Verdict = 'approved' | 'flagged' | 'blocked'

/** From which confidence on, in percent, something follows of a label; nothing where neither is named. */
export interface Rule {
  readonly flaggedFrom?: number
  readonly blockedFrom?: number
}

/**
 * What follows of what is seen, by the labels of Rekognition's taxonomy, version 7; docs/moderation.md shows the same
 * table. Rekognition tells of every level, so a rule on a category covers what is below it. Labels without a rule and
 * without a category above them are new to us: they are flagged as `UNKNOWN_CATEGORY` says.
 */
export const POLICY: Readonly<Record<string, Rule>> = {
  Explicit: { flaggedFrom: 60, blockedFrom: 90 },
  'Non-Explicit Nudity of Intimate parts and Kissing': { flaggedFrom: 90 },
  'Swimwear or Underwear': {},
  Violence: { flaggedFrom: 90 },
  'Graphic Violence': { flaggedFrom: 60, blockedFrom: 90 },
  'Visually Disturbing': { flaggedFrom: 80 },
  'Death and Emaciation': { flaggedFrom: 60, blockedFrom: 95 },
  'Drugs & Tobacco': { flaggedFrom: 95 },
  Alcohol: {},
  'Rude Gestures': {},
  Gambling: {},
  'Hate Symbols': { flaggedFrom: 60, blockedFrom: 90 },
  [NOT_LOOKED_AT]: { flaggedFrom: 0 },
}

export const UNKNOWN_CATEGORY: Rule = { flaggedFrom: 80 }

const RANK: readonly Verdict[] = ['approved', 'flagged', 'blocked']

/** The worst that any label makes follow, and the labels that did. */
export interface Judgement {
  readonly verdict: Verdict
  /** Why it isn't approved: labels with a rule that applies, surest first. */
  readonly because: readonly Label[]
}

export function judge(labels: readonly Label[]): Judgement {
  const judged = labels.map((label) => ({ label, verdict: verdictOf(label) }))
  const verdict = worst(judged.map((one) => one.verdict))
  const because = judged.filter((one) => one.verdict === verdict).map(({ label }) => label)
  return { verdict, because: verdict === 'approved' ? [] : because.toSorted((a, b) => b.confidence - a.confidence) }
}

/** `approved` where there are none. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce((a, b) => (RANK.indexOf(b) > RANK.indexOf(a) ? b : a), 'approved')
}

function verdictOf({ name, parent, confidence }: Label): Verdict {
  const rule = POLICY[name] ?? (parent === undefined ? UNKNOWN_CATEGORY : {})
  if (rule.blockedFrom !== undefined && confidence >= rule.blockedFrom) return 'blocked'
  if (rule.flaggedFrom !== undefined && confidence >= rule.flaggedFrom) return 'flagged'
  return 'approved'
}
