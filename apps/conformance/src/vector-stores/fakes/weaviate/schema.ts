import { HNSW, INVERTED_INDEX, REST_OF_CLASS } from './defaults.ts'
import { Refusal, unknownHere } from './refusal.ts'

export type DataType = 'text' | 'text[]' | 'int' | 'number' | 'boolean'
export type Tokenization = 'word' | 'lowercase' | 'whitespace' | 'field'
export type Distance = 'cosine' | 'dot' | 'l2-squared'

export interface Property {
  readonly name: string
  readonly dataType: readonly [DataType]
  readonly tokenization?: Tokenization
  readonly indexFilterable: boolean
  readonly indexSearchable: boolean
  readonly indexRangeFilters: boolean
}

/** A class as the service keeps it: with every default written out. */
export interface ClassSchema {
  readonly class: string
  readonly description: string
  readonly properties: readonly Property[]
  readonly vectorConfig: Readonly<Record<string, VectorConfig>>
  readonly invertedIndexConfig: { readonly indexNullState: boolean }
  readonly replicationConfig: object
  readonly shardingConfig: object
  readonly multiTenancyConfig: object
}

interface VectorConfig {
  readonly vectorizer: { readonly none: object }
  readonly vectorIndexType: 'hnsw'
  readonly vectorIndexConfig: { readonly distance: Distance }
}

type Json = Readonly<Record<string, unknown>>

const CLASS_NAME = /^[A-Z][_0-9A-Za-z]{0,254}$/
const PROPERTY_NAME = /^[_A-Za-z][_0-9A-Za-z]{0,230}$/
const RESERVED: ReadonlySet<string> = new Set(['_additional', '_id', 'id'])
const TYPES: readonly string[] = ['text', 'text[]', 'int', 'number', 'boolean']
const TOKENIZATIONS: readonly string[] = ['word', 'lowercase', 'whitespace', 'field']
const DISTANCES: readonly string[] = ['cosine', 'dot', 'l2-squared']

/** The service capitalises names of classes by itself. */
export function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

export function parseClass(json: Json): ClassSchema {
  onlyKeys(json, ['class', 'description', 'properties', 'vectorConfig', 'invertedIndexConfig'], 'a class')
  const name = capitalised(String(json.class))
  if (!CLASS_NAME.test(name)) throw new Refusal(`'${name}' is not a valid class name`)
  const properties = ((json.properties ?? []) as Json[]).map(parseProperty)
  const names = properties.map((property) => property.name.toLowerCase())
  const twice = names.find((one, i) => names.indexOf(one) !== i)
  if (twice) throw new Refusal(`class "${name}": conflict for property "${twice}": already in use or provided twice`)
  const { indexNullState = false, ...other } = (json.invertedIndexConfig ?? {}) as { indexNullState?: boolean }
  onlyKeys(other, [], 'invertedIndexConfig')
  return {
    class: name,
    description: String(json.description ?? ''),
    properties,
    vectorConfig: parseVectors((json.vectorConfig ?? {}) as Readonly<Record<string, Json>>),
    invertedIndexConfig: { ...INVERTED_INDEX, indexNullState },
    ...REST_OF_CLASS,
  }
}

function parseProperty(json: Json): Property {
  const known = ['name', 'dataType', 'tokenization', 'indexFilterable', 'indexSearchable', 'indexRangeFilters']
  onlyKeys(json, known, 'a property')
  const name = String(json.name)
  if (!PROPERTY_NAME.test(name)) throw new Refusal(`'${name}' is not a valid property name`)
  if (RESERVED.has(name)) throw new Refusal(`'${name}' is a reserved property name`)
  const [type, ...rest] = (json.dataType ?? []) as string[]
  if (type === undefined || rest.length > 0 || !TYPES.includes(type)) throw unknownHere(`the data type of ${name}`)
  const isText = type === 'text' || type === 'text[]'
  const indexSearchable = (json.indexSearchable as boolean | undefined) ?? isText
  const indexRangeFilters = (json.indexRangeFilters as boolean | undefined) ?? false
  if (indexSearchable && !isText) {
    throw new Refusal('`indexSearchable` is allowed only for text/text[] data types. For other data types set false')
  }
  if (indexRangeFilters && type !== 'int' && type !== 'number') {
    throw new Refusal('`indexRangeFilters` is allowed only for number/int/date data types.')
  }
  return {
    name,
    dataType: [type as DataType],
    ...tokenizationOf(name, json.tokenization, isText),
    indexFilterable: (json.indexFilterable as boolean | undefined) ?? true,
    indexSearchable,
    indexRangeFilters,
  }
}

function tokenizationOf(name: string, given: unknown, isText: boolean): Pick<Property, 'tokenization'> {
  if (!isText) {
    if (given === undefined) return {}
    throw new Refusal(`property '${name}': Tokenization is not allowed for data type`)
  }
  const tokenization = (given ?? 'word') as Tokenization
  if (!TOKENIZATIONS.includes(tokenization)) throw unknownHere(`the tokenization of ${name}`)
  return { tokenization }
}

function parseVectors(json: Readonly<Record<string, Json>>): Readonly<Record<string, VectorConfig>> {
  const entries = Object.entries(json).map(([name, config]) => {
    onlyKeys(config, ['vectorizer', 'vectorIndexType', 'vectorIndexConfig'], 'vectorConfig')
    onlyKeys(config.vectorizer as Json, ['none'], 'vectorizer')
    const type = config.vectorIndexType
    if (type !== 'hnsw') throw unknownHere(`the vectorIndexType of ${name}`)
    const given = config.vectorIndexConfig as Json
    onlyKeys(given, Object.keys(HNSW), 'vectorIndexConfig')
    const vectorIndexConfig = { ...HNSW, ...given }
    if (!DISTANCES.includes(vectorIndexConfig.distance)) throw unknownHere(`the distance of ${name}`)
    return [name, { ...config, vectorIndexConfig }] as const
  })
  return Object.fromEntries(entries) as unknown as Readonly<Record<string, VectorConfig>>
}

function onlyKeys(json: Json | undefined, known: readonly string[], what: string): void {
  const other = Object.keys(json ?? {}).find((key) => !known.includes(key))
  if (other !== undefined) throw unknownHere(`${other} of ${what}`)
}
