// What a gateway is told, as plain structs. The YAML reader builds them; an embedder may fill them in by hand.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/money.h"
#include "gateway/secret.h"
#include "gateway/time.h"

namespace gateway {

// --- prices: USD per single unit; what is absent falls back as said -------------------------------------------------
struct PriceOverride;
// What a service tier costs: so many millionths of the usual figures (2'000'000: twice as much).
struct ServiceTier {
  std::string name;
  std::int64_t millionths = 1'000'000;
};
struct Prices {
  std::optional<Money> input;         // per token
  std::optional<Money> output;        // per token
  std::optional<Money> cached_input;  // per token read from the provider's cache; else input
  std::optional<Money> cache_write;   // per token written to it; else input
  std::optional<Money> reasoning;     // per token; else output
  std::optional<Money> request;       // per request; else nothing
  std::optional<Money> image;         // per image in the request; else a request with images has no known worst case
  std::optional<Money> audio;         // per audio part in the request; likewise
  std::optional<Money> web_search;    // per web search; else a request for one has no known worst case
  std::optional<Money> audio_output;  // per token of audio in the answer; likewise
  std::optional<Money> image_output;  // per token of images in the answer; likewise
  std::vector<ServiceTier> service_tiers;  // those other than the usual one; they change all figures per token and part
  std::vector<PriceOverride> overrides;

  bool known() const noexcept { return input.has_value() || output.has_value() || request.has_value(); }
  // Whether answers have a price: one for input alone does not make output free.
  bool knows_output() const noexcept { return output.has_value() || (!input.has_value() && request.has_value()); }
};
// Applies where all its conditions hold; of several, later ones win, figure by figure (as OpenRouter publishes them).
struct PriceOverride {
  std::int64_t min_prompt_tokens = 0;
  std::optional<int> utc_start_minute, utc_end_minute;  // of the day; may wrap past midnight; start included, end not
  Prices prices;                                        // its own overrides are not looked at
};

// --- providers and routes -------------------------------------------------------------------------------------------
enum class ProviderType : std::uint8_t { openai, openrouter, simulated };

struct ProviderConfig {
  std::string name;
  ProviderType type = ProviderType::openai;
  std::string base_url;   // without a last slash; "https://api.openai.com/v1" where the type has a default
  Secret api_key;         // empty: no authorization field is sent
  Secret management_key;  // OpenRouter: for reconciliation
  std::string proxy;      // see Origin::proxy
  std::string ca_file;    // see Origin::ca_file
  std::vector<std::pair<std::string, std::string>> headers;  // sent with every request
  bool ask_usage =
      true;  // put stream_options.include_usage into streamed requests; not to OpenRouter, which needs none
  std::chrono::seconds catalogue_every{3600};  // OpenRouter: how often its model list is fetched; 0: never
};

// The defaults fit models that think for minutes before they answer.
struct Timeouts {
  std::chrono::milliseconds connect{5000};
  std::chrono::milliseconds first_byte{600'000};  // the answer's first event or body byte, from dispatch
  // Between two pieces of the answer, from the first one on; also the client's, while it does not read.
  std::chrono::milliseconds idle{300'000};
  // The complete exchange, from its acceptance. A target's own: one attempt, from its dispatch.
  std::chrono::milliseconds total{3'600'000};
};

// What a server calls the field that bounds an answer's length.
enum class LengthField : std::uint8_t { max_tokens, max_completion_tokens };

struct TargetConfig {
  std::string provider;
  std::string model;  // the provider's name for it; empty: the name the client asked for
  std::string strip;  // with an empty `model`: what is taken off the beginning of that name
  int weight = 1;
  std::optional<Prices> prices;  // before the catalogue's and the built-in ones
  std::optional<std::int64_t> max_output_tokens;
  std::optional<Timeouts> timeouts;
  std::optional<LengthField> length_field;  // absent: as its host and its model's name say
  std::optional<bool> ask_usage;            // absent: as its provider
  std::string price_version;  // names `prices` in rows, at most 32 bytes; empty: "config@" and a hash of them
};

enum class Strategy : std::uint8_t { ordered, weighted, cheapest, fastest };

struct RouteConfig {
  std::string pattern;  // "fast", "anthropic/*", "*": exact names win, then the longest prefix
  Strategy strategy = Strategy::ordered;
  std::vector<TargetConfig> targets;
};

struct RetryConfig {
  int max_attempts = 3;  // dispatches of one exchange in all
  // on_timeout: the provider's own 408, 504 or 524.
  bool on_connect = true, on_timeout = true, on_429 = true, on_5xx = true;
  // A request that has left and got no answer: the connection broke, or a time limit of ours ended it. Not safe: it may
  // have been acted upon, and billed.
  bool on_lost = false;
  double budget = 0.2;  // extra dispatches at most this share of all, but always 10 a second
  std::chrono::milliseconds max_wait{
      5000};  // for a target that may be tried again only later; longer waits are left to the client
};

// --- tenancy --------------------------------------------------------------------------------------------------------
enum class Period : std::uint8_t { day, week, month, total };  // weeks start on Monday
enum class SpendMode : std::uint8_t { strict, estimate };

struct SpendCap {
  Money cap;
  Period period = Period::month;
  std::vector<int> warn_percent;  // soft thresholds: logged and counted, nothing else
  friend bool operator==(const SpendCap&, const SpendCap&) = default;
};

struct SpendConfig {
  std::vector<SpendCap> caps;  // at most one per period
  SpendMode mode = SpendMode::strict;
  std::string timezone = "UTC";
  Zone zone;                    // of that name
  bool allow_unpriced = false;  // let models without a price through, held and charged at nothing
  friend bool operator==(const SpendConfig&, const SpendConfig&) = default;
};

struct LimitsConfig {
  std::optional<std::int64_t> requests_per_minute;
  std::optional<std::int64_t> tokens_per_minute;
  std::optional<std::int64_t> concurrent;
  std::optional<std::int64_t> max_output_tokens;  // the clamp
  friend bool operator==(const LimitsConfig&, const LimitsConfig&) = default;
};

struct ProjectConfig {
  std::string name;                 // [A-Za-z0-9._-]{1,64}
  std::vector<std::string> models;  // patterns as in routes; empty: all
  LimitsConfig limits;
  SpendConfig spend;
  bool from_file = false;  // the configuration file is its authority
  friend bool operator==(const ProjectConfig&, const ProjectConfig&) = default;
};

using KeyHash = std::array<std::uint8_t, 32>;  // SHA-256 of the whole key text

struct ApiKey {
  std::string id;  // "key_" + 12 characters
  std::string name;
  std::string project;
  KeyHash hash{};
  WallTime created{};
  std::optional<WallTime> expires;
  std::optional<WallTime> revoked;
};

// --- the server around the library ----------------------------------------------------------------------------------
struct TlsConfig {
  std::string certificate;  // PEM files; empty: no TLS
  std::string key;
};

struct ServerConfig {
  std::int64_t max_connections = 10'000;
  std::int64_t max_connections_per_address = 0;  // 0: no limit of its own
  std::int64_t max_in_flight = 4096;
  std::int64_t max_head = 32 * 1024;
  std::int64_t max_body = 32 * 1024 * 1024;
  std::int64_t max_buffered =
      256 * 1024 * 1024;                       // of all requests' bodies and what is kept of answers; at least max_body
  std::int64_t max_event = 32 * 1024 * 1024;   // one event of a stream
  std::int64_t max_answer = 64 * 1024 * 1024;  // an answer in one piece, if it is gathered: see docs/faults.md
  std::int64_t max_connection_memory = 256 * 1024 * 1024;  // of what all clients' connections keep, bodies aside
  std::int64_t min_body_rate = 1024;                       // bytes a second, once a body has had ten; 0: none
  std::chrono::milliseconds head_timeout{10'000};
  std::chrono::milliseconds body_timeout{60'000};
  std::chrono::milliseconds keep_alive{75'000};
  std::chrono::milliseconds drain_delay{0};  // before draining, while /readyz fails and all else is served
  std::chrono::milliseconds drain{30'000};
  std::vector<std::string> cors_origins;  // empty: CORS is off; "*": any
  TlsConfig tls;
};

// Who may read /metrics. Neither: only clients on this machine, where `Config::listen` says.
struct MetricsConfig {
  std::vector<std::string> listen;  // there, and nowhere else
  Secret token;                     // whoever gives it; at least kMinAdminToken characters
};

inline constexpr std::size_t kMinAdminToken = 16;  // shorter ones are guessed

enum class Durability : std::uint8_t { process, power };

struct Config {
  std::vector<std::string> listen{"127.0.0.1:8080"};  // "unix:/path" too
  int workers = 0;                                    // 0: one per core
  std::string database = "sqlite:gateway.db";
  Durability durability = Durability::process;
  Secret admin_token;                     // at least kMinAdminToken characters; empty: the admin API is off
  std::vector<std::string> admin_listen;  // where it is served; empty: where clients are
  MetricsConfig metrics;
  std::vector<ProviderConfig> providers;
  std::vector<RouteConfig> routes;
  RetryConfig retry;
  ServerConfig server;
  Timeouts timeouts;
  std::vector<ProjectConfig> projects;
  bool log_bodies = false;  // a debugging aid that writes prompts and answers to the log: says so loudly
};

}  // namespace gateway
