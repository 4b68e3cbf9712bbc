// What the administration answers with.

export interface Sum {
  [key: string]: string | number | null | undefined;
  requests: number; attempts: number; failed: number; open: number; refused: number;
  input_tokens: number; cached_input_tokens: number; cache_write_tokens: number; output_tokens: number;
  reasoning_tokens: number; cost: string; upstream_cost: string; held: string;
}

export interface Row {
  [key: string]: unknown;
  request_id: string; attempt: number; entry: number; accepted: string; project: string; key: string; endpoint: string;
  asked_model: string; target_model: string; served_model: string | null; provider: string; state: string;
  status: number | null; error_code: string | null; streamed: boolean; input_tokens: number; cached_input_tokens: number;
  cache_write_tokens: number; output_tokens: number; reasoning_tokens: number; hold: string; cost: string;
  upstream_cost: string; cost_source: string; price_version: string | null; dispatched: string | null;
  first_byte: string | null; ended: string | null; finish_reason: string | null; generation_id: string | null;
  client_request_id: string | null; flags: string[];
}

export interface Cap {
  period: 'day' | 'week' | 'month' | 'total'; cap: string; spent: string; held: string; remaining: string;
  resets_at: string | null; warn: number[];
}
export interface Forecast {
  spent_at_reset: string | null; low: string | null; high: string | null; exhausted_at: string | null; basis: string;
}
export interface Budget extends Cap { project: string; mode: string; timezone: string; forecast: Forecast }

export interface Limits {
  requests_per_minute: number | null; tokens_per_minute: number | null; concurrent: number | null;
  max_output_tokens: number | null;
}
export interface Project {
  name: string; from_file: boolean; defined_at: string | null; models: string[]; limits: Limits; mode: string; timezone: string; unpriced: string;
  spend: Cap[]; version: string;
}
export interface LiveLimits {
  project: string; in_flight: number; requests_remaining: number | null; tokens_remaining: number | null;
  concurrent_remaining: number | null;
}
export interface Key {
  id: string; project: string; name: string; state: string; created: string; expires: string | null; revoked: string | null;
  last_used_at: string | null; cost_30d: string;
}
export interface NewKey { id: string; key: string; project: string; name: string; expires: string | null }

export interface Prices {
  [name: string]: unknown;
  input: string | null; output: string | null; cached_input: string | null; service_tiers: Record<string, string>;
  overrides: unknown[];
}
export interface Price extends Prices { source: string; provider: string; model: string }
export interface PriceDifference { figure: string; condition: string | null; here: string | null; listed: string | null; unit: string | null }
export interface Model {
  id: string; provider: string; context_length: number | null; prices: Prices | null; price_version: string | null;
  list_version: string | null; list_differs: PriceDifference[];
}

export interface TargetHealth { model: string; key: string | null; breaker: string; cooling_ms: number; reason: string | null; outlier: string | null; resting_ms: number }
export interface Percentiles { p50: number; p95: number }
/** Of the last minutes or hours; not complete: the server has not run as long. */
export interface HealthWindow {
  attempts: number; failed: number; error_share: number | null; codes: Record<string, number>; first_byte_ms: Percentiles | null;
  duration_ms: Percentiles | null; cost: string; complete: boolean;
}
export interface TargetRecord {
  model: string; last_success: string | null; last_failure: string | null; last_error: string | null;
  windows: Record<string, HealthWindow>;
}
export interface ProviderHealth { provider: string; usable: boolean; targets: TargetHealth[]; recent: TargetRecord[] }
export interface SystemFacts {
  version: string; libraries: string; started_at: string; uptime_seconds: number; workers: number; memory_bytes: number | null;
  buffered_bytes: number; in_flight: number; ledger_writable: boolean; journal_lag: number; journal_damaged: number;
  draining: boolean; staged: { percent: number; of: string } | null;
}
export interface Health {
  in_flight: number; buffered_bytes: number; ledger_queued: number; ledger_writable: boolean; journal_damaged: number;
  draining: boolean; providers: ProviderHealth[];
}

export interface ExplainedTarget {
  order: number; asked: string; provider: string; key: string | null; model: string; prices: Prices | null;
  price_version: string | null; hold: string; output_bound: number; writes_max_tokens: number | null; rests_ms: number;
  first_event_ms: number | null; in_flight: number; hedged_after_ms: number | null; rejected: string | null;
}
export interface Explanation {
  project: string; model: string; endpoint: string; route: string | null; strategy: string | null;
  hedge: { after: string; most: number } | null; allowed: boolean | null; input_bound: number; tokens: number; max_attempts: number; targets: ExplainedTarget[];
  refusal: { status: number; type: string; code: string | null; message: string } | null;
}

export interface Config {
  file: string; listen: string[]; database: string; workers: number;
  admin: { listen: string[] };
  mcp: { enabled: boolean };
  providers: Record<string, { type: string; base_url: string | null }>;
  models: Record<string, { strategy: string; targets: { provider: string; model: string | null; strip: string | null }[] }>;
}

export interface BillLine {
  day: string; model: string; ledger: string; billed: string; difference: string; byok: string; ledger_byok: string;
  ledger_requests: number; billed_requests: number; open: number;
}
export interface Bill {
  provider: string; finished: string | null; error: string | null; since: string | null; until: string | null; ledger: string;
  billed: string; difference: string; absolute_difference: string; differences: BillLine[];
}
export interface Report { last_success: string | null; failures: number; providers: Bill[] }
