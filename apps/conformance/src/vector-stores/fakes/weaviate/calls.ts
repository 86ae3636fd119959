import { filtered } from './filters.ts'
import {
  type AggregateRequest,
  aggregateReply,
  aggregateRequest,
  type BatchDeleteRequest,
  type BatchObjectsRequest,
  batchDeleteReply,
  batchDeleteRequest,
  batchObjectsReply,
  batchObjectsRequest,
  healthReply,
  healthRequest,
  type SearchRequest,
  searchReply,
  searchRequest,
} from './messages.ts'
import type { ClassObjects } from './objects.ts'
import { decode, encode, type MessageType } from './protobuf.ts'
import { Refusal, unknownHere } from './refusal.ts'
import { MAXIMUM_RESULTS, search } from './search.ts'

export type Classes = ReadonlyMap<string, ClassObjects>

/** The calls of the gRPC service, by path. */
export function grpcCalls(classes: Classes): ReadonlyMap<string, (request: Buffer) => Buffer> {
  return new Map([
    unary('/grpc.health.v1.Health/Check', healthRequest, healthReply, () => ({ status: 1 })),
    unary('/weaviate.v1.Weaviate/Search', searchRequest, searchReply, (request: SearchRequest) => ({
      results: search(classOf(classes, request), request),
    })),
    unary(
      '/weaviate.v1.Weaviate/BatchObjects',
      batchObjectsRequest,
      batchObjectsReply,
      (request: BatchObjectsRequest) => putAll(classes, request),
    ),
    unary('/weaviate.v1.Weaviate/BatchDelete', batchDeleteRequest, batchDeleteReply, (request: BatchDeleteRequest) =>
      deleteAll(classOf(classes, request), request),
    ),
    unary('/weaviate.v1.Weaviate/Aggregate', aggregateRequest, aggregateReply, (request: AggregateRequest) => ({
      single: { objectsCount: filtered(classOf(classes, request), request.filters).length },
    })),
  ])
}

function unary<Request>(
  path: string,
  input: MessageType,
  output: MessageType,
  call: (request: Request) => object,
): [string, (request: Buffer) => Buffer] {
  return [path, (bytes) => encode(output, call(decode<Request>(input, bytes)))]
}

function classOf(
  classes: Classes,
  { collection = '', tenant }: { collection?: string; tenant?: string },
): ClassObjects {
  if (tenant) throw unknownHere('tenants')
  const found = classes.get(collection)
  if (found) return found
  throw new Refusal(`could not find class ${collection} in schema`)
}

/** Each object by itself: what is wrong with one is said beside the others. */
function putAll(
  classes: Classes,
  { objects = [] }: BatchObjectsRequest,
): { errors: { index: number; error: string }[] } {
  const errors: { index: number; error: string }[] = []
  for (const [index, object] of objects.entries()) {
    try {
      classOf(classes, object).put(object)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      errors.push({ index, error: error.message })
    }
  }
  return { errors }
}

function deleteAll(objects: ClassObjects, { filters }: BatchDeleteRequest): { matches: number; successful: number } {
  if (!filters) throw new Refusal('no filters in match')
  const found = filtered(objects, filters).slice(0, MAXIMUM_RESULTS)
  for (const { uuid } of found) objects.delete(uuid)
  return { matches: found.length, successful: found.length }
}
