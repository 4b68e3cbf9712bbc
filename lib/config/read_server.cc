#include "config/doubts.h"
#include "config/scalars.h"
#include "config/sections.h"

namespace gateway {
namespace {

using std::chrono::milliseconds;

constexpr Key kServerKeys[] = {
    {"max_connections", "a whole number from 1 to 10000000", "10000",
     "Connections of clients. More are answered 503, or closed if TLS is spoken."},
    {"max_connections_per_address", "a whole number from 0 to 10000000", "0",
     "The same from one address. 0: no limit of its own."},
    {"max_in_flight", "a whole number from 1 to 10000000", "4096", "Requests under way; more get 503 `overloaded`."},
    {"max_head", "a size such as 32KiB or 32MiB, at least 1024 bytes", "32KiB", "A request's head: else 431."},
    {"max_body", "a size such as 32KiB or 32MiB, at least 1024 bytes", "32MiB", "A request's body, decoded: else 413."},
    {"max_upload", "a size such as 32KiB or 32MiB, at least 1024 bytes", "512MiB",
     "A form that is passed on as it comes, for audio and image edits: else 413. Less than `max_body`: that."},
    {"max_buffered", "a size such as 32KiB or 32MiB, at least 1024 bytes", "256MiB",
     "Memory for the bodies of all requests and for answers while they are gathered; at least `max_body`."},
    {"max_event", "a size such as 32KiB or 32MiB, at least 65536 bytes", "32MiB", "One event of a provider's stream."},
    {"max_answer", "a size such as 32KiB or 32MiB, at least 1048576 bytes", "64MiB",
     "An answer in one piece, if it has to be gathered."},
    {"max_connection_memory", "a size such as 32KiB or 32MiB, at least 1024 bytes", "256MiB",
     "Memory of all connections beside bodies."},
    {"min_body_rate", "a size such as 32KiB or 32MiB, at least 0 bytes", "1KiB",
     "Bytes a second that a body must come at on average after its first ten seconds: else 408. `0B`: none."},
    {"head_timeout", "a duration such as 250ms, 2s, 10m or 1h, at least 1ms", "10s", "For a complete head: else 408."},
    {"body_timeout", "a duration such as 250ms, 2s, 10m or 1h, at least 1ms", "60s", "For a complete body: else 408."},
    {"keep_alive", "a duration such as 250ms, 2s, 10m or 1h, at least 1ms", "75s",
     "How long an idle connection is kept."},
    {"drain_delay", scalars::kDurationExpected, "0s",
     "After SIGTERM: how long `/readyz` answers 503 while all else is served."},
    {"drain", scalars::kDurationExpected, "30s", "After that: how long streams may finish."},
    {"cors_origins", "an origin such as https://app.example.com, or \"*\"", "[]",
     "Origins of browsers that may call; a list, or `\"*\"`. Empty: CORS is off."},
    {"tls", "a mapping", "", "TLS at all addresses but unix sockets."},
};

constexpr Key kTlsKeys[] = {
    {"certificate", "text", "", "A PEM file: the certificate and its chain."},
    {"key", "text", "", "A PEM file: the private key."},
};

constexpr const char* kOriginExpected = "an origin such as https://app.example.com";
constexpr Key kMcpKeys[] = {
    {"enabled", "true or false", "false",
     "Serves it where clients are, to a project's key (its own data) and to the admin token (all)."},
    {"write", "keys", "[]",
     "What its tools may change, each time after a confirmation. `keys`: create, rotate, revoke."},
    {"origins", kOriginExpected, "[]", "Origins of browsers that may call, beside the host's own."},
};

constexpr Key kTimeoutsKeys[] = {
    {"connect", "a duration such as 250ms, 2s, 10m or 1h, at least 1ms", "5s", "To reach the provider, TLS included."},
    {"first_byte", "a duration such as 250ms, 2s, 10m or 1h, at least 1ms", "10m",
     "From the dispatch to the answer's first event, or its first byte in one piece."},
    {"idle", "a duration such as 250ms, 2s, 10m or 1h, at least 1ms", "5m",
     "Between two pieces of the answer, from the first event on; also for a client that does not read."},
    {"total", "a duration such as 250ms, 2s, 10m or 1h, at least 1ms", "60m",
     "For all of a request, from its acceptance; a target's own: for one attempt, from its dispatch."},
};

constexpr const char* kRetryOn = "connect, timeout, 429, 5xx, lost, context_length or content_policy";

constexpr Key kRetryKeys[] = {
    {"max_attempts", "a whole number from 1 to 100", "3", "Dispatches of one request in all."},
    {"on", kRetryOn, "[connect, timeout, 429, 5xx]",
     "What is tried again. `timeout`: the provider's own 408, 504 or 524. `lost`: a request that has left and got no "
     "answer; it may have been acted upon and billed. `context_length`: what a model finds too long goes to a target "
     "with a larger `context_length`. `content_policy`: a refusal of the content goes to the next target."},
    {"budget", "a share from 0 to 1, such as 0.2", "0.2",
     "Extra dispatches, as a share of all; but always ten a second."},
    {"max_wait", scalars::kDurationExpected, "5s",
     "The longest wait for a target that asks for one; longer ones are left to the client."},
};

constexpr const char* kMultiple = "a number from 0 to 1000, such as 3 or 2.5";

constexpr Key kOutlierKeys[] = {
    {"errors_over", "a share from 0 to 1, such as 0.2", "0.5",
     "It rests if its share of failures is so much above that of the others together. 0: errors rest nobody."},
    {"slower_than", kMultiple, "0",
     "It rests if its answers begin after more than so many times the median of the others. 0: slowness rests nobody."},
    {"least_attempts", "a whole number from 1 to 1000000", "20",
     "In the last minute, of it and of another: else it is not judged."},
    {"rest", "a duration such as 250ms, 2s, 10m or 1h, at least 1ms", "30s",
     "For how long it is tried after the others. Doubled each time it has to rest again soon after."},
    {"longest_rest", "a duration such as 250ms, 2s, 10m or 1h, at least 1ms", "10m", "At most."},
    {"at_most", "a share from 0 to 1, such as 0.2", "0.5",
     "Of a route's targets, how many may rest at once; never all of them. 0: none."},
};

void get_bytes(const Fields& fields, std::string_view key, std::int64_t& out, std::int64_t least) {
  const std::string expected = scalars::kBytesExpected + (", at least " + std::to_string(least) + " bytes");
  fields.get(key, out, expected, [least](std::string_view text) {
    const std::optional<std::int64_t> size = scalars::bytes(text);
    return size && *size >= least ? size : std::nullopt;
  });
}

void read_tls(Reading& reading, const yaml::Node& node, TlsConfig& tls) {
  const Fields fields(reading, node, "server.tls", kTlsSection);
  fields.text("certificate", tls.certificate);
  fields.text("key", tls.key);
  doubt_file(fields, "certificate", tls.certificate);
  doubt_file(fields, "key", tls.key);
  if (fields.has("certificate") != fields.has("key")) {
    reading.mistake(node.place, "server.tls needs both 'certificate' and 'key'; expected two PEM files");
  }
}

// As browsers send it: scheme, host, port.
std::optional<std::string> read_origin(std::string_view text) {
  const std::size_t scheme = text.find("://");
  const bool origin = scheme != std::string_view::npos && scheme > 0 && text.size() > scheme + 3 &&
                      text.find_first_of("/ \t?#", scheme + 3) == std::string_view::npos;
  if (text != "*" && !origin) return std::nullopt;
  return std::string(text);
}

}  // namespace

const Section kServerSection{"server", kServerKeys};
const Section kTlsSection{"server.tls", kTlsKeys, {}, "Both, or neither. A reload reads the files again."};
const Section kMcpSection{"mcp", kMcpKeys};
const Section kTimeoutsSection{"timeouts", kTimeoutsKeys, {}, "A target's own `timeouts` begin as these."};
const Section kRetrySection{"retry", kRetryKeys};
const Section kOutlierSection{"outliers", kOutlierKeys};

void read_server(Reading& reading, const yaml::Node& node, ServerConfig& server) {
  const Fields fields(reading, node, "server", kServerSection);
  fields.whole("max_connections", server.max_connections, 1, 10'000'000);
  fields.whole("max_connections_per_address", server.max_connections_per_address, 0, 10'000'000);
  fields.whole("max_in_flight", server.max_in_flight, 1, 10'000'000);
  get_bytes(fields, "max_head", server.max_head, 1024);
  get_bytes(fields, "max_body", server.max_body, 1024);
  get_bytes(fields, "max_upload", server.max_upload, 1024);
  get_bytes(fields, "max_buffered", server.max_buffered, 1024);
  get_bytes(fields, "max_event", server.max_event, 64 * 1024);
  get_bytes(fields, "max_answer", server.max_answer, 1024 * 1024);
  get_bytes(fields, "max_connection_memory", server.max_connection_memory, 1024);
  get_bytes(fields, "min_body_rate", server.min_body_rate, 0);
  if (server.max_buffered < server.max_body) {
    fields.mistake(fields.has("max_buffered") ? "max_buffered" : "max_body",
                   "'max_buffered' in server is less than 'max_body'; expected room for at least one body");
  }
  fields.duration("head_timeout", server.head_timeout, milliseconds(1));
  fields.duration("body_timeout", server.body_timeout, milliseconds(1));
  fields.duration("keep_alive", server.keep_alive, milliseconds(1));
  fields.duration("drain_delay", server.drain_delay, milliseconds(0));
  fields.duration("drain", server.drain, milliseconds(0));
  constexpr const char* kCorsExpected = "an origin such as https://app.example.com, or \"*\"";
  for (const Fields::Item& item : fields.texts("cors_origins", kCorsExpected)) {
    if (auto origin = read_origin(item.text.text)) {
      server.cors_origins.push_back(std::move(*origin));
    } else {
      reading.unexpected(*item.node, fields.where("cors_origins"), kCorsExpected, item.text.shown);
    }
  }
  if (const yaml::Entry* tls = fields.find("tls")) read_tls(reading, *tls->value, server.tls);
}

void read_mcp(Reading& reading, const yaml::Node& node, McpConfig& mcp) {
  const Fields fields(reading, node, "mcp", kMcpSection);
  fields.flag("enabled", mcp.enabled);
  for (const Fields::Item& item : fields.texts("write", "keys")) {
    if (item.text.text == "keys") {
      mcp.write_keys = true;
    } else {
      reading.unexpected(*item.node, fields.where("write"), "keys", item.text.shown);
    }
  }
  for (const Fields::Item& item : fields.texts("origins", kOriginExpected)) {
    const auto origin = read_origin(item.text.text);
    if (origin && *origin != "*") {
      mcp.origins.push_back(*origin);
    } else {
      reading.unexpected(*item.node, fields.where("origins"), kOriginExpected, item.text.shown);
    }
  }
}

void read_timeouts(Reading& reading, const yaml::Node& node, const std::string& name, Timeouts& timeouts) {
  const Fields fields(reading, node, name, kTimeoutsSection);
  fields.duration("connect", timeouts.connect, milliseconds(1));
  fields.duration("first_byte", timeouts.first_byte, milliseconds(1));
  fields.duration("idle", timeouts.idle, milliseconds(1));
  fields.duration("total", timeouts.total, milliseconds(1));
}

void read_retry(Reading& reading, const yaml::Node& node, RetryConfig& retry) {
  const Fields fields(reading, node, "retry", kRetrySection);
  fields.whole("max_attempts", retry.max_attempts, 1, 100);
  fields.get("budget", retry.budget, "a share from 0 to 1, such as 0.2", scalars::share);
  fields.duration("max_wait", retry.max_wait, milliseconds(0));
  if (!fields.has("on")) return;
  const Word<bool RetryConfig::*> kinds[] = {{"connect", &RetryConfig::on_connect},
                                             {"timeout", &RetryConfig::on_timeout},
                                             {"429", &RetryConfig::on_429},
                                             {"5xx", &RetryConfig::on_5xx},
                                             {"lost", &RetryConfig::on_lost},
                                             {"context_length", &RetryConfig::on_context_length},
                                             {"content_policy", &RetryConfig::on_content_policy}};
  for (const auto& kind : kinds) retry.*kind.value = false;
  const char* const kExpected = kRetryOn;
  for (const Fields::Item& item : fields.texts("on", kExpected)) {
    bool known = false;
    for (const auto& kind : kinds) {
      if (kind.text == item.text.text) known = retry.*kind.value = true;
    }
    if (!known) reading.unexpected(*item.node, fields.where("on"), kExpected, item.text.shown);
  }
}

void read_outliers(Reading& reading, const yaml::Node& node, OutlierConfig& outliers) {
  const Fields fields(reading, node, "outliers", kOutlierSection);
  const char* const kShare = "a share from 0 to 1, such as 0.2";
  fields.get("errors_over", outliers.errors_over, kShare, scalars::share);
  fields.get("slower_than", outliers.slower_than, kMultiple, scalars::multiple);
  fields.whole("least_attempts", outliers.least_attempts, 1, 1'000'000);
  fields.duration("rest", outliers.rest, milliseconds(1));
  fields.duration("longest_rest", outliers.longest_rest, milliseconds(1));
  fields.get("at_most", outliers.at_most, kShare, scalars::share);
  if (outliers.longest_rest < outliers.rest)
    fields.mistake(fields.has("longest_rest") ? "longest_rest" : "rest",
                   "'longest_rest' in outliers is shorter than 'rest'");
}

}  // namespace gateway
