import type { VectorStore } from '@archon-db/core'
import type { Config, VectorStoreConfig } from '@archon-db/core/connection'
import type { Connection } from '@archon-db/core/dialect'
import type { Outbox } from '@archon-db/vector/outbox'

/** The store that embeddings are sent to; null where they are searched beside the rows, or not at all. */
export async function outboxFor(connection: Connection, { vector }: Config): Promise<Outbox | null> {
  const { store } = vector
  if (store === null || store.name === 'local') return null
  const { openOutbox } = await import('@archon-db/vector/outbox')
  return openOutbox(connection, { name: store.name, open: () => openStore(store) })
}

type Outside = Exclude<VectorStoreConfig, { readonly name: 'local' }>

/** Only the store that is asked for is ever loaded, and only when it is first needed. */
async function openStore(config: Outside): Promise<VectorStore> {
  switch (config.name) {
    case 'chroma': {
      const { openChromaStore } = await import('@archon-db/vector/chroma')
      return openChromaStore(config)
    }
    case 'weaviate': {
      const { openWeaviateStore } = await import('@archon-db/vector/weaviate')
      return openWeaviateStore(config)
    }
    case 'pinecone': {
      const { openPineconeStore } = await import('@archon-db/vector/pinecone')
      return openPineconeStore(config)
    }
  }
}
