-- Runs on an empty database, and on one that Archon's own scripts made, whatever their version: there it adds what is
-- missing and leaves every table, column, index and row that is there.

-- Without these extensions all but their own indexes works: vectors are then stored as arrays and compared in the
-- application. A server that has them may still refuse to let this user install them.
DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['vector', 'pg_trgm'] LOOP
    CONTINUE WHEN EXISTS (SELECT FROM pg_extension WHERE extname = wanted);
    CONTINUE WHEN NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = wanted);
    BEGIN
      EXECUTE format('CREATE EXTENSION %I', wanted);
    EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR object_not_in_prerequisite_state OR undefined_file THEN
      RAISE NOTICE 'The extension % is there, but this user may not install it. Ask an administrator to.', wanted;
    END;
  END LOOP;
END
$$;
--> statement-breakpoint
-- English stems and their places. A tsvector holds 1 MB at most, so long texts are searched by their beginning.
CREATE OR REPLACE FUNCTION archon_document_words(document text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT to_tsvector('english', CASE WHEN octet_length(document) > 131072 THEN left(document, 32768) ELSE document END)
$$;
--> statement-breakpoint
-- The words of a text for keyword search, in lower case: runs of the letters and digits that src/text.ts knows too, the same
-- on every server whatever its locale. A text too long to be split is marked with a star, which every search looks for.
CREATE OR REPLACE FUNCTION archon_words(document text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 2000 AS $$
  SELECT CASE WHEN length(document) > 200000 THEN array_to_tsvector(ARRAY['*']) ELSE (
    SELECT coalesce(array_to_tsvector(array_agg(DISTINCT left(
      CASE WHEN word ~ '[ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮĲĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽΆΈΉΊΌΎΏΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫϴЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯҐẞΩKÅ]' THEN translate(
        word,
        'ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮĲĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽΆΈΉΊΌΎΏΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫϴЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯҐẞΩKÅ',
        'àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþāăąćĉċčďđēĕėęěĝğġģĥħĩīĭįĳĵķĺļľŀłńņňŋōŏőœŕŗřśŝşšţťŧũūŭůűųŵŷÿźżžάέήίόύώαβγδεζηθικλμνξοπρστυφχψωϊϋθѐёђѓєѕіїјљњћќѝўџабвгдежзийклмнопрстуфхцчшщъыьэюяґßωkå'
      ) ELSE word END, 84))), '')
    FROM regexp_split_to_table(
      lower(document COLLATE "C"),
      '[^0-9A-Za-zÀ-ÖØ-öø-ſΆΈ-ΊΌΎ-ΡΣ-ώϴЀ-џҐґא-תء-ي٠-٩ẞΩKÅ]+'
    ) AS word
    WHERE word <> ''
  ) END
$$;
--> statement-breakpoint
DO $$
BEGIN
  CREATE TYPE task_status AS ENUM ('todo', 'doing', 'review', 'done');
EXCEPTION WHEN duplicate_object THEN NULL;
END
$$;
--> statement-breakpoint
DO $$
BEGIN
  CREATE TYPE task_priority AS ENUM ('low', 'medium', 'high', 'critical');
EXCEPTION WHEN duplicate_object THEN NULL;
END
$$;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS archon_settings (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  key varchar(255) COLLATE "C" NOT NULL,
  value text COLLATE "C",
  encrypted_value text COLLATE "C",
  is_encrypted boolean DEFAULT false,
  category varchar(100) COLLATE "C",
  description text COLLATE "C",
  created_at timestamptz(3) DEFAULT now(),
  updated_at timestamptz(3) DEFAULT now(),
  CONSTRAINT archon_settings_key_key UNIQUE(key)
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS archon_sources (
  source_id text COLLATE "C" PRIMARY KEY,
  source_url text COLLATE "C",
  source_display_name text COLLATE "C",
  summary text COLLATE "C",
  total_word_count integer DEFAULT 0,
  title text COLLATE "C",
  metadata jsonb DEFAULT '{}'::jsonb,
  created_at timestamptz(3) DEFAULT now() NOT NULL,
  updated_at timestamptz(3) DEFAULT now() NOT NULL,
  source_type varchar(50) COLLATE "C",
  status varchar(50) COLLATE "C" DEFAULT 'completed',
  error_message text COLLATE "C",
  crawled_at timestamptz(3)
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS archon_page_metadata (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  source_id text COLLATE "C" NOT NULL,
  url text COLLATE "C" NOT NULL,
  full_content text COLLATE "C" NOT NULL,
  section_title text COLLATE "C",
  section_order integer DEFAULT 0,
  word_count integer NOT NULL,
  char_count integer NOT NULL,
  chunk_count integer DEFAULT 0 NOT NULL,
  created_at timestamptz(3) DEFAULT now(),
  updated_at timestamptz(3) DEFAULT now(),
  metadata jsonb DEFAULT '{}'::jsonb,
  CONSTRAINT archon_page_metadata_url_unique UNIQUE(url),
  CONSTRAINT archon_page_metadata_source_id_fkey FOREIGN KEY (source_id) REFERENCES archon_sources(source_id) ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS archon_crawled_pages (
  id bigserial PRIMARY KEY,
  url varchar COLLATE "C" NOT NULL,
  chunk_number integer NOT NULL,
  content text COLLATE "C" NOT NULL,
  metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
  source_id text COLLATE "C" NOT NULL,
  llm_chat_model text COLLATE "C",
  embedding_model text COLLATE "C",
  embedding_dimension integer,
  created_at timestamptz(3) DEFAULT now() NOT NULL,
  page_id uuid,
  title text COLLATE "C",
  total_chunks integer DEFAULT 1,
  content_search_vector tsvector GENERATED ALWAYS AS (archon_document_words(content)) STORED,
  CONSTRAINT archon_crawled_pages_url_chunk_number_key UNIQUE(url,chunk_number),
  CONSTRAINT archon_crawled_pages_source_id_fkey FOREIGN KEY (source_id) REFERENCES archon_sources(source_id) ON DELETE cascade,
  CONSTRAINT archon_crawled_pages_page_id_fkey FOREIGN KEY (page_id) REFERENCES archon_page_metadata(id) ON DELETE set null
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS archon_code_examples (
  id bigserial PRIMARY KEY,
  url varchar COLLATE "C" NOT NULL,
  chunk_number integer NOT NULL,
  content text COLLATE "C" NOT NULL,
  summary text COLLATE "C" NOT NULL,
  metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
  source_id text COLLATE "C" NOT NULL,
  llm_chat_model text COLLATE "C",
  embedding_model text COLLATE "C",
  embedding_dimension integer,
  created_at timestamptz(3) DEFAULT now() NOT NULL,
  file_path text COLLATE "C",
  function_name text COLLATE "C",
  class_name text COLLATE "C",
  language varchar(50) COLLATE "C",
  content_search_vector tsvector GENERATED ALWAYS AS (archon_document_words(content || ' ' || summary)) STORED,
  CONSTRAINT archon_code_examples_url_chunk_number_key UNIQUE(url,chunk_number),
  CONSTRAINT archon_code_examples_source_id_fkey FOREIGN KEY (source_id) REFERENCES archon_sources(source_id) ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS archon_projects (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  title text COLLATE "C" NOT NULL,
  description text COLLATE "C" DEFAULT '',
  docs jsonb DEFAULT '[]'::jsonb,
  features jsonb DEFAULT '[]'::jsonb,
  data jsonb DEFAULT '[]'::jsonb,
  github_repo text COLLATE "C",
  pinned boolean DEFAULT false,
  created_at timestamptz(3) DEFAULT now(),
  updated_at timestamptz(3) DEFAULT now(),
  prd jsonb DEFAULT '{}'::jsonb
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS archon_tasks (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  project_id uuid,
  parent_task_id uuid,
  title text COLLATE "C" NOT NULL,
  description text COLLATE "C" DEFAULT '',
  status task_status DEFAULT 'todo',
  assignee text COLLATE "C" DEFAULT 'User',
  task_order integer DEFAULT 0,
  priority task_priority DEFAULT 'medium' NOT NULL,
  feature text COLLATE "C",
  sources jsonb DEFAULT '[]'::jsonb,
  code_examples jsonb DEFAULT '[]'::jsonb,
  archived boolean DEFAULT false,
  archived_at timestamptz(3),
  archived_by text COLLATE "C",
  created_at timestamptz(3) DEFAULT now(),
  updated_at timestamptz(3) DEFAULT now(),
  CONSTRAINT archon_tasks_assignee_check CHECK (assignee is not null and assignee <> ''),
  CONSTRAINT archon_tasks_project_id_fkey FOREIGN KEY (project_id) REFERENCES archon_projects(id) ON DELETE cascade,
  CONSTRAINT archon_tasks_parent_task_id_fkey FOREIGN KEY (parent_task_id) REFERENCES archon_tasks(id) ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS archon_project_sources (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  project_id uuid,
  source_id text COLLATE "C" NOT NULL,
  linked_at timestamptz(3) DEFAULT now(),
  created_by text COLLATE "C" DEFAULT 'system',
  notes text COLLATE "C",
  CONSTRAINT archon_project_sources_project_id_source_id_key UNIQUE(project_id,source_id),
  CONSTRAINT archon_project_sources_project_id_fkey FOREIGN KEY (project_id) REFERENCES archon_projects(id) ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS archon_document_versions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  project_id uuid,
  task_id uuid,
  field_name text COLLATE "C" NOT NULL,
  version_number integer NOT NULL,
  content jsonb NOT NULL,
  change_summary text COLLATE "C",
  change_type text COLLATE "C" DEFAULT 'update',
  document_id text COLLATE "C",
  created_by text COLLATE "C" DEFAULT 'system',
  created_at timestamptz(3) DEFAULT now(),
  CONSTRAINT archon_document_versions_project_version_key UNIQUE(project_id,field_name,version_number),
  CONSTRAINT archon_document_versions_task_version_key UNIQUE(task_id,field_name,version_number),
  CONSTRAINT archon_document_versions_owner_check CHECK ((project_id is null) <> (task_id is null)),
  CONSTRAINT archon_document_versions_project_id_fkey FOREIGN KEY (project_id) REFERENCES archon_projects(id) ON DELETE cascade,
  CONSTRAINT archon_document_versions_task_id_fkey FOREIGN KEY (task_id) REFERENCES archon_tasks(id) ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS archon_migrations (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  version varchar(20) COLLATE "C" NOT NULL,
  migration_name varchar(255) COLLATE "C" NOT NULL,
  applied_at timestamptz(3) DEFAULT now(),
  checksum varchar(32) COLLATE "C",
  CONSTRAINT archon_migrations_version_migration_name_key UNIQUE(version,migration_name)
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS archon_prompts (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  prompt_name text COLLATE "C" NOT NULL,
  prompt text COLLATE "C" NOT NULL,
  description text COLLATE "C",
  created_at timestamptz(3) DEFAULT now(),
  updated_at timestamptz(3) DEFAULT now(),
  CONSTRAINT archon_prompts_prompt_name_key UNIQUE(prompt_name)
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS archon_configured_repositories (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  repository_url text COLLATE "C" NOT NULL,
  display_name text COLLATE "C",
  owner text COLLATE "C",
  default_branch text COLLATE "C",
  is_verified boolean DEFAULT false,
  last_verified_at timestamptz(3),
  default_sandbox_type text COLLATE "C" DEFAULT 'git_worktree',
  default_commands jsonb DEFAULT '["create-branch","planning","execute","commit","create-pr"]'::jsonb,
  created_at timestamptz(3) DEFAULT now(),
  updated_at timestamptz(3) DEFAULT now(),
  CONSTRAINT archon_configured_repositories_repository_url_key UNIQUE(repository_url),
  CONSTRAINT archon_configured_repositories_repository_url_check CHECK (repository_url ~ '^https://github\.com/[A-Za-z0-9_-]+/[A-Za-z0-9_.-]+/?$'),
  CONSTRAINT archon_configured_repositories_default_sandbox_type_check CHECK (default_sandbox_type in ('git_worktree', 'full_clone', 'tmp_dir'))
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS archon_agent_work_orders (
  agent_work_order_id text COLLATE "C" PRIMARY KEY,
  repository_url text COLLATE "C" NOT NULL,
  sandbox_identifier text COLLATE "C" NOT NULL,
  git_branch_name text COLLATE "C",
  agent_session_id text COLLATE "C",
  status text COLLATE "C" NOT NULL,
  metadata jsonb DEFAULT '{}'::jsonb,
  created_at timestamptz(3) DEFAULT now(),
  updated_at timestamptz(3) DEFAULT now(),
  CONSTRAINT archon_agent_work_orders_status_check CHECK (status in ('pending', 'running', 'completed', 'failed'))
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS archon_agent_work_order_steps (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  agent_work_order_id text COLLATE "C" NOT NULL,
  step text COLLATE "C" NOT NULL,
  agent_name text COLLATE "C" NOT NULL,
  success boolean NOT NULL,
  output text COLLATE "C",
  error_message text COLLATE "C",
  duration_seconds double precision NOT NULL,
  session_id text COLLATE "C",
  executed_at timestamptz(3) NOT NULL,
  step_order integer NOT NULL,
  CONSTRAINT archon_agent_work_order_steps_agent_work_order_id_fkey FOREIGN KEY (agent_work_order_id) REFERENCES archon_agent_work_orders(agent_work_order_id) ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS archon_vector_index (
  table_name varchar(64) COLLATE "C" NOT NULL,
  record_id varchar(255) COLLATE "C" NOT NULL,
  vector_service varchar(50) COLLATE "C" DEFAULT 'local' NOT NULL,
  external_id text COLLATE "C",
  metadata jsonb DEFAULT '{}'::jsonb,
  created_at timestamptz(3) DEFAULT now(),
  CONSTRAINT archon_vector_index_pkey PRIMARY KEY(table_name,record_id,vector_service)
);
--> statement-breakpoint
-- What tables of earlier versions lack. On an empty database nothing is.
ALTER TABLE archon_settings
  ADD COLUMN IF NOT EXISTS value text COLLATE "C",
  ADD COLUMN IF NOT EXISTS encrypted_value text COLLATE "C",
  ADD COLUMN IF NOT EXISTS is_encrypted boolean DEFAULT false,
  ADD COLUMN IF NOT EXISTS category varchar(100) COLLATE "C",
  ADD COLUMN IF NOT EXISTS description text COLLATE "C",
  ADD COLUMN IF NOT EXISTS created_at timestamptz(3) DEFAULT now(),
  ADD COLUMN IF NOT EXISTS updated_at timestamptz(3) DEFAULT now();
--> statement-breakpoint
ALTER TABLE archon_sources
  ADD COLUMN IF NOT EXISTS source_url text COLLATE "C",
  ADD COLUMN IF NOT EXISTS source_display_name text COLLATE "C",
  ADD COLUMN IF NOT EXISTS summary text COLLATE "C",
  ADD COLUMN IF NOT EXISTS total_word_count integer DEFAULT 0,
  ADD COLUMN IF NOT EXISTS title text COLLATE "C",
  ADD COLUMN IF NOT EXISTS metadata jsonb DEFAULT '{}'::jsonb,
  ADD COLUMN IF NOT EXISTS created_at timestamptz(3) DEFAULT now() NOT NULL,
  ADD COLUMN IF NOT EXISTS updated_at timestamptz(3) DEFAULT now() NOT NULL,
  ADD COLUMN IF NOT EXISTS source_type varchar(50) COLLATE "C",
  ADD COLUMN IF NOT EXISTS status varchar(50) COLLATE "C" DEFAULT 'completed',
  ADD COLUMN IF NOT EXISTS error_message text COLLATE "C",
  ADD COLUMN IF NOT EXISTS crawled_at timestamptz(3);
--> statement-breakpoint
ALTER TABLE archon_page_metadata
  ADD COLUMN IF NOT EXISTS section_title text COLLATE "C",
  ADD COLUMN IF NOT EXISTS section_order integer DEFAULT 0,
  ADD COLUMN IF NOT EXISTS chunk_count integer DEFAULT 0 NOT NULL,
  ADD COLUMN IF NOT EXISTS created_at timestamptz(3) DEFAULT now(),
  ADD COLUMN IF NOT EXISTS updated_at timestamptz(3) DEFAULT now(),
  ADD COLUMN IF NOT EXISTS metadata jsonb DEFAULT '{}'::jsonb;
--> statement-breakpoint
ALTER TABLE archon_crawled_pages
  ADD COLUMN IF NOT EXISTS metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
  ADD COLUMN IF NOT EXISTS llm_chat_model text COLLATE "C",
  ADD COLUMN IF NOT EXISTS embedding_model text COLLATE "C",
  ADD COLUMN IF NOT EXISTS embedding_dimension integer,
  ADD COLUMN IF NOT EXISTS created_at timestamptz(3) DEFAULT now() NOT NULL,
  ADD COLUMN IF NOT EXISTS page_id uuid,
  ADD COLUMN IF NOT EXISTS title text COLLATE "C",
  ADD COLUMN IF NOT EXISTS total_chunks integer DEFAULT 1,
  ADD COLUMN IF NOT EXISTS content_search_vector tsvector GENERATED ALWAYS AS (archon_document_words(content)) STORED;
--> statement-breakpoint
ALTER TABLE archon_code_examples
  ADD COLUMN IF NOT EXISTS metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
  ADD COLUMN IF NOT EXISTS llm_chat_model text COLLATE "C",
  ADD COLUMN IF NOT EXISTS embedding_model text COLLATE "C",
  ADD COLUMN IF NOT EXISTS embedding_dimension integer,
  ADD COLUMN IF NOT EXISTS created_at timestamptz(3) DEFAULT now() NOT NULL,
  ADD COLUMN IF NOT EXISTS file_path text COLLATE "C",
  ADD COLUMN IF NOT EXISTS function_name text COLLATE "C",
  ADD COLUMN IF NOT EXISTS class_name text COLLATE "C",
  ADD COLUMN IF NOT EXISTS language varchar(50) COLLATE "C",
  ADD COLUMN IF NOT EXISTS content_search_vector tsvector GENERATED ALWAYS AS (archon_document_words(content || ' ' || summary)) STORED;
--> statement-breakpoint
ALTER TABLE archon_projects
  ADD COLUMN IF NOT EXISTS description text COLLATE "C" DEFAULT '',
  ADD COLUMN IF NOT EXISTS docs jsonb DEFAULT '[]'::jsonb,
  ADD COLUMN IF NOT EXISTS features jsonb DEFAULT '[]'::jsonb,
  ADD COLUMN IF NOT EXISTS data jsonb DEFAULT '[]'::jsonb,
  ADD COLUMN IF NOT EXISTS github_repo text COLLATE "C",
  ADD COLUMN IF NOT EXISTS pinned boolean DEFAULT false,
  ADD COLUMN IF NOT EXISTS created_at timestamptz(3) DEFAULT now(),
  ADD COLUMN IF NOT EXISTS updated_at timestamptz(3) DEFAULT now(),
  ADD COLUMN IF NOT EXISTS prd jsonb DEFAULT '{}'::jsonb;
--> statement-breakpoint
ALTER TABLE archon_tasks
  ADD COLUMN IF NOT EXISTS project_id uuid,
  ADD COLUMN IF NOT EXISTS parent_task_id uuid,
  ADD COLUMN IF NOT EXISTS description text COLLATE "C" DEFAULT '',
  ADD COLUMN IF NOT EXISTS status task_status DEFAULT 'todo',
  ADD COLUMN IF NOT EXISTS assignee text COLLATE "C" DEFAULT 'User',
  ADD COLUMN IF NOT EXISTS task_order integer DEFAULT 0,
  ADD COLUMN IF NOT EXISTS priority task_priority DEFAULT 'medium' NOT NULL,
  ADD COLUMN IF NOT EXISTS feature text COLLATE "C",
  ADD COLUMN IF NOT EXISTS sources jsonb DEFAULT '[]'::jsonb,
  ADD COLUMN IF NOT EXISTS code_examples jsonb DEFAULT '[]'::jsonb,
  ADD COLUMN IF NOT EXISTS archived boolean DEFAULT false,
  ADD COLUMN IF NOT EXISTS archived_at timestamptz(3),
  ADD COLUMN IF NOT EXISTS archived_by text COLLATE "C",
  ADD COLUMN IF NOT EXISTS created_at timestamptz(3) DEFAULT now(),
  ADD COLUMN IF NOT EXISTS updated_at timestamptz(3) DEFAULT now();
--> statement-breakpoint
ALTER TABLE archon_project_sources
  ADD COLUMN IF NOT EXISTS project_id uuid,
  ADD COLUMN IF NOT EXISTS linked_at timestamptz(3) DEFAULT now(),
  ADD COLUMN IF NOT EXISTS created_by text COLLATE "C" DEFAULT 'system',
  ADD COLUMN IF NOT EXISTS notes text COLLATE "C";
--> statement-breakpoint
ALTER TABLE archon_document_versions
  ADD COLUMN IF NOT EXISTS project_id uuid,
  ADD COLUMN IF NOT EXISTS task_id uuid,
  ADD COLUMN IF NOT EXISTS change_summary text COLLATE "C",
  ADD COLUMN IF NOT EXISTS change_type text COLLATE "C" DEFAULT 'update',
  ADD COLUMN IF NOT EXISTS document_id text COLLATE "C",
  ADD COLUMN IF NOT EXISTS created_by text COLLATE "C" DEFAULT 'system',
  ADD COLUMN IF NOT EXISTS created_at timestamptz(3) DEFAULT now();
--> statement-breakpoint
ALTER TABLE archon_migrations
  ADD COLUMN IF NOT EXISTS applied_at timestamptz(3) DEFAULT now(),
  ADD COLUMN IF NOT EXISTS checksum varchar(32) COLLATE "C";
--> statement-breakpoint
ALTER TABLE archon_prompts
  ADD COLUMN IF NOT EXISTS description text COLLATE "C",
  ADD COLUMN IF NOT EXISTS created_at timestamptz(3) DEFAULT now(),
  ADD COLUMN IF NOT EXISTS updated_at timestamptz(3) DEFAULT now();
--> statement-breakpoint
ALTER TABLE archon_configured_repositories
  ADD COLUMN IF NOT EXISTS display_name text COLLATE "C",
  ADD COLUMN IF NOT EXISTS owner text COLLATE "C",
  ADD COLUMN IF NOT EXISTS default_branch text COLLATE "C",
  ADD COLUMN IF NOT EXISTS is_verified boolean DEFAULT false,
  ADD COLUMN IF NOT EXISTS last_verified_at timestamptz(3),
  ADD COLUMN IF NOT EXISTS default_sandbox_type text COLLATE "C" DEFAULT 'git_worktree',
  ADD COLUMN IF NOT EXISTS default_commands jsonb DEFAULT '["create-branch","planning","execute","commit","create-pr"]'::jsonb,
  ADD COLUMN IF NOT EXISTS created_at timestamptz(3) DEFAULT now(),
  ADD COLUMN IF NOT EXISTS updated_at timestamptz(3) DEFAULT now();
--> statement-breakpoint
ALTER TABLE archon_agent_work_orders
  ADD COLUMN IF NOT EXISTS git_branch_name text COLLATE "C",
  ADD COLUMN IF NOT EXISTS agent_session_id text COLLATE "C",
  ADD COLUMN IF NOT EXISTS metadata jsonb DEFAULT '{}'::jsonb,
  ADD COLUMN IF NOT EXISTS created_at timestamptz(3) DEFAULT now(),
  ADD COLUMN IF NOT EXISTS updated_at timestamptz(3) DEFAULT now();
--> statement-breakpoint
ALTER TABLE archon_agent_work_order_steps
  ADD COLUMN IF NOT EXISTS output text COLLATE "C",
  ADD COLUMN IF NOT EXISTS error_message text COLLATE "C",
  ADD COLUMN IF NOT EXISTS session_id text COLLATE "C";
--> statement-breakpoint
-- Of pgvector's type where there is one. Earlier versions kept every embedding in a single column, of 1536 numbers.
DO $$
DECLARE
  tbl text;
  dim integer;
BEGIN
  FOREACH tbl IN ARRAY ARRAY['archon_crawled_pages', 'archon_code_examples'] LOOP
    FOREACH dim IN ARRAY ARRAY[384, 768, 1024, 1536, 3072] LOOP
      EXECUTE format('ALTER TABLE %I ADD COLUMN IF NOT EXISTS embedding_%s %s', tbl, dim,
        CASE WHEN to_regtype('vector') IS NULL THEN 'real[]' ELSE 'vector(' || dim || ')' END);
    END LOOP;
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = tbl::regclass AND attname = 'embedding' AND NOT attisdropped) THEN
      EXECUTE format('UPDATE %I SET embedding_1536 = embedding, embedding_dimension = 1536
        WHERE embedding_1536 IS NULL AND vector_dims(embedding) = 1536', tbl);
    END IF;
  END LOOP;
END
$$;
--> statement-breakpoint
-- The key of versions never held, because one of its columns is always null. Of rows that share a number the oldest keeps
-- it, and the others get the next free ones.
WITH numbered AS (
  SELECT id, project_id, task_id, field_name,
    row_number() OVER (PARTITION BY project_id, task_id, field_name, version_number ORDER BY created_at, id) AS copy,
    max(version_number) OVER (PARTITION BY project_id, task_id, field_name) AS highest
  FROM archon_document_versions
), moved AS (
  SELECT id, highest + row_number() OVER (PARTITION BY project_id, task_id, field_name ORDER BY copy, id) AS number
  FROM numbered WHERE copy > 1
)
UPDATE archon_document_versions AS version SET version_number = moved.number FROM moved WHERE moved.id = version.id;
--> statement-breakpoint
-- Rows that are there already are not held to a check that is new to them.
DO $$
DECLARE
  rule record;
BEGIN
  FOR rule IN SELECT * FROM (VALUES
    ('archon_settings', 'archon_settings_key_key', $c$UNIQUE(key)$c$),
    ('archon_page_metadata', 'archon_page_metadata_url_unique', $c$UNIQUE(url)$c$),
    ('archon_page_metadata', 'archon_page_metadata_source_id_fkey', $c$FOREIGN KEY (source_id) REFERENCES archon_sources(source_id) ON DELETE cascade$c$),
    ('archon_crawled_pages', 'archon_crawled_pages_url_chunk_number_key', $c$UNIQUE(url,chunk_number)$c$),
    ('archon_crawled_pages', 'archon_crawled_pages_source_id_fkey', $c$FOREIGN KEY (source_id) REFERENCES archon_sources(source_id) ON DELETE cascade$c$),
    ('archon_crawled_pages', 'archon_crawled_pages_page_id_fkey', $c$FOREIGN KEY (page_id) REFERENCES archon_page_metadata(id) ON DELETE set null$c$),
    ('archon_code_examples', 'archon_code_examples_url_chunk_number_key', $c$UNIQUE(url,chunk_number)$c$),
    ('archon_code_examples', 'archon_code_examples_source_id_fkey', $c$FOREIGN KEY (source_id) REFERENCES archon_sources(source_id) ON DELETE cascade$c$),
    ('archon_tasks', 'archon_tasks_assignee_check', $c$CHECK (assignee is not null and assignee <> '')$c$),
    ('archon_tasks', 'archon_tasks_project_id_fkey', $c$FOREIGN KEY (project_id) REFERENCES archon_projects(id) ON DELETE cascade$c$),
    ('archon_tasks', 'archon_tasks_parent_task_id_fkey', $c$FOREIGN KEY (parent_task_id) REFERENCES archon_tasks(id) ON DELETE cascade$c$),
    ('archon_project_sources', 'archon_project_sources_project_id_source_id_key', $c$UNIQUE(project_id,source_id)$c$),
    ('archon_project_sources', 'archon_project_sources_project_id_fkey', $c$FOREIGN KEY (project_id) REFERENCES archon_projects(id) ON DELETE cascade$c$),
    ('archon_document_versions', 'archon_document_versions_project_version_key', $c$UNIQUE(project_id,field_name,version_number)$c$),
    ('archon_document_versions', 'archon_document_versions_task_version_key', $c$UNIQUE(task_id,field_name,version_number)$c$),
    ('archon_document_versions', 'archon_document_versions_owner_check', $c$CHECK ((project_id is null) <> (task_id is null))$c$),
    ('archon_document_versions', 'archon_document_versions_project_id_fkey', $c$FOREIGN KEY (project_id) REFERENCES archon_projects(id) ON DELETE cascade$c$),
    ('archon_document_versions', 'archon_document_versions_task_id_fkey', $c$FOREIGN KEY (task_id) REFERENCES archon_tasks(id) ON DELETE cascade$c$),
    ('archon_migrations', 'archon_migrations_version_migration_name_key', $c$UNIQUE(version,migration_name)$c$),
    ('archon_prompts', 'archon_prompts_prompt_name_key', $c$UNIQUE(prompt_name)$c$),
    ('archon_configured_repositories', 'archon_configured_repositories_repository_url_key', $c$UNIQUE(repository_url)$c$),
    ('archon_configured_repositories', 'archon_configured_repositories_repository_url_check', $c$CHECK (repository_url ~ '^https://github\.com/[A-Za-z0-9_-]+/[A-Za-z0-9_.-]+/?$')$c$),
    ('archon_configured_repositories', 'archon_configured_repositories_default_sandbox_type_check', $c$CHECK (default_sandbox_type in ('git_worktree', 'full_clone', 'tmp_dir'))$c$),
    ('archon_agent_work_orders', 'archon_agent_work_orders_status_check', $c$CHECK (status in ('pending', 'running', 'completed', 'failed'))$c$),
    ('archon_agent_work_order_steps', 'archon_agent_work_order_steps_agent_work_order_id_fkey', $c$FOREIGN KEY (agent_work_order_id) REFERENCES archon_agent_work_orders(agent_work_order_id) ON DELETE cascade$c$)
  ) AS rules (tbl, name, definition) LOOP
    -- The first of earlier versions deleted nothing along with a source.
    IF EXISTS (SELECT FROM pg_constraint WHERE conrelid = rule.tbl::regclass AND conname = rule.name AND contype = 'f'
      AND confdeltype <> CASE WHEN rule.definition LIKE '%cascade' THEN 'c' ELSE 'n' END) THEN
      EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', rule.tbl, rule.name);
    END IF;
    CONTINUE WHEN EXISTS (SELECT FROM pg_constraint WHERE conrelid = rule.tbl::regclass AND conname = rule.name);
    EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I %s %s', rule.tbl, rule.name, rule.definition,
      CASE WHEN rule.definition LIKE 'CHECK%' THEN 'NOT VALID' ELSE '' END);
  END LOOP;
END
$$;
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_crawled_pages_metadata ON archon_crawled_pages USING gin (metadata);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_crawled_pages_content_search ON archon_crawled_pages USING gin (content_search_vector);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_crawled_pages_source_id ON archon_crawled_pages (source_id);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_crawled_pages_page_id ON archon_crawled_pages (page_id);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_crawled_pages_embedding_model ON archon_crawled_pages (embedding_model);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_crawled_pages_embedding_dimension ON archon_crawled_pages (embedding_dimension);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_crawled_pages_llm_chat_model ON archon_crawled_pages (llm_chat_model);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_code_examples_metadata ON archon_code_examples USING gin (metadata);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_code_examples_content_search ON archon_code_examples USING gin (content_search_vector);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_code_examples_source_id ON archon_code_examples (source_id);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_code_examples_embedding_model ON archon_code_examples (embedding_model);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_code_examples_embedding_dimension ON archon_code_examples (embedding_dimension);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_code_examples_llm_chat_model ON archon_code_examples (llm_chat_model);
--> statement-breakpoint
CREATE UNIQUE INDEX IF NOT EXISTS idx_configured_repositories_url ON archon_configured_repositories (repository_url);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_configured_repositories_commands ON archon_configured_repositories USING gin (default_commands);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_configured_repositories_verified ON archon_configured_repositories (is_verified);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_configured_repositories_created_at ON archon_configured_repositories (created_at DESC);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_document_versions_project_id ON archon_document_versions (project_id);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_document_versions_task_id ON archon_document_versions (task_id);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_document_versions_field_name ON archon_document_versions (field_name);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_document_versions_version_number ON archon_document_versions (version_number);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_document_versions_created_at ON archon_document_versions (created_at);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_migrations_version ON archon_migrations (version);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_migrations_applied_at ON archon_migrations (applied_at DESC);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_page_metadata_source_id ON archon_page_metadata (source_id);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_page_metadata_url ON archon_page_metadata (url);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_page_metadata_section ON archon_page_metadata (source_id,section_title,section_order);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_page_metadata_metadata ON archon_page_metadata USING gin (metadata);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_page_metadata_created_at ON archon_page_metadata (created_at);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_project_sources_project_id ON archon_project_sources (project_id);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_project_sources_source_id ON archon_project_sources (source_id);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_prompts_name ON archon_prompts (prompt_name);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_settings_key ON archon_settings (key);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_settings_category ON archon_settings (category);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_sources_title ON archon_sources (title);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_sources_url ON archon_sources (source_url);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_sources_display_name ON archon_sources (source_display_name);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_sources_metadata ON archon_sources USING gin (metadata);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_sources_knowledge_type ON archon_sources ((metadata ->> 'knowledge_type'));
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_tasks_project_id ON archon_tasks (project_id);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_tasks_parent_task_id ON archon_tasks (parent_task_id);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_tasks_status ON archon_tasks (status);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_tasks_assignee ON archon_tasks (assignee);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_tasks_order ON archon_tasks (task_order);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_tasks_priority ON archon_tasks (priority);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_tasks_archived ON archon_tasks (archived);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_tasks_archived_at ON archon_tasks (archived_at);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_agent_work_order_steps_work_order_id ON archon_agent_work_order_steps (agent_work_order_id);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_agent_work_order_steps_executed_at ON archon_agent_work_order_steps (executed_at);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_agent_work_orders_status ON archon_agent_work_orders (status);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_agent_work_orders_repository ON archon_agent_work_orders (repository_url);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_agent_work_orders_metadata ON archon_agent_work_orders USING gin (metadata);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_agent_work_orders_created_at ON archon_agent_work_orders (created_at DESC);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_crawled_pages_words ON archon_crawled_pages USING gin (archon_words(content));
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS idx_archon_code_examples_words ON archon_code_examples USING gin (archon_words(content || ' ' || summary));
--> statement-breakpoint
-- Substrings, where the server knows how to look them up.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_opclass WHERE opcname = 'gin_trgm_ops') THEN
    CREATE INDEX IF NOT EXISTS idx_archon_crawled_pages_content_trgm ON archon_crawled_pages USING gin (content gin_trgm_ops);
    CREATE INDEX IF NOT EXISTS idx_archon_code_examples_content_trgm ON archon_code_examples USING gin (content gin_trgm_ops);
    CREATE INDEX IF NOT EXISTS idx_archon_code_examples_summary_trgm ON archon_code_examples USING gin (summary gin_trgm_ops);
  END IF;
END
$$;
--> statement-breakpoint
-- Moves with every change, strictly later than before, whatever the statement sets it to.
CREATE OR REPLACE FUNCTION update_updated_at_column() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  new.updated_at := greatest(date_trunc('milliseconds', clock_timestamp()), old.updated_at + interval '1 millisecond');
  RETURN new;
END
$$;
--> statement-breakpoint
-- Earlier versions have this trigger under another name.
DO $$
DECLARE
  earlier record;
BEGIN
  FOR earlier IN
    SELECT tgname AS name, tgrelid::regclass AS tbl, relname || '_updated_at' AS proper
    FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE tgfoid = 'update_updated_at_column()'::regprocedure AND tgname <> relname || '_updated_at'
  LOOP
    EXECUTE format('ALTER TRIGGER %I ON %s RENAME TO %I', earlier.name, earlier.tbl, earlier.proper);
  END LOOP;
END
$$;
--> statement-breakpoint
CREATE OR REPLACE TRIGGER archon_settings_updated_at BEFORE UPDATE ON archon_settings
FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
--> statement-breakpoint
CREATE OR REPLACE TRIGGER archon_sources_updated_at BEFORE UPDATE ON archon_sources
FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
--> statement-breakpoint
CREATE OR REPLACE TRIGGER archon_page_metadata_updated_at BEFORE UPDATE ON archon_page_metadata
FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
--> statement-breakpoint
CREATE OR REPLACE TRIGGER archon_projects_updated_at BEFORE UPDATE ON archon_projects
FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
--> statement-breakpoint
CREATE OR REPLACE TRIGGER archon_tasks_updated_at BEFORE UPDATE ON archon_tasks
FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
--> statement-breakpoint
CREATE OR REPLACE TRIGGER archon_prompts_updated_at BEFORE UPDATE ON archon_prompts
FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
--> statement-breakpoint
CREATE OR REPLACE TRIGGER archon_configured_repositories_updated_at BEFORE UPDATE ON archon_configured_repositories
FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
--> statement-breakpoint
CREATE OR REPLACE TRIGGER archon_agent_work_orders_updated_at BEFORE UPDATE ON archon_agent_work_orders
FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
--> statement-breakpoint
-- The functions that the application calls. Earlier versions return other columns, which replacing does not allow.
DO $$
DECLARE
  earlier regprocedure;
BEGIN
  FOR earlier IN
    SELECT oid::regprocedure FROM pg_proc
    WHERE pronamespace = current_schema()::regnamespace AND proname = ANY (ARRAY[
      'detect_embedding_dimension', 'get_embedding_column_name', 'archive_task', 'search_archon_pages_fts',
      'match_archon_crawled_pages', 'match_archon_crawled_pages_multi',
      'match_archon_code_examples', 'match_archon_code_examples_multi',
      'hybrid_search_archon_crawled_pages', 'hybrid_search_archon_crawled_pages_multi',
      'hybrid_search_archon_code_examples', 'hybrid_search_archon_code_examples_multi'])
  LOOP
    EXECUTE 'DROP FUNCTION ' || earlier;
  END LOOP;
END
$$;
--> statement-breakpoint
CREATE FUNCTION get_embedding_column_name(dimension integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN dimension IN (384, 768, 1024, 1536, 3072) THEN 'embedding_' || dimension END
$$;
--> statement-breakpoint
-- Archives a task together with its direct subtasks; false when there is no such task.
CREATE FUNCTION archive_task(task_id_param uuid, archived_by_param text DEFAULT 'system') RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM archon_tasks WHERE id = task_id_param) THEN
    RETURN false;
  END IF;
  UPDATE archon_tasks SET archived = true, archived_at = now(), archived_by = archived_by_param
  WHERE id = task_id_param OR parent_task_id = task_id_param;
  RETURN true;
END
$$;
--> statement-breakpoint
CREATE FUNCTION search_archon_pages_fts(
  query_text text, match_count integer DEFAULT 10, filter jsonb DEFAULT '{}', source_filter text DEFAULT NULL
) RETURNS TABLE (
  id bigint, url varchar, chunk_number integer, content text, metadata jsonb, source_id text, rank double precision
)
LANGUAGE sql STABLE AS $$
  SELECT page.id, page.url, page.chunk_number, page.content, page.metadata, page.source_id,
    ts_rank_cd(page.content_search_vector, query)::double precision AS rank
  FROM archon_crawled_pages AS page, plainto_tsquery('english', query_text) AS query
  WHERE page.content_search_vector @@ query
    AND page.metadata @> filter
    AND (source_filter IS NULL OR page.source_id = source_filter)
  ORDER BY rank DESC, page.id
  LIMIT match_count
$$;
--> statement-breakpoint
-- Moves embeddings into pgvector's type, indexes them, and creates the functions that search them. False without that
-- extension. To be called once more when the extension is installed later: SELECT archon_enable_vector()
CREATE OR REPLACE FUNCTION archon_enable_vector() RETURNS boolean
LANGUAGE plpgsql AS $enable$
DECLARE
  version integer[];
  tbl text;
  dim integer;
  fields text;
  result text;
  nearest text;
  settings text := 'SET hnsw.ef_search = 100 SET ivfflat.probes = 32768';
BEGIN
  SELECT string_to_array(extversion, '.')::integer[] INTO version FROM pg_extension WHERE extname = 'vector';
  IF version IS NULL THEN
    RETURN false;
  END IF;
  -- Loads the extension, without which its settings are not known yet.
  PERFORM '[1]'::vector;
  IF version < ARRAY[0, 5] THEN
    settings := 'SET ivfflat.probes = 32768';
  ELSIF version >= ARRAY[0, 8] THEN
    settings := settings || ' SET hnsw.iterative_scan = strict_order SET hnsw.max_scan_tuples = 2147483647';
  END IF;
  FOREACH tbl IN ARRAY ARRAY['archon_crawled_pages', 'archon_code_examples'] LOOP
    FOREACH dim IN ARRAY ARRAY[384, 768, 1024, 1536, 3072] LOOP
      IF (SELECT atttypid FROM pg_attribute WHERE attrelid = tbl::regclass AND attname = 'embedding_' || dim) = 'real[]'::regtype THEN
        EXECUTE format('ALTER TABLE %1$I ALTER COLUMN embedding_%2$s TYPE vector(%2$s) USING embedding_%2$s::vector(%2$s)', tbl, dim);
      END IF;
      -- An index holds up to 2000 numbers, or 4000 of half the precision; what it finds is compared in full.
      IF dim <= 2000 AND version >= ARRAY[0, 5] THEN
        EXECUTE format('CREATE INDEX IF NOT EXISTS idx_%1$s_embedding_%2$s_hnsw ON %1$I USING hnsw (embedding_%2$s vector_cosine_ops)', tbl, dim);
      ELSIF version >= ARRAY[0, 7] THEN
        EXECUTE format('CREATE INDEX IF NOT EXISTS idx_%1$s_embedding_%2$s_hnsw ON %1$I USING hnsw ((embedding_%2$s::halfvec(%2$s)) halfvec_cosine_ops)', tbl, dim);
      END IF;
    END LOOP;

    fields := CASE tbl WHEN 'archon_code_examples'
      THEN 'id, url, chunk_number, content, summary, metadata, source_id'
      ELSE 'id, url, chunk_number, content, metadata, source_id' END;
    result := CASE tbl WHEN 'archon_code_examples'
      THEN 'id bigint, url varchar, chunk_number integer, content text, summary text, metadata jsonb, source_id text, similarity double precision'
      ELSE 'id bigint, url varchar, chunk_number integer, content text, metadata jsonb, source_id text, similarity double precision' END;
    nearest := CASE WHEN version >= ARRAY[0, 7] THEN 'embedding_3072::halfvec(3072) <=> $1::halfvec(3072)' ELSE 'embedding_3072 <=> $1' END;

    EXECUTE format($create$
      CREATE OR REPLACE FUNCTION match_%1$s_multi(
        query_embedding vector, embedding_dimension integer, match_count integer DEFAULT 10,
        filter jsonb DEFAULT '{}', source_filter text DEFAULT NULL
      ) RETURNS TABLE (%3$s)
      LANGUAGE plpgsql %5$s AS $body$
      DECLARE
        embedding text := get_embedding_column_name(embedding_dimension);
      BEGIN
        IF embedding IS NULL OR vector_dims(query_embedding) <> embedding_dimension THEN
          RAISE invalid_parameter_value USING MESSAGE = 'An embedding has 384, 768, 1024, 1536 or 3072 numbers, and as many as embedding_dimension says.';
        END IF;
        RETURN QUERY EXECUTE format(
          'SELECT %2$s, (1 - (%%1$I <=> $1))::double precision FROM %1$I
           WHERE %%1$I IS NOT NULL AND metadata @> $2 AND ($3 IS NULL OR source_id = $3) ORDER BY %%2$s LIMIT $4',
          embedding, CASE embedding_dimension WHEN 3072 THEN '%4$s' ELSE embedding || ' <=> $1' END)
        USING query_embedding, filter, source_filter, match_count;
      END
      $body$ $create$, tbl, fields, result, nearest, settings);

    EXECUTE format($create$
      CREATE OR REPLACE FUNCTION match_%1$s(
        query_embedding vector, match_count integer DEFAULT 10, filter jsonb DEFAULT '{}', source_filter text DEFAULT NULL
      ) RETURNS TABLE (%2$s)
      LANGUAGE sql AS $body$
        SELECT * FROM match_%1$s_multi(query_embedding, vector_dims(query_embedding), match_count, filter, source_filter)
      $body$ $create$, tbl, result);

    EXECUTE format($create$
      CREATE OR REPLACE FUNCTION hybrid_search_%1$s_multi(
        query_embedding vector, embedding_dimension integer, query_text text, match_count integer DEFAULT 10,
        filter jsonb DEFAULT '{}', source_filter text DEFAULT NULL
      ) RETURNS TABLE (%3$s, match_type text)
      LANGUAGE sql AS $body$
        WITH near AS (
          SELECT * FROM match_%1$s_multi(query_embedding, embedding_dimension, match_count, filter, source_filter)
        ), worded AS (
          SELECT %2$s, ts_rank_cd(content_search_vector, plainto_tsquery('english', query_text))::double precision AS similarity
          FROM %1$I
          WHERE content_search_vector @@ plainto_tsquery('english', query_text)
            AND metadata @> filter AND (source_filter IS NULL OR source_id = source_filter)
          ORDER BY similarity DESC, id LIMIT match_count
        ), found AS (
          SELECT near.*, CASE WHEN worded.id IS NULL THEN 'vector' ELSE 'hybrid' END AS match_type
          FROM near LEFT JOIN worded ON worded.id = near.id
          UNION ALL
          SELECT worded.*, 'keyword' FROM worded WHERE NOT EXISTS (SELECT FROM near WHERE near.id = worded.id)
        )
        SELECT * FROM found ORDER BY similarity DESC, id LIMIT match_count
      $body$ $create$, tbl, fields, result);

    EXECUTE format($create$
      CREATE OR REPLACE FUNCTION hybrid_search_%1$s(
        query_embedding vector, query_text text, match_count integer DEFAULT 10,
        filter jsonb DEFAULT '{}', source_filter text DEFAULT NULL
      ) RETURNS TABLE (%2$s, match_type text)
      LANGUAGE sql AS $body$
        SELECT * FROM hybrid_search_%1$s_multi(query_embedding, vector_dims(query_embedding), query_text, match_count, filter, source_filter)
      $body$ $create$, tbl, result);
  END LOOP;

  EXECUTE $create$
    CREATE OR REPLACE FUNCTION detect_embedding_dimension(embedding_vector vector) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$ SELECT vector_dims(embedding_vector) $body$ $create$;
  RETURN true;
END
$enable$;
--> statement-breakpoint
SELECT archon_enable_vector();
--> statement-breakpoint
-- Who is asking. An HTTP interface before the database says so with every request; a role that connects by itself counts as
-- the server, which its owner let in, unless it is one of the two roles that stand for people.
CREATE OR REPLACE FUNCTION archon_request_role() RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT coalesce(
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role',
    nullif(current_setting('request.jwt.claim.role', true), ''),
    CASE WHEN current_user IN ('anon', 'authenticated') THEN current_user ELSE 'service_role' END
  )
$$;
--> statement-breakpoint
-- Owners and administrators pass by these. The ledger has no policy: it is nobody's business but theirs.
DO $$
DECLARE
  rule record;
BEGIN
  FOR rule IN SELECT * FROM (VALUES
    ('archon_settings', 'authenticated', 'ALL'),
    ('archon_sources', 'public', 'SELECT'),
    ('archon_page_metadata', 'public', 'SELECT'),
    ('archon_crawled_pages', 'public', 'SELECT'),
    ('archon_code_examples', 'public', 'SELECT'),
    ('archon_projects', 'authenticated', 'ALL'),
    ('archon_tasks', 'authenticated', 'ALL'),
    ('archon_project_sources', 'authenticated', 'ALL'),
    ('archon_document_versions', 'authenticated', 'ALL'),
    ('archon_migrations', 'authenticated', 'SELECT'),
    ('archon_prompts', 'authenticated', 'SELECT'),
    ('archon_configured_repositories', 'authenticated', 'SELECT'),
    ('archon_agent_work_orders', 'authenticated', 'SELECT'),
    ('archon_agent_work_order_steps', 'authenticated', 'SELECT'),
    ('archon_vector_index', NULL, NULL),
    ('archon_schema_migrations', NULL, NULL)
  ) AS rules (tbl, who, what) LOOP
    CONTINUE WHEN to_regclass(rule.tbl) IS NULL;
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', rule.tbl);
    CONTINUE WHEN rule.tbl = 'archon_schema_migrations';
    EXECUTE format('DROP POLICY IF EXISTS archon_server ON %I', rule.tbl);
    EXECUTE format($policy$CREATE POLICY archon_server ON %I USING ((SELECT archon_request_role()) = 'service_role')$policy$, rule.tbl);
    CONTINUE WHEN rule.who IS NULL;
    EXECUTE format('DROP POLICY IF EXISTS archon_%s ON %I', rule.who, rule.tbl);
    EXECUTE format('CREATE POLICY archon_%s ON %I FOR %s USING (%s)', rule.who, rule.tbl, rule.what,
      CASE rule.who WHEN 'public' THEN 'true' ELSE $policy$(SELECT archon_request_role()) = 'authenticated'$policy$ END);
  END LOOP;
END
$$;
