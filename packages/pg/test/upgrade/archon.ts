/**
 * Databases as the application made them before it knew this package: the shape of its tables at two points of its history,
 * with rows of that time. What takes no part in an upgrade, such as most indexes and policies, is left out.
 */

const UUID = (last: number): string => `00000000-0000-4000-8000-00000000000${last}`
const VECTOR = (length: number): string => `(select array_agg(sin(n)) from generate_series(1, ${length}) n)::vector`

const STAMPS = 'created_at timestamptz default now(), updated_at timestamptz default now()'
const UTC_STAMP = "timestamptz default timezone('utc'::text, now()) not null"

const ALWAYS = [
  'create extension if not exists vector',
  "create type task_status as enum ('todo', 'doing', 'review', 'done')",
  `create function update_updated_at_column() returns trigger language plpgsql as
    $$ begin new.updated_at = now(); return new; end $$`,
  `create table archon_settings (id uuid default gen_random_uuid() primary key, key varchar(255) unique not null, value text,
    encrypted_value text, is_encrypted boolean default false, category varchar(100), description text, ${STAMPS})`,
  `create trigger update_archon_settings_updated_at before update on archon_settings
    for each row execute function update_updated_at_column()`,
  'alter table archon_settings enable row level security',
  `create table archon_projects (id uuid primary key default gen_random_uuid(), title text not null,
    description text default '', docs jsonb default '[]', features jsonb default '[]', data jsonb default '[]',
    github_repo text, pinned boolean default false, ${STAMPS})`,
  `create table archon_project_sources (id uuid primary key default gen_random_uuid(),
    project_id uuid references archon_projects (id) on delete cascade, source_id text not null,
    linked_at timestamptz default now(), created_by text default 'system', notes text, unique (project_id, source_id))`,
  `create table archon_prompts (id uuid primary key default gen_random_uuid(), prompt_name text unique not null,
    prompt text not null, description text, ${STAMPS})`,
]

const versionsTable = `create table archon_document_versions (id uuid primary key default gen_random_uuid(),
    project_id uuid references archon_projects (id) on delete cascade,
    task_id uuid references archon_tasks (id) on delete cascade, field_name text not null, version_number integer not null,
    content jsonb not null, change_summary text, change_type text default 'update', document_id text,
    created_by text default 'system', created_at timestamptz default now(),
    constraint chk_project_or_task check ((project_id is not null and task_id is null) or (project_id is null and task_id is not null)),
    unique (project_id, task_id, field_name, version_number))`

const tasksTable = (more: string): string => `create table archon_tasks (id uuid primary key default gen_random_uuid(),
    project_id uuid references archon_projects (id) on delete cascade,
    parent_task_id uuid references archon_tasks (id) on delete cascade, title text not null, description text default '',
    status task_status default 'todo', assignee text default 'User' check (assignee is not null and assignee <> ''),
    task_order integer default 0, ${more} feature text, sources jsonb default '[]', code_examples jsonb default '[]',
    archived boolean default false, archived_at timestamptz, archived_by text, ${STAMPS})`

const chunkTable = (name: string, more: string, reference: string): string => `create table ${name} (
    id bigserial primary key, url varchar not null, chunk_number integer not null, content text not null, ${more}
    metadata jsonb not null default '{}', source_id text not null, created_at ${UTC_STAMP},
    unique (url, chunk_number), foreign key (source_id) references archon_sources (source_id) ${reference})`

const FIVE =
  'embedding_384 vector(384), embedding_768 vector(768), embedding_1024 vector(1024), embedding_1536 vector(1536), embedding_3072 vector(3072), llm_chat_model text, embedding_model text, embedding_dimension integer,'

/** The first: one length of embedding, no pages, no priorities, and sources that cannot be deleted before their chunks. */
const first = [
  ...ALWAYS,
  `create table archon_sources (source_id text primary key, summary text, total_word_count integer default 0, title text,
    metadata jsonb default '{}', created_at ${UTC_STAMP}, updated_at ${UTC_STAMP})`,
  chunkTable('archon_crawled_pages', 'embedding vector(1536),', ''),
  chunkTable('archon_code_examples', 'summary text not null, embedding vector(1536),', ''),
  'create index on archon_crawled_pages using ivfflat (embedding vector_cosine_ops)',
  tasksTable(''),
  versionsTable,
]

/** The newest: what its eleven migrations made of the first. */
const newest = [
  ...ALWAYS,
  "create type task_priority as enum ('low', 'medium', 'high', 'critical')",
  `create table archon_sources (source_id text primary key, source_url text, source_display_name text, summary text,
    total_word_count integer default 0, title text, metadata jsonb default '{}', created_at ${UTC_STAMP}, updated_at ${UTC_STAMP})`,
  `create table archon_page_metadata (id uuid primary key default gen_random_uuid(), source_id text not null, url text not null,
    full_content text not null, section_title text, section_order integer default 0, word_count integer not null,
    char_count integer not null, chunk_count integer not null default 0, ${STAMPS}, metadata jsonb default '{}',
    constraint archon_page_metadata_url_unique unique (url),
    foreign key (source_id) references archon_sources (source_id) on delete cascade)`,
  chunkTable(
    'archon_crawled_pages',
    `${FIVE} content_search_vector tsvector generated always as (to_tsvector('english', content)) stored,
      page_id uuid references archon_page_metadata (id) on delete set null,`,
    'on delete cascade',
  ),
  chunkTable('archon_code_examples', `summary text not null, ${FIVE}`, 'on delete cascade'),
  `create index idx_archon_crawled_pages_embedding_384 on archon_crawled_pages
    using ivfflat (embedding_384 vector_cosine_ops) with (lists = 100)`,
  `create function match_archon_crawled_pages(query_embedding vector, match_count integer default 10,
    filter jsonb default '{}', source_filter text default null) returns table (id bigint, url varchar)
    language sql as $$ select id, url from archon_crawled_pages $$`,
  tasksTable("priority task_priority not null default 'medium',"),
  versionsTable,
  `create table archon_migrations (id uuid primary key default gen_random_uuid(), version varchar(20) not null,
    migration_name varchar(255) not null, applied_at timestamptz default now(), checksum varchar(32),
    unique (version, migration_name))`,
  "insert into archon_migrations (version, migration_name) values ('0.1.0', '001_add_source_url_display_name'), ('0.1.0', '011_add_page_metadata_table')",
]

/** Rows that every version took. The number of a document's version was given out twice, which its key did not prevent. */
const ROWS = [
  "insert into archon_settings (key, value, encrypted_value, is_encrypted, category) values ('OPENAI_API_KEY', null, 'cipher', true, 'api_keys'), ('MODEL_CHOICE', 'my-model', null, false, 'rag_strategy'), ('MINE', 'kept', null, false, null)",
  "insert into archon_prompts (prompt_name, prompt) values ('document_builder', 'As I like it')",
  'insert into archon_sources (source_id, title, metadata) values (\'s1\', \'Old source\', \'{"tags": ["a", "b"]}\')',
  `insert into archon_projects (id, title, docs) values ('${UUID(1)}', 'Old project', '[{"id": "d1"}]')`,
  `insert into archon_tasks (id, project_id, title, status, assignee) values ('${UUID(2)}', '${UUID(1)}', 'Old task', 'review', 'Archon')`,
  `insert into archon_document_versions (project_id, field_name, version_number, content, change_summary, created_at) values
    ('${UUID(1)}', 'docs', 1, '{}', 'one', '2025-01-01'), ('${UUID(1)}', 'docs', 2, '{}', 'two', '2025-01-02'),
    ('${UUID(1)}', 'docs', 2, '{}', 'two again', '2025-01-03')`,
  `insert into archon_project_sources (project_id, source_id) values ('${UUID(1)}', 's1')`,
]

export interface OldDatabase {
  readonly name: string
  readonly statements: readonly string[]
}

export const OLD_DATABASES: readonly OldDatabase[] = [
  {
    name: 'the first schema',
    statements: [
      ...first,
      ...ROWS,
      `insert into archon_crawled_pages (url, chunk_number, content, source_id, embedding) values ('https://old.test', 0, 'Old words', 's1', ${VECTOR(1536)})`,
    ],
  },
  {
    name: 'the newest schema',
    statements: [
      ...newest,
      ...ROWS,
      `insert into archon_page_metadata (id, source_id, url, full_content, word_count, char_count) values ('${UUID(3)}', 's1', 'https://old.test', 'Old words', 2, 9)`,
      `insert into archon_crawled_pages (url, chunk_number, content, source_id, page_id, embedding_1536, embedding_dimension) values ('https://old.test', 0, 'Old words', 's1', '${UUID(3)}', ${VECTOR(1536)}, 1536)`,
    ],
  },
]
