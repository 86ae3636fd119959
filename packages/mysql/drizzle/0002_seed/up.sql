insert into `archon_settings` (`id`, `key`, `value`, `is_encrypted`, `category`, `description`) values
  ('112f4f5a-2e36-56f2-9124-9f1cb0e276ad', 'MCP_TRANSPORT', 'dual', false, 'server_config', 'How MCP clients reach the server: sse, stdio or dual for both'),
  ('70ac7665-a558-5c87-be31-a4bd60e7b953', 'HOST', 'localhost', false, 'server_config', 'Address on which the MCP server listens for SSE clients'),
  ('ffdf5d20-1fcb-5631-8081-998faed2a3c0', 'PORT', '8051', false, 'server_config', 'Port on which the MCP server listens for SSE clients'),
  ('cd4063e6-4565-5f8e-a7fb-0f4136d15476', 'OPENAI_API_KEY', null, true, 'api_keys', 'Key for the OpenAI API'),
  ('e51827e5-8dff-5671-ba16-a49a214b8ba0', 'GOOGLE_API_KEY', null, true, 'api_keys', 'Key for the Google Gemini API'),
  ('404553a8-4839-5c10-be99-c3d4c0be47a2', 'OPENROUTER_API_KEY', null, true, 'api_keys', 'Key for the OpenRouter API'),
  ('07673bec-46a9-58e5-bcfb-dbfa4c813b13', 'ANTHROPIC_API_KEY', null, true, 'api_keys', 'Key for the Anthropic API'),
  ('11018b6e-3905-55d0-a6c5-a9533ebc2c7d', 'GROK_API_KEY', null, true, 'api_keys', 'Key for the xAI Grok API'),
  ('d9ae05d7-11cd-555a-8dba-e2afae49a30a', 'PROJECTS_ENABLED', 'true', false, 'features', 'Show projects and tasks'),
  ('00100605-85cc-585b-aafe-7fdc12b22122', 'LOGFIRE_ENABLED', 'true', false, 'monitoring', 'Send logs and traces to Logfire'),
  ('241e90b7-de99-5fbe-a7f8-fd7141be3319', 'MODEL_CHOICE', 'gpt-4.1-nano', false, 'rag_strategy', 'Chat model for summaries and contextual embeddings'),
  ('3491325d-f6cb-5d04-b696-559230ee7f88', 'LLM_PROVIDER', 'openai', false, 'rag_strategy', 'Which provider answers: openai, google, ollama, openrouter, anthropic or grok'),
  ('087d93f7-6c53-563d-95d1-179f6c3f2724', 'LLM_BASE_URL', null, false, 'rag_strategy', 'Base URL of the provider, where it is not its usual one'),
  ('c9d322af-1ead-53a0-ac69-79822f65a67b', 'EMBEDDING_MODEL', 'text-embedding-3-small', false, 'rag_strategy', 'Model that turns text into vectors'),
  ('2ffd5e48-8414-50e9-9d15-d5b458fe6dc5', 'USE_HYBRID_SEARCH', 'true', false, 'rag_strategy', 'Combine vector search with keyword search'),
  ('f7b2a8af-1254-5556-a9f5-47db25e6655f', 'USE_AGENTIC_RAG', 'true', false, 'rag_strategy', 'Extract code examples and search them on their own'),
  ('55d249fb-cd28-5278-bc5c-b615c3382d12', 'USE_RERANKING', 'true', false, 'rag_strategy', 'Let a cross-encoder put search results in order'),
  ('61b3e902-bdbd-5928-8879-c0887f6156f4', 'USE_CONTEXTUAL_EMBEDDINGS', 'false', false, 'rag_strategy', 'Embed every chunk together with a summary of where it stands in its document'),
  ('78057364-5a33-5e84-bd16-4edd573a3e51', 'CONTEXTUAL_EMBEDDINGS_MAX_WORKERS', '3', false, 'rag_strategy', 'Contextual embeddings made at the same time (1 to 10)'),
  ('2bb30b39-a99c-5f89-a591-c53648fedc36', 'CRAWL_BATCH_SIZE', '50', false, 'rag_strategy', 'URLs crawled in one batch (10 to 100)'),
  ('25cf4bcd-3d4a-51be-874e-ef3797720076', 'CRAWL_MAX_CONCURRENT', '10', false, 'rag_strategy', 'Browser sessions open at the same time (1 to 20)'),
  ('e0c75d28-e78a-55eb-8246-db516e0e703a', 'CRAWL_WAIT_STRATEGY', 'domcontentloaded', false, 'rag_strategy', 'When a page counts as loaded: domcontentloaded, networkidle or load'),
  ('4b7cc7cd-cce1-5737-b1b0-6a58be26da8a', 'CRAWL_PAGE_TIMEOUT', '30000', false, 'rag_strategy', 'Longest wait for a page, in milliseconds'),
  ('5f141384-c2f6-5c41-b186-0b039ac88d20', 'CRAWL_DELAY_BEFORE_HTML', '0.5', false, 'rag_strategy', 'Wait for scripts to render before a page is read, in seconds (0.1 to 5.0)'),
  ('20176cca-910d-5c0a-b580-58b51386a928', 'DOCUMENT_STORAGE_BATCH_SIZE', '100', false, 'rag_strategy', 'Chunks stored in one batch (50 to 200)'),
  ('952eb261-0d38-55f2-99d7-2631b39dae24', 'EMBEDDING_BATCH_SIZE', '200', false, 'rag_strategy', 'Texts sent to the embedding model in one request (100 to 500)'),
  ('21169fb7-a5a4-58b7-a00e-109591959336', 'DELETE_BATCH_SIZE', '100', false, 'rag_strategy', 'URLs deleted in one statement (50 to 200)'),
  ('2749adb7-de7a-5aba-b09c-317ef0134516', 'ENABLE_PARALLEL_BATCHES', 'true', false, 'rag_strategy', 'Work on several batches at the same time'),
  ('5c379bfe-f0fd-50bb-8f3a-31a39a0c9382', 'MEMORY_THRESHOLD_PERCENT', '80', false, 'rag_strategy', 'Share of memory in use above which crawling slows down (50 to 90)'),
  ('0590de04-fd27-5806-8cda-59bd1f532ef2', 'DISPATCHER_CHECK_INTERVAL', '0.5', false, 'rag_strategy', 'Time between two looks at the memory in use, in seconds (0.1 to 2.0)'),
  ('b797b916-9af3-5e38-93e5-4db0fb5134b4', 'CODE_EXTRACTION_BATCH_SIZE', '40', false, 'rag_strategy', 'Code blocks extracted in one batch (20 to 100)'),
  ('11fd3012-a392-5c17-bf68-608bf50b0cd5', 'CODE_SUMMARY_MAX_WORKERS', '3', false, 'rag_strategy', 'Code summaries made at the same time (1 to 10)'),
  ('dc94ee14-0c7d-5b9f-a525-1571b172355b', 'CONTEXTUAL_EMBEDDING_BATCH_SIZE', '50', false, 'rag_strategy', 'Chunks put into context in one request (20 to 100)'),
  ('3cea4b6f-163d-5da6-b00a-e1b93132ca16', 'MIN_CODE_BLOCK_LENGTH', '250', false, 'code_extraction', 'Shortest code block that is kept, in characters'),
  ('10d62e5f-fe8d-50db-8f44-4db2b65b11b3', 'MAX_CODE_BLOCK_LENGTH', '5000', false, 'code_extraction', 'Length above which a code block is cut, in characters'),
  ('01e584c6-30d4-5796-8fee-e6ea948f6047', 'ENABLE_COMPLETE_BLOCK_DETECTION', 'true', false, 'code_extraction', 'Extend a block to the end of the function or class it stands in'),
  ('4a69c663-c73e-5bb1-9331-69f8a30f7876', 'ENABLE_LANGUAGE_SPECIFIC_PATTERNS', 'true', false, 'code_extraction', 'Recognize code by the patterns of its language'),
  ('bab2b210-e7dd-5d36-b5da-96a4f70d6186', 'ENABLE_PROSE_FILTERING', 'true', false, 'code_extraction', 'Leave out blocks that are documentation rather than code'),
  ('b54aa56b-4da1-5ffd-bec2-1f5f03580ffe', 'MAX_PROSE_RATIO', '0.15', false, 'code_extraction', 'Share of prose up to which a block still counts as code (0 to 1)'),
  ('29e6d72d-b2c9-570d-bb5b-c685209f6941', 'MIN_CODE_INDICATORS', '3', false, 'code_extraction', 'Signs of code that a block must show at least'),
  ('d22ad9f8-b4c7-541b-b1ea-2d0e0037e343', 'ENABLE_DIAGRAM_FILTERING', 'true', false, 'code_extraction', 'Leave out blocks that describe diagrams'),
  ('8cc7aeeb-67db-53ec-9142-229043c9cb12', 'ENABLE_CONTEXTUAL_LENGTH', 'true', false, 'code_extraction', 'Let the text around a block decide how short it may be'),
  ('0887793e-4410-5b53-858a-10294a6ccdfd', 'CODE_EXTRACTION_MAX_WORKERS', '3', false, 'code_extraction', 'Pages searched for code at the same time'),
  ('2e187921-81ca-502c-8673-ac84e8d76051', 'CONTEXT_WINDOW_SIZE', '1000', false, 'code_extraction', 'Characters before and after a block that are kept as its context'),
  ('849c5d77-75de-5156-a531-1030e246ab44', 'ENABLE_CODE_SUMMARIES', 'true', false, 'code_extraction', 'Give every code example a name and a summary');
--> statement-breakpoint
insert into `archon_prompts` (`id`, `prompt_name`, `prompt`, `description`) values
  ('469cbe20-5ea9-5c2c-bdaf-fea1cbe4ac1e', 'document_builder', 'You write the documents of a software project: requirements, technical specifications, meeting notes, decision records and guides.

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

What to return: one JSON object with a title, a document_type and a content object whose keys are the section names and whose values are text, lists or nested objects. When you change an existing document, keep the sections you were not asked about exactly as they are, and finish with a change_summary of one sentence.', 'Writes and revises the documents of a project'),
  ('53ec55b5-eead-5e7d-9feb-f14155e0b773', 'feature_builder', 'You turn a wish for a product into a feature that a team can build.

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

Return a JSON array of feature objects with exactly these keys.', 'Turns a wish into features that can be built and tested'),
  ('0b8802d9-7c60-5552-b702-0fbe0e3a47a7', 'data_builder', 'You design how a project stores its data.

Work in this order:
1. List the things the project must remember and how they relate: one to one, one to many, many to many.
2. List the questions that will be asked of the data most often. They decide on keys and indexes.
3. Describe every entity: its fields, and for every field the type, whether it may be empty, its default and the rule a value must obey.
4. Choose the key of every entity, and say what happens to dependent rows when a row is deleted.
5. Name the constraints that the database itself should guard, and the indexes, each with the question it serves.

Keep each fact in one place. Copy data only where a measured need justifies it, and then say how the copies are kept equal. Store moments in UTC. Mark personal data and say how long it is kept. When you change an existing model, describe the way from the old form to the new one, and back.

Return a JSON object with the keys entities, relationships, constraints, indexes and migration_notes.', 'Designs entities, relations and constraints');
--> statement-breakpoint
insert into `archon_migrations` (`id`, `version`, `migration_name`) values
  ('abf18d0f-5752-57b4-9257-247de2fe5cba', '0.1.0', '001_add_source_url_display_name'),
  ('5489746c-026f-5fbb-b555-51e4a0d2b233', '0.1.0', '002_add_hybrid_search_tsvector'),
  ('10bcf60e-8014-5d9b-969c-7dce9b20cf82', '0.1.0', '003_ollama_add_columns'),
  ('c4d0148d-fefd-5a08-af59-144d500850d2', '0.1.0', '004_ollama_migrate_data'),
  ('9d028035-3754-5715-aeae-72e4bf0b6803', '0.1.0', '005_ollama_create_functions'),
  ('f32f2bcf-1d93-5d8a-a842-db9a2b9c5de8', '0.1.0', '006_ollama_create_indexes_optional'),
  ('7c3c564f-c4ab-5d4b-a1ba-c538576582b4', '0.1.0', '007_add_priority_column_to_tasks'),
  ('33167598-c4c9-5ac5-8733-6308508251b8', '0.1.0', '008_add_migration_tracking'),
  ('2fcc9bb6-a81d-57f4-b743-29f2561fc987', '0.1.0', '009_add_cascading_delete_constraints'),
  ('cf03b69d-fc7f-594c-b98c-db77e45706e4', '0.1.0', '010_add_provider_placeholders'),
  ('94307fde-6f8c-541d-aa00-432e92ee9f4b', '0.1.0', '011_add_page_metadata_table');
