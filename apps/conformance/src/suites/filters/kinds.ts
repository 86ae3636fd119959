import type { DataAccess } from '@archon-db/core'

/** One kind of column with values to tell apart, smallest first, and rows that have none. */
export interface Kind {
  readonly name: string
  readonly table: string
  readonly field: string
  /** The column that says which row it is. */
  readonly label: string
  readonly values: readonly unknown[]
  /** A value that no row has. */
  readonly absent: unknown
  /** Rows without a value, by their label. */
  readonly nulls: readonly string[]
  seed(db: DataAccess): Promise<void>
}

const IDS = [
  '00000000-0000-4000-8000-00000000000f',
  '7b1e62d1-0000-4000-8000-000000000001',
  'f0000000-0000-4000-8000-00000000000a',
] as const

const TIMES = ['1000-01-01T00:00:00.000Z', '2024-02-29T23:59:59.998Z', '2024-02-29T23:59:59.999Z']

const taskKind = (name: string, field: string, values: readonly unknown[], absent: unknown): Kind => ({
  name,
  table: 'archon_tasks',
  field,
  label: 'title',
  values,
  absent,
  nulls: ['none'],
  async seed(db) {
    if (field === 'project_id')
      await db.insert(
        'archon_projects',
        IDS.map((id) => ({ id, title: 'p' })),
      )
    const rows = values.map((value, i) => ({ title: `r${i}`, [field]: value }))
    await db.insert('archon_tasks', [{ title: 'none', [field]: null }, ...rows.toReversed()])
  },
})

const jsonKind = (name: string, values: readonly unknown[], absent: unknown): Kind => ({
  name,
  table: 'archon_projects',
  field: 'data.v',
  label: 'title',
  values,
  absent,
  nulls: ['json null', 'missing', 'no document'],
  async seed(db) {
    const rows = values.map((v, i) => ({ title: `r${i}`, data: { v } }))
    await db.insert('archon_projects', [
      { title: 'missing', data: { other: values[1] } },
      { title: 'json null', data: { v: null } },
      { title: 'no document', data: null },
      ...rows.toReversed(),
    ])
  },
})

const bigint: Kind = {
  name: 'bigint',
  table: 'archon_crawled_pages',
  field: 'id',
  label: 'url',
  // Two neighbours that are one number to a double.
  values: [12, 9007199254740992n, 9007199254740993n],
  absent: 9007199254740994n,
  nulls: [],
  async seed(db) {
    await db.insert('archon_sources', { source_id: 's' })
    const chunk = { chunk_number: 0, content: 'c', source_id: 's' }
    await db.insert('archon_crawled_pages', this.values.map((id, i) => ({ ...chunk, id, url: `r${i}` })).toReversed())
  },
}

const double: Kind = {
  name: 'double',
  table: 'archon_agent_work_order_steps',
  field: 'duration_seconds',
  label: 'step',
  values: [-1e300, 0.1, 0.30000000000000004],
  absent: 0.3,
  nulls: [],
  async seed(db) {
    const order = { agent_work_order_id: 'w', repository_url: 'u', sandbox_identifier: 's', status: 'running' }
    await db.insert('archon_agent_work_orders', order)
    const step = { agent_work_order_id: 'w', agent_name: 'a', success: true, executed_at: new Date(0), step_order: 1 }
    const rows = this.values.map((duration_seconds, i) => ({ ...step, duration_seconds, step: `r${i}` }))
    await db.insert('archon_agent_work_order_steps', rows.toReversed())
  },
}

export const KINDS: readonly Kind[] = [
  taskKind('text', 'feature', ['Zebra', 'apple', 'zebra'], 'appl'),
  taskKind('uuid', 'project_id', IDS, '7b1e62d1-0000-4000-8000-000000000002'),
  // By declaration: by letter, todo would come last.
  taskKind('enum', 'status', ['todo', 'doing', 'review'], 'done'),
  taskKind('integer', 'task_order', [-2147483648, 9, 10], 11),
  taskKind('boolean', 'archived', [false, true], undefined),
  taskKind(
    'timestamp',
    'archived_at',
    TIMES.map((text) => new Date(text)),
    new Date('2024-03-01T00:00:00.000Z'),
  ),
  bigint,
  double,
  jsonKind('json-number', [-1.5, 9, 10], 9.5),
  jsonKind('json-string', ['10', '9', 'nine'], 'Nine'),
  jsonKind('json-boolean', [false, true], undefined),
]

/** The labels of the rows that match, in alphabetical order. */
export async function labelsOf(db: DataAccess, kind: Kind, where: object): Promise<string[]> {
  const { rows } = await db.select(kind.table, { columns: [kind.label], where: where as Record<string, unknown> })
  return rows.map((row) => String(row[kind.label])).sort()
}
