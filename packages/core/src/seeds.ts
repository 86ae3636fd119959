import { createHash } from 'node:crypto'
import type { MigrationRecord, Prompt, Setting } from './rows.ts'

/**
 * The rows a new database starts with, the same on every dialect. scripts/generate-seed-sql.mjs writes them into each
 * dialect's 0002_seed migration; nothing reads them at run time. Texts hold no backslash, which MySQL would unescape.
 */

export type SettingSeed = Pick<Setting, 'id' | 'key' | 'value' | 'isEncrypted' | 'category' | 'description'>
export type PromptSeed = Pick<Prompt, 'id' | 'name' | 'prompt' | 'description'>
export type MigrationSeed = Pick<MigrationRecord, 'id' | 'version' | 'name'>

type SettingLine = readonly [key: string, value: string | null, description: string]

const SERVER: readonly SettingLine[] = [
  ['MCP_TRANSPORT', 'dual', 'How MCP clients reach the server: sse, stdio or dual for both'],
  ['HOST', 'localhost', 'Address on which the MCP server listens for SSE clients'],
  ['PORT', '8051', 'Port on which the MCP server listens for SSE clients'],
]

const API_KEYS: readonly SettingLine[] = [
  ['OPENAI_API_KEY', null, 'Key for the OpenAI API'],
  ['GOOGLE_API_KEY', null, 'Key for the Google Gemini API'],
  ['OPENROUTER_API_KEY', null, 'Key for the OpenRouter API'],
  ['ANTHROPIC_API_KEY', null, 'Key for the Anthropic API'],
  ['GROK_API_KEY', null, 'Key for the xAI Grok API'],
]

const FEATURES: readonly SettingLine[] = [['PROJECTS_ENABLED', 'true', 'Show projects and tasks']]

const MONITORING: readonly SettingLine[] = [['LOGFIRE_ENABLED', 'true', 'Send logs and traces to Logfire']]

const RAG: readonly SettingLine[] = [
  ['MODEL_CHOICE', 'gpt-4.1-nano', 'Chat model for summaries and contextual embeddings'],
  ['LLM_PROVIDER', 'openai', 'Which provider answers: openai, google, ollama, openrouter, anthropic or grok'],
  ['LLM_BASE_URL', null, 'Base URL of the provider, where it is not its usual one'],
  ['EMBEDDING_MODEL', 'text-embedding-3-small', 'Model that turns text into vectors'],
  ['USE_HYBRID_SEARCH', 'true', 'Combine vector search with keyword search'],
  ['USE_AGENTIC_RAG', 'true', 'Extract code examples and search them on their own'],
  ['USE_RERANKING', 'true', 'Let a cross-encoder put search results in order'],
  [
    'USE_CONTEXTUAL_EMBEDDINGS',
    'false',
    'Embed every chunk together with a summary of where it stands in its document',
  ],
  ['CONTEXTUAL_EMBEDDINGS_MAX_WORKERS', '3', 'Contextual embeddings made at the same time (1 to 10)'],
  ['CRAWL_BATCH_SIZE', '50', 'URLs crawled in one batch (10 to 100)'],
  ['CRAWL_MAX_CONCURRENT', '10', 'Browser sessions open at the same time (1 to 20)'],
  ['CRAWL_WAIT_STRATEGY', 'domcontentloaded', 'When a page counts as loaded: domcontentloaded, networkidle or load'],
  ['CRAWL_PAGE_TIMEOUT', '30000', 'Longest wait for a page, in milliseconds'],
  ['CRAWL_DELAY_BEFORE_HTML', '0.5', 'Wait for scripts to render before a page is read, in seconds (0.1 to 5.0)'],
  ['DOCUMENT_STORAGE_BATCH_SIZE', '100', 'Chunks stored in one batch (50 to 200)'],
  ['EMBEDDING_BATCH_SIZE', '200', 'Texts sent to the embedding model in one request (100 to 500)'],
  ['DELETE_BATCH_SIZE', '100', 'URLs deleted in one statement (50 to 200)'],
  ['ENABLE_PARALLEL_BATCHES', 'true', 'Work on several batches at the same time'],
  ['MEMORY_THRESHOLD_PERCENT', '80', 'Share of memory in use above which crawling slows down (50 to 90)'],
  ['DISPATCHER_CHECK_INTERVAL', '0.5', 'Time between two looks at the memory in use, in seconds (0.1 to 2.0)'],
  ['CODE_EXTRACTION_BATCH_SIZE', '40', 'Code blocks extracted in one batch (20 to 100)'],
  ['CODE_SUMMARY_MAX_WORKERS', '3', 'Code summaries made at the same time (1 to 10)'],
  ['CONTEXTUAL_EMBEDDING_BATCH_SIZE', '50', 'Chunks put into context in one request (20 to 100)'],
]

const CODE_EXTRACTION: readonly SettingLine[] = [
  ['MIN_CODE_BLOCK_LENGTH', '250', 'Shortest code block that is kept, in characters'],
  ['MAX_CODE_BLOCK_LENGTH', '5000', 'Length above which a code block is cut, in characters'],
  ['ENABLE_COMPLETE_BLOCK_DETECTION', 'true', 'Extend a block to the end of the function or class it stands in'],
  ['ENABLE_LANGUAGE_SPECIFIC_PATTERNS', 'true', 'Recognize code by the patterns of its language'],
  ['ENABLE_PROSE_FILTERING', 'true', 'Leave out blocks that are documentation rather than code'],
  ['MAX_PROSE_RATIO', '0.15', 'Share of prose up to which a block still counts as code (0 to 1)'],
  ['MIN_CODE_INDICATORS', '3', 'Signs of code that a block must show at least'],
  ['ENABLE_DIAGRAM_FILTERING', 'true', 'Leave out blocks that describe diagrams'],
  ['ENABLE_CONTEXTUAL_LENGTH', 'true', 'Let the text around a block decide how short it may be'],
  ['CODE_EXTRACTION_MAX_WORKERS', '3', 'Pages searched for code at the same time'],
  ['CONTEXT_WINDOW_SIZE', '1000', 'Characters before and after a block that are kept as its context'],
  ['ENABLE_CODE_SUMMARIES', 'true', 'Give every code example a name and a summary'],
]

const SETTING_SEEDS: readonly SettingSeed[] = [
  ...settingSeeds('server_config', SERVER),
  ...settingSeeds('api_keys', API_KEYS),
  ...settingSeeds('features', FEATURES),
  ...settingSeeds('monitoring', MONITORING),
  ...settingSeeds('rag_strategy', RAG),
  ...settingSeeds('code_extraction', CODE_EXTRACTION),
]

function settingSeeds(category: string, lines: readonly SettingLine[]): SettingSeed[] {
  return lines.map(([key, value, description]) => {
    return {
      id: seedId(`archon_settings/${key}`),
      key,
      value,
      isEncrypted: category === 'api_keys',
      category,
      description,
    }
  })
}

const DOCUMENT_BUILDER = `You write the documents of a software project: requirements, technical specifications, meeting notes, decision records and guides.

Before you write, find out three things, and ask when the request leaves one of them open:
1. Who will read the document, and what they should be able to do afterwards.
2. What kind of document fits that purpose.
3. What is already decided, so that you neither contradict it nor repeat it.

How to write:
- Put the outcome first. A reader who stops after the first section should still know what matters.
- Use short sections under headings that say what the section states, not only what it is about.
- Prefer a table for anything with more than two properties, and a list for steps or options.
- State every requirement so that somebody can test it. Give numbers, limits and units.
- Keep facts, decisions and open questions apart, and name the owner of every open question you were told of.
- Do not invent people, dates, figures or commitments. Write "to be decided" where you do not know.

What to return: one JSON object with a title, a document_type and a content object whose keys are the section names and whose values are text, lists or nested objects. When you change an existing document, keep the sections you were not asked about exactly as they are, and finish with a change_summary of one sentence.`

const FEATURE_BUILDER = `You turn a wish for a product into a feature that a team can build.

For each feature give:
- name: two to five words that its users would use.
- purpose: one sentence about the problem it solves and for whom.
- behaviour: what it does, step by step, from the point of view of its user, including what happens when something goes wrong.
- acceptance_criteria: statements that are either true or false once the feature is built.
- parts: the components, interfaces and data that are touched, new ones marked as new.
- depends_on: the names of features that must exist first.
- priority: low, medium, high or critical, with the reason.
- effort: small, medium or large, with the largest risk to that estimate.

Prefer several small features, each of use on its own, over one large feature. Name what you leave out on purpose. Use the words of the existing project for things that exist already. When the wish is too vague for a testable criterion, ask one precise question instead of guessing.

Return a JSON array of feature objects with exactly these keys.`

const DATA_BUILDER = `You design how a project stores its data.

Work in this order:
1. List the things the project must remember and how they relate: one to one, one to many, many to many.
2. List the questions that will be asked of the data most often. They decide on keys and indexes.
3. Describe every entity: its fields, and for every field the type, whether it may be empty, its default and the rule a value must obey.
4. Choose the key of every entity, and say what happens to dependent rows when a row is deleted.
5. Name the constraints that the database itself should guard, and the indexes, each with the question it serves.

Keep each fact in one place. Copy data only where a measured need justifies it, and then say how the copies are kept equal. Store moments in UTC. Mark personal data and say how long it is kept. When you change an existing model, describe the way from the old form to the new one, and back.

Return a JSON object with the keys entities, relationships, constraints, indexes and migration_notes.`

const PROMPT_SEEDS: readonly PromptSeed[] = [
  promptSeed('document_builder', DOCUMENT_BUILDER, 'Writes and revises the documents of a project'),
  promptSeed('feature_builder', FEATURE_BUILDER, 'Turns a wish into features that can be built and tested'),
  promptSeed('data_builder', DATA_BUILDER, 'Designs entities, relations and constraints'),
]

function promptSeed(name: string, prompt: string, description: string): PromptSeed {
  return { id: seedId(`archon_prompts/${name}`), name, prompt, description }
}

/** Archon's own migrations up to the schema that the tables start from; its user interface asks for all of them. */
const MIGRATION_SEEDS: readonly MigrationSeed[] = [
  '001_add_source_url_display_name',
  '002_add_hybrid_search_tsvector',
  '003_ollama_add_columns',
  '004_ollama_migrate_data',
  '005_ollama_create_functions',
  '006_ollama_create_indexes_optional',
  '007_add_priority_column_to_tasks',
  '008_add_migration_tracking',
  '009_add_cascading_delete_constraints',
  '010_add_provider_placeholders',
  '011_add_page_metadata_table',
].map((name) => ({ id: seedId(`archon_migrations/${name}`), version: '0.1.0', name }))

/** All seeds by the entity name of their table. */
export const SEEDS: {
  readonly settings: readonly SettingSeed[]
  readonly prompts: readonly PromptSeed[]
  readonly migrations: readonly MigrationSeed[]
} = { settings: SETTING_SEEDS, prompts: PROMPT_SEEDS, migrations: MIGRATION_SEEDS }

/** The same UUID (version 5) for the same row on every database, so that copies can be compared. */
function seedId(name: string): string {
  const hash = createHash('sha1').update(`archon-db/seed/${name}`).digest().subarray(0, 16)
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6)
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8)
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
