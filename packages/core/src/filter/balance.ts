import type { Condition } from './ast.ts'

/** Up to here conditions are written as they were asked for. */
const DEEP = 8
const WIDE = 100

/**
 * The same condition in a form that every parser takes: some hold a hundred open brackets, or a thousand terms in a row.
 * Negations move to the leaves, groups of one kind merge, what is deepest comes first (its bracket is then the only thing
 * its parser has to remember), and long groups become groups of groups.
 */
export function balance(condition: Condition): Condition {
  return needsBalance(condition, 0) ? rebuild(condition, false) : condition
}

function needsBalance(condition: Condition, depth: number): boolean {
  if (depth > DEEP) return true
  if (condition.type === 'not') return needsBalance(condition.item, depth + 1)
  if (condition.type !== 'and' && condition.type !== 'or') return false
  return condition.items.length > WIDE || condition.items.some((item) => needsBalance(item, depth + 1))
}

/** De Morgan's laws hold with unknowns, too. */
function rebuild(condition: Condition, negated: boolean): Condition {
  switch (condition.type) {
    case 'not':
      return rebuild(condition.item, !negated)
    case 'and':
    case 'or': {
      const type = (condition.type === 'and') === negated ? 'or' : 'and'
      return group(
        type,
        condition.items.map((item) => rebuild(item, negated)),
      )
    }
    case 'constant':
      return negated && condition.value !== null ? { type: 'constant', value: !condition.value } : condition
    default:
      return negated ? { type: 'not', item: condition } : condition
  }
}

function group(type: 'and' | 'or', parts: readonly Condition[]): Condition {
  const items = parts.flatMap((part) => (part.type === type ? part.items : [part]))
  const deepestFirst = items
    .map((item) => ({ item, depth: depthOf(item) }))
    .sort((a, b) => b.depth - a.depth)
    .map(({ item }) => item)
  return { type, items: inGroups(type, deepestFirst) }
}

function inGroups(type: 'and' | 'or', items: readonly Condition[]): readonly Condition[] {
  if (items.length <= WIDE) return items
  const groups: Condition[] = []
  for (let start = 0; start < items.length; start += WIDE)
    groups.push({ type, items: items.slice(start, start + WIDE) })
  return inGroups(type, groups)
}

function depthOf(condition: Condition): number {
  if (condition.type === 'not') return depthOf(condition.item) + 1
  if (condition.type !== 'and' && condition.type !== 'or') return 0
  return condition.items.reduce((deepest, item) => Math.max(deepest, depthOf(item)), 0) + 1
}
