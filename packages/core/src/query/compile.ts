import type { SQL, Table } from 'drizzle-orm'
import type { Dialect } from '../dialect.ts'
import { invalidFilter } from '../errors.ts'
import type { CompareOp, Condition, FieldRef, Slot } from '../filter/ast.ts'
import { balance } from '../filter/balance.ts'
import type { ColumnInfo, TableInfo } from '../schema.ts'
import { sql } from '../sql.ts'
import type {
  Assignment,
  DeleteQuery,
  InsertQuery,
  Join,
  Literal,
  OutputColumn,
  Query,
  SelectQuery,
  UpdateQuery,
} from './ast.ts'
import { decoderFor, keyDecoderFor } from './decode.ts'
import type { Binding, Plan } from './plan.ts'
import { presentColumns } from './present.ts'

type Encode = ((value: unknown) => unknown) | null

/** Compiles one query shape for one dialect. What it returns holds no values and serves every query of that shape. */
export function compile(dialect: Dialect, query: Query): Plan {
  return new Compiler(dialect, query.table).compile(query)
}

/** A condition on rows of a table, for statements that core's callers assemble themselves. */
export function compileFragment(
  dialect: Dialect,
  table: TableInfo,
  build: (compiler: Compiler) => SQL,
  outputs: readonly OutputColumn[],
): Plan {
  const compiler = new Compiler(dialect, table)
  return compiler.plan(build(compiler), outputs, { write: false, tables: [table.name] })
}

export class Compiler {
  readonly #dialect: Dialect
  readonly #table: TableInfo
  readonly #bindings: Binding[] = []
  /** One table needs no qualified names; drivers look statements up by their text, so short ones cost less. */
  #alone = false

  constructor(dialect: Dialect, table: TableInfo) {
    this.#dialect = dialect
    this.#table = table
  }

  compile(query: Query): Plan {
    const tables = [query.table.name]
    if (query.kind === 'select') {
      this.#alone = query.joins.length === 0
      for (const join of query.joins) tables.push(join.table.name)
      return this.plan(this.#select(query), withCount(query), { write: query.lock, tables })
    }
    const text =
      query.kind === 'insert'
        ? this.#insert(query)
        : query.kind === 'update'
          ? this.#update(query)
          : this.#delete(query)
    return this.plan(text, query.returning ?? [], { write: true, tables })
  }

  plan(text: SQL, outputs: readonly OutputColumn[], about: { write: boolean; tables: readonly string[] }): Plan {
    const { maxParameters } = this.#dialect.traits
    if (this.#bindings.length > maxParameters)
      throw invalidFilter(
        `This query compares with ${this.#bindings.length} values; one statement takes ${maxParameters}. Put them into a list: { in: […] }.`,
        { table: this.#table.name },
      )
    const rendered = this.#dialect.render(text)
    const bindings = rendered.params.map((param) => this.#bindingOf(param))
    return {
      text: rendered.sql,
      bindings,
      decode: decoderFor(this.#dialect, outputs),
      keys: keyDecoderFor(this.#dialect, outputs),
      ...about,
    }
  }

  #bindingOf(param: unknown): Binding {
    const name = (param as { name?: unknown } | null)?.name
    return typeof name === 'string'
      ? (this.#bindings[Number(name)] as Binding)
      : { slot: null, encode: null, constant: param }
  }

  /** The place of a value that is known only when the plan runs. */
  bind(slot: Slot, encode: Encode): SQL {
    const index = this.#bindings.push({ slot, encode, constant: null }) - 1
    return sql`${sql.placeholder(String(index))}`
  }

  table(name: string): Table {
    return this.#dialect.tables.get(name) as Table
  }

  column(column: ColumnInfo, alias?: string): SQL {
    if (alias === undefined && this.#alone) return sql`${sql.identifier(column.name)}`
    return sql`${sql.identifier(alias ?? this.#table.name)}.${sql.identifier(column.name)}`
  }

  #field(field: FieldRef): SQL {
    return this.column(field.column, field.alias)
  }

  // ---- statements ---------------------------------------------------------------------------------------------------

  #select(query: SelectQuery): SQL {
    const { fragments } = this.#dialect
    const columns = query.columns.map((column) => this.#output(column, query.distinct))
    if (query.count) columns.push(this.#countOfAll(query))
    const parts = [
      sql`select ${sql.raw(query.distinct ? 'distinct ' : '')}${commas(columns)} from ${sql.identifier(query.table.name)}`,
      ...query.joins.map((join) => this.#join(join)),
      this.where(query.where),
    ]
    if (query.groupBy.length > 0)
      parts.push(sql` group by ${commas(query.groupBy.map((field) => this.#groupKey(field)))}`)
    if (query.orderBy.length > 0) parts.push(this.#orderBy(query))
    parts.push(fragments.limit(this.#count(query.limit), this.#count(query.offset)))
    if (query.lock) parts.push(fragments.lock)
    return sql.join(parts)
  }

  #countOfAll({ counted, table, joins }: SelectQuery): SQL {
    const { fragments } = this.#dialect
    if (counted === undefined) return fragments.aggregate('countOver', null)
    const from = [sql.identifier(table.name), ...joins.map((join) => this.#join(join)), this.where(counted)]
    return sql`(select ${fragments.aggregate('count', null)} from ${sql.join(from)})`
  }

  #orderBy(query: SelectQuery): SQL {
    const present = presentColumns(query.where)
    const terms = query.orderBy.map((term) => {
      const field = present.has(term.field.column) ? withoutNulls(term.field) : term.field
      const expr = field.path
        ? this.#groupKey(field)
        : this.#dialect.fragments.comparable(this.#field(field), field.column)
      return this.#dialect.fragments.orderBy(expr, { ...term, field })
    })
    return sql` order by ${commas(terms)}`
  }

  #groupKey(field: FieldRef): SQL {
    return field.path ? this.#dialect.fragments.json.text(this.#field(field), field.path) : this.#field(field)
  }

  #count(count: Slot | Literal | null): SQL | null {
    if (count === null) return null
    return typeof count === 'number' ? this.bind(count, null) : sql.raw(String(count.literal))
  }

  #join(join: Join): SQL {
    const on = join.on.map((pair) => sql`${this.#field(pair.left)} = ${this.#field(pair.right)}`)
    return sql` ${sql.raw(join.type)} join ${sql.identifier(join.table.name)} as ${sql.identifier(join.alias)} on ${sql.join(on, sql` and `)}`
  }

  #output(output: OutputColumn, distinct: boolean = false): SQL {
    const { fragments } = this.#dialect
    const { field, aggregate } = output
    if (aggregate) return fragments.aggregate(aggregate, field ? this.#aggregated(field) : null)
    if (!field) throw new Error('An output is a field or an aggregate.')
    if (field.path) return output.grouped ? this.#groupKey(field) : fragments.json.get(this.#field(field), field.path)
    return fragments.fetch(this.#field(field), field.column, distinct)
  }

  #aggregated(field: FieldRef): SQL {
    return this.#dialect.fragments.comparable(this.#field(field), field.column)
  }

  /** The shape of one row is compiled once and repeated; the values of row r stand at r × columns. */
  #insert(query: InsertQuery): SQL {
    const { columns, rows } = query
    if (columns.length === 0) throw new Error('An insert of no columns is never built.')
    const encoders = columns.map((column) => this.#dialect.codecs.encode(column))
    const tuples: SQL[] = []
    for (let row = 0; row < rows; row++) {
      const values = columns.map((column, i) =>
        this.#dialect.fragments.store(this.bind(row * columns.length + i, encoders[i] as Encode), column),
      )
      tuples.push(sql`(${commas(values)})`)
    }
    const names = commas(columns.map((column) => sql.identifier(column.name)))
    const parts = [sql`insert into ${sql.identifier(query.table.name)} (${names}) values ${commas(tuples)}`]
    if (query.onConflict) parts.push(this.#onConflict(query))
    parts.push(this.#returning(query.returning, query.onConflict !== null))
    return sql.join(parts)
  }

  #onConflict(query: InsertQuery): SQL {
    const { columns, update } = query.onConflict!
    const names = (list: readonly ColumnInfo[]): SQL[] => list.map((column) => sql`${sql.identifier(column.name)}`)
    const touch = update.length > 0 ? this.#touch(query.table) : null
    const updated = touch ? update.filter((column) => column.name !== UPDATED_AT) : update
    return this.#dialect.fragments.onConflict(this.table(query.table.name), names(columns), names(updated), touch)
  }

  /** The assignment that moves updated_at; null where triggers do it in time for RETURNING. */
  #touch(table: TableInfo): SQL | null {
    const column = table.byName.get(UPDATED_AT)
    const { touch } = this.#dialect.fragments
    return column && touch ? sql`${sql.identifier(UPDATED_AT)} = ${touch(this.column(column))}` : null
  }

  #update(query: UpdateQuery): SQL {
    const touch = this.#touch(query.table)
    const own = touch ? query.set.filter(({ column }) => column.name !== UPDATED_AT) : query.set
    const set = [...own.map((assignment) => this.#assignment(assignment)), ...(touch ? [touch] : [])]
    return sql`update ${sql.identifier(query.table.name)} set ${commas(set)}${this.where(query.where)}${this.#returning(query.returning, false)}`
  }

  #assignment({ type, column, value }: Assignment): SQL {
    const { codecs, fragments } = this.#dialect
    const target = sql.identifier(column.name)
    const bound = this.bind(value, codecs.encode(column))
    if (type === 'set') return sql`${target} = ${fragments.store(bound, column)}`
    if (type === 'merge') return sql`${target} = ${fragments.jsonMerge(this.column(column), bound, column)}`
    const [stored, by] = [this.column(column), fragments.operand(bound, column)]
    return sql`${target} = ${fragments.increment?.(stored, by, column) ?? sql`${stored} + ${by}`}`
  }

  #delete(query: DeleteQuery): SQL {
    return sql`delete from ${sql.identifier(query.table.name)}${this.where(query.where)}${this.#returning(query.returning, false)}`
  }

  #returning(returning: readonly OutputColumn[] | null, upsert: boolean): SQL {
    if (returning === null) return sql.empty()
    const columns = returning.map((column) => this.#output(column))
    const { wasInserted } = this.#dialect.fragments
    if (upsert && wasInserted) columns.push(wasInserted)
    return sql` returning ${commas(columns)}`
  }

  // ---- conditions ---------------------------------------------------------------------------------------------------

  where(condition: Condition | null, and: readonly SQL[] = []): SQL {
    const parts = [...(condition ? [this.condition(balance(condition))] : []), ...and]
    return parts.length === 0 ? sql.empty() : sql` where ${sql.join(parts, sql` and `)}`
  }

  condition(condition: Condition): SQL {
    switch (condition.type) {
      case 'constant':
        return sql.raw(condition.value === null ? '(null = 1)' : condition.value ? '(1 = 1)' : '(1 = 0)')
      case 'and':
      case 'or':
        return sql`(${sql.join(
          condition.items.map((item) => this.condition(item)),
          sql.raw(` ${condition.type} `),
        )})`
      case 'not':
        return sql`(not ${this.condition(condition.item)})`
      default:
        return this.#isJson(condition.field) && condition.type !== 'isNull'
          ? this.#jsonCondition(condition)
          : this.#columnCondition(condition)
    }
  }

  #isJson(field: FieldRef): boolean {
    return field.path !== undefined || field.column.kind === 'json'
  }

  #columnCondition(condition: LeafCondition): SQL {
    const { codecs, fragments } = this.#dialect
    const { field } = condition
    const { column } = field
    const raw = this.#field(field)
    switch (condition.type) {
      case 'isNull':
        return field.path?.length ? fragments.json.isNull(raw, field.path) : sql`(${raw} is null)`
      case 'compare':
        return this.#comparison(raw, column, condition.op, condition.value)
      case 'in':
        return fragments.inList(raw, this.bind(condition.values, codecs.encodeList(column, false)), column)
      case 'match':
        return fragments.match(raw, condition.op, this.bind(condition.value, codecs.encodePattern(condition.op)))
      case 'distinct':
        return fragments.distinct(
          this.#equatable(raw, column),
          fragments.operand(this.bind(condition.value, codecs.encode(column)), column),
        )
      default:
        throw new Error(`${condition.type} is for JSON`)
    }
  }

  /** Equality needs no order, so it may use any index on the column as it is. */
  #comparison(raw: SQL, column: ColumnInfo, op: CompareOp, slot: Slot): SQL {
    const { codecs, fragments } = this.#dialect
    const value = fragments.operand(this.bind(slot, codecs.encode(column)), column)
    if (op === 'eq' || op === 'ne') return sql`(${this.#equatable(raw, column)} ${sql.raw(SQL_OPERATORS[op])} ${value})`
    return sql`(${fragments.comparable(raw, column)} ${sql.raw(SQL_OPERATORS[op])} ${fragments.comparable(value, column)})`
  }

  #equatable(raw: SQL, column: ColumnInfo): SQL {
    return this.#dialect.fragments.equatable?.(raw, column) ?? raw
  }

  #jsonCondition(condition: LeafCondition): SQL {
    const { codecs, fragments } = this.#dialect
    const { column, path = [] } = condition.field
    const raw = this.#field(condition.field)
    const { json } = fragments
    switch (condition.type) {
      case 'compare':
        return json.compare(raw, path, condition.op, this.bind(condition.value, null), condition.scalar!)
      case 'in':
        return json.inList(raw, path, this.bind(condition.values, codecs.encodeList(column, true)), condition.scalar!)
      case 'match':
        return json.match(raw, path, condition.op, this.bind(condition.value, codecs.encodePattern(condition.op)))
      case 'distinct': {
        const same = json.compare(raw, path, 'eq', this.bind(condition.value, null), condition.scalar!)
        return sql`(not coalesce(${same}, ${sql.raw('1 = 0')}))`
      }
      case 'exists':
        return json.exists(raw, path)
      case 'jsonContains':
        return json.contains(
          raw,
          path,
          this.bind(condition.value, codecs.encode(column)),
          condition.document,
          condition.leaves.map((leaf) => this.bind(leaf, null)),
        )
      default:
        throw new Error(`${condition.type} is not for JSON`)
    }
  }
}

type LeafCondition = Exclude<Condition, { type: 'constant' | 'and' | 'or' | 'not' }>

const UPDATED_AT = 'updated_at'

const SQL_OPERATORS = { eq: '=', ne: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

function withoutNulls(field: FieldRef): FieldRef {
  return field.alias === undefined ? { ...field, column: { ...field.column, nullable: false } } : field
}

function withCount(query: SelectQuery): readonly OutputColumn[] {
  return query.count ? [...query.columns, { as: ':count', aggregate: 'count', hidden: true }] : query.columns
}

export function commas(parts: readonly (SQL | ReturnType<typeof sql.identifier>)[]): SQL {
  return sql.join([...parts], sql`, `)
}
