import type { SettingsReader } from './environment.ts'
import {
  type ConnectOptions,
  VECTOR_STORES,
  type VectorConfig,
  type VectorStoreConfig,
  type VectorStoreName,
} from './types.ts'

export function readVectorConfig(options: ConnectOptions['vector'], reader: SettingsReader): VectorConfig {
  reader.checkNames(options ?? {}, ['enabled', 'store'], 'vector.')
  const enabled = options?.enabled ?? reader.flag('ENABLE_VECTOR_SEARCH') ?? true
  const [source, value] =
    options?.store === undefined ? ['VECTOR_DATABASE', reader.text('VECTOR_DATABASE')] : ['vector.store', options.store]
  const name = value === undefined ? undefined : reader.oneOf(source!, value, VECTOR_STORES)
  return { enabled, store: name && enabled ? (STORES[name](reader) ?? null) : null }
}

/** What each store reads; leaving one out is a type error. */
const STORES: Readonly<Record<VectorStoreName, (reader: SettingsReader) => VectorStoreConfig | undefined>> = {
  local: () => ({ name: 'local' }),
  chroma: (reader) => {
    const url = webAddress('CHROMA_URL', reader)
    return url === undefined ? undefined : { name: 'chroma', url, ...keyOf('CHROMA_API_KEY', reader) }
  },
  weaviate,
  pinecone,
}

function weaviate(reader: SettingsReader): VectorStoreConfig | undefined {
  const url = webAddress('WEAVIATE_URL', reader)
  const grpcUrl = reader.text('WEAVIATE_GRPC_URL') && webAddress('WEAVIATE_GRPC_URL', reader)
  const apiKey = keyOf('WEAVIATE_API_KEY', reader)
  return url === undefined ? undefined : { name: 'weaviate', url, ...(grpcUrl && { grpcUrl }), ...apiKey }
}

function pinecone(reader: SettingsReader): VectorStoreConfig | undefined {
  const apiKey = reader.text('PINECONE_API_KEY')
  const [index, host] = [reader.text('PINECONE_INDEX'), reader.text('PINECONE_HOST')]
  if (apiKey === undefined) reader.problem('PINECONE_API_KEY', 'is missing: VECTOR_DATABASE=pinecone needs it.')
  return apiKey === undefined ? undefined : { name: 'pinecone', apiKey, ...(index && { index }), ...(host && { host }) }
}

function webAddress(name: string, reader: SettingsReader): string | undefined {
  const address = reader.text(name)
  if (address === undefined)
    return reader.problem(name, 'is missing: give the address of the server, such as http://localhost:8000.')
  const protocol = URL.parse(address)?.protocol
  return protocol === 'http:' || protocol === 'https:'
    ? address
    : reader.problem(name, 'takes an http:// or https:// address.')
}

function keyOf(name: string, reader: SettingsReader): { apiKey?: string } {
  const apiKey = reader.text(name)
  return apiKey === undefined ? {} : { apiKey }
}
