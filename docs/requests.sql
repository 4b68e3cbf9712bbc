-- The ledger's rows with texts instead of numbers, for this connection alone:
--   sqlite3 -readonly gateway.db -cmd ".read docs/requests.sql" "SELECT * FROM requests LIMIT 10"
CREATE TEMP VIEW requests AS SELECT
  hex(request) AS request, attempt, entry,
  datetime(accepted / 1000000, 'unixepoch') AS accepted_utc, accepted, dispatched, first_byte, ended,
  project.name AS project, api_key.name AS key_id, asked.name AS asked_model, target.name AS target_model,
  served.name AS served_model, provider.name AS provider,
  CASE operation WHEN 0 THEN 'chat' WHEN 1 THEN 'embeddings' WHEN 2 THEN 'completions' WHEN 3 THEN 'images'
    WHEN 4 THEN 'image_edits' WHEN 5 THEN 'transcriptions' WHEN 6 THEN 'translations' WHEN 7 THEN 'speech'
    WHEN 8 THEN 'moderations' WHEN 9 THEN 'rerank' END AS endpoint,
  CASE surface WHEN 0 THEN 'openai' WHEN 1 THEN 'anthropic' WHEN 2 THEN 'responses' WHEN 3 THEN 'insforge' END AS surface,
  streamed,
  CASE state WHEN 0 THEN 'open' WHEN 1 THEN 'settled' WHEN 2 THEN 'failed' WHEN 3 THEN 'interrupted' WHEN 4 THEN 'adjustment'
    END AS state,
  status, code.name AS error_code, finish.name AS finish_reason, input, cached_input, cache_write, output, reasoning,
  images, audio_ms, characters, searches,
  hold AS hold_pico, cost AS cost_pico, upstream_cost AS upstream_cost_pico, cost / 1e12 AS cost_usd,
  CASE cost_source WHEN 0 THEN 'none' WHEN 1 THEN 'provider' WHEN 2 THEN 'priced' WHEN 3 THEN 'estimated' WHEN 4 THEN 'held'
    END AS cost_source,
  version.name AS price_version, flags, client_request_id, generation_id
FROM ledger
  JOIN names AS project ON project.id = ledger.project
  JOIN names AS api_key ON api_key.id = ledger.api_key
  JOIN names AS asked ON asked.id = ledger.asked_model
  JOIN names AS target ON target.id = ledger.target_model
  JOIN names AS served ON served.id = ledger.served_model
  JOIN names AS provider ON provider.id = ledger.provider
  JOIN names AS code ON code.id = ledger.error_code
  JOIN names AS finish ON finish.id = ledger.finish_reason
  JOIN names AS version ON version.id = ledger.price_version;
