// The configuration in force. What its keys mean is in docs/configuration.md, whose names they have.
#include "app/render/answers/answers.h"
#include "gateway/tenancy.h"

namespace gateway::app::answers {
namespace {

constexpr Field secret(std::string_view name, std::string_view help) { return text(name, help).or_null(); }

constexpr Field kTimeoutFields[] = {length("connect", "Until the connection is there"),
                                    length("first_byte", "Until the answer begins"),
                                    length("idle", "Between two events"), length("total", "Of the request in all")};

constexpr Field kProviderKeyFields[] = {text("name", "The key's name"), secret("key", "*** if there is one"),
                                        whole("weight", "Its share of requests")};

constexpr Field kTokenCommandFields[] = {text("run", "The program and its arguments").list(),
                                         length("every", "How often it is run"),
                                         length("timeout", "How long it may take")};

constexpr Field kProviderFields[] = {
    text("type", "How it is spoken to"),
    text("base_url", "Null: the type's own").or_null(),
    text("api_version", "Null: the type's own").or_null(),
    text("preset", "Null: none").or_null(),
    secret("api_key", "*** if there is one"),
    object("api_keys", kConfigProviderKey, "If it has several").list(),
    object("token_command", kConfigTokenCommand, "Makes its key; null: none").or_null(),
    secret("management_key", "*** if there is one"),
    text("proxy", "Null: none").or_null(),
    text("ca_file", "Null: the system's").or_null(),
    text("headers", "Their values are ***").by_name(),
    text("ask_usage", "always or never"),
    length("catalogue_every", "How often its price list is fetched")};

constexpr Field kCanaryFields[] = {number("percent", "Of the requests"),
                                   text("by", "What is kept together; null: nothing").or_null()};

constexpr Field kConditionFields[] = {text("projects", "Empty: any").list(),
                                      text("keys", "Empty: any").list(),
                                      text("header", "Header fields and their values").by_name(),
                                      text("metadata", "Members of the request's metadata and their values").by_name(),
                                      text("tags", "Empty: any").list(),
                                      whole("input_tokens_over", "Null: however many").or_null(),
                                      whole("input_tokens_under", "Null: however many").or_null(),
                                      text("hours", "UTC; null: at all times").or_null()};

constexpr Field kTargetFieldsInForce[] = {text("provider", "The provider's name"),
                                          text("model", "Null: as the client asked for it").or_null(),
                                          text("strip", "A prefix that is taken off; null: none").or_null(),
                                          whole("weight", "Its share"),
                                          object("prices", kPrices, "Null: not of the file").or_null(),
                                          whole("max_output_tokens", "Null: not known").or_null(),
                                          object("timeouts", kConfigTimeouts, "Null: those of all").or_null(),
                                          text("length_field", "Null: the provider's").or_null(),
                                          text("ask_usage", "always or never; null: the provider's").or_null(),
                                          text("thinking", "Null: by the model's name").or_null(),
                                          text("sampling", "Null: by the model's name").or_null(),
                                          flag("schemas", "Null: by the model's name").or_null(),
                                          object("when", kConfigCondition, "Null: always").or_null(),
                                          object("canary", kConfigCanary, "Null: all requests").or_null(),
                                          text("can", "What it is able to do; null: not said").list().or_null(),
                                          whole("context_length", "In tokens; null: not known").or_null()};

constexpr Field kGroupFields[] = {whole("first", "The place of its first target, from 0 on"),
                                  whole("count", "How many targets it has"),
                                  text("strategy", "How it orders them"),
                                  whole("weight", "Its share"),
                                  object("when", kConfigCondition, "Null: always").or_null(),
                                  object("canary", kConfigCanary, "Null: all requests").or_null(),
                                  object("groups", kConfigGroup, "Those within it").list()};

constexpr Field kRouteFields[] = {text("strategy", "How it orders its targets"),
                                  text("sticky", "What stays at one target; null: nothing").or_null(),
                                  object("hedge", kHedge, "A second attempt beside a slow one; null: none").or_null(),
                                  object("targets", kConfigTarget, "Those of its groups too").list(),
                                  object("groups", kConfigGroup, "Of its targets").list()};

constexpr Field kRetryFields[] = {
    whole("max_attempts", "Dispatches of one request at most"), text("on", "What is tried again").list(),
    number("budget", "The share of extra dispatches"), length("max_wait", "For a provider that asks to wait")};

constexpr Field kOutlierFields[] = {number("errors_over", "Share of errors above that of the others"),
                                    number("slower_than", "Times the others' time; 0: however slow"),
                                    whole("least_attempts", "Before it is judged"),
                                    length("rest", "The first one"),
                                    length("longest_rest", "However often"),
                                    number("at_most", "Share of a route's targets that rest")};

constexpr Field kTlsFields[] = {text("certificate", "A file"), text("key", "A file")};

constexpr Field kServerFields[] = {whole("max_connections", "In all"),
                                   whole("max_connections_per_address", "Of one address"),
                                   whole("max_in_flight", "Requests at a time"),
                                   whole("max_head", "Bytes"),
                                   whole("max_body", "Bytes"),
                                   whole("max_upload", "Bytes, of a form"),
                                   whole("max_buffered", "Bytes, of all requests"),
                                   whole("max_event", "Bytes, of a stream's event"),
                                   whole("max_answer", "Bytes, of an answer that is read as one"),
                                   whole("max_connection_memory", "Bytes, of all connections"),
                                   whole("min_body_rate", "Bytes a second"),
                                   length("head_timeout", "Until a request's head is there"),
                                   length("body_timeout", "Until a body is there"),
                                   length("keep_alive", "Of an idle connection"),
                                   length("drain_delay", "Before it stops taking connections"),
                                   length("drain", "For what is under way at the end"),
                                   text("cors_origins", "Origins of pages that may ask").list(),
                                   object("tls", kConfigTls, "Null: plain HTTP").or_null()};

constexpr Field kMcpFields[] = {flag("enabled", "/mcp is served"), text("write", "What tools may change").list(),
                                text("origins", "Origins of pages that may ask").list()};

constexpr Field kConfigCapFields[] = {money("cap", "What may be spent in a period"),
                                      word<Period>("period", "Of the cap"),
                                      whole("warn", "At which percentages of it the log warns").list()};

constexpr Field kProjectFieldsInForce[] = {
    text("models", "Empty: all").list(),
    object("limits", kLimits, "Its rates and lengths"),
    object("spend", kConfigCap, "Its spend caps").list(),
    word<SpendMode>("mode", "strict holds the worst case, estimate the expected cost"),
    text("timezone", "Whose days, weeks and months its caps follow"),
    text("unpriced", "allow or refuse models without a known price")};

constexpr Field kAdminFields[] = {text("listen", "Empty: the clients' addresses").list(),
                                  secret("token", "*** if there is one")};
constexpr Field kTokenFields[] = {text("name", "Whose it is"), secret("token", "***"), text("role", "read or write")};
constexpr Field kReconcileFields[] = {flag("nightly", "Bills are compared each night"),
                                      flag("book", "Differences are booked")};
constexpr Field kMetricsFields[] = {text("listen", "Empty: the clients' addresses").list(),
                                    secret("token", "*** if there is one")};
constexpr Field kSurfaceFields[] = {flag("insforge", "InsForge's paths are served")};

constexpr Field kConfigFields[] = {text("file", "Null: there is none").or_null(),
                                   text("listen", "Addresses").list(),
                                   whole("workers", "0: one for each core"),
                                   text("database", "What is used, which a flag may have chosen"),
                                   text("journals", "A folder; null: beside the database").or_null(),
                                   text("durability", "process or power"),
                                   object("admin", kConfigAdmin, "This administration"),
                                   object("admin_tokens", kConfigToken, "Further tokens").list(),
                                   flag("dashboard", "It is served"),
                                   object("reconcile", kConfigReconcile, "The nightly reconciliation"),
                                   object("metrics", kConfigMetrics, "Where they are served"),
                                   object("mcp", kConfigMcp, "The MCP server"),
                                   object("providers", kConfigProvider, "By their names").by_name(),
                                   object("models", kConfigRoute, "Routes by their patterns").by_name(),
                                   object("retry", kConfigRetry, "What is tried again"),
                                   object("outliers", kConfigOutliers, "Which targets are tried last"),
                                   object("server", kConfigServer, "Its limits"),
                                   object("timeouts", kConfigTimeouts, "Of requests to providers"),
                                   object("projects", kConfigProject, "By their names").by_name(),
                                   object("surfaces", kConfigSurfaces, "Beside the usual ones"),
                                   flag("route_header", "Answers say where their request went"),
                                   flag("log_bodies", "Bodies are logged")};

}  // namespace

const Shape kConfigTimeouts{"ConfigTimeouts", "Time limits", kTimeoutFields};
const Shape kConfigProviderKey{"ConfigProviderKey", "One of a provider's keys", kProviderKeyFields};
const Shape kConfigTokenCommand{"ConfigTokenCommand", "A program that makes a key", kTokenCommandFields};
const Shape kConfigProvider{"ConfigProvider", "A provider", kProviderFields};
const Shape kConfigCanary{"ConfigCanary", "A share of the requests", kCanaryFields};
const Shape kConfigCondition{"ConfigCondition", "For which requests", kConditionFields};
const Shape kConfigTarget{"ConfigTarget", "A target of a route", kTargetFieldsInForce};
const Shape kConfigGroup{"ConfigGroup", "A group of a route's targets", kGroupFields};
const Shape kConfigRoute{"ConfigRoute", "A route", kRouteFields};
const Shape kConfigRetry{"ConfigRetry", "What is tried again", kRetryFields};
const Shape kConfigOutliers{"ConfigOutliers", "Which targets are tried last", kOutlierFields};
const Shape kConfigTls{"ConfigTls", "TLS of the clients' addresses", kTlsFields};
const Shape kConfigServer{"ConfigServer", "Limits of the server", kServerFields};
const Shape kConfigMcp{"ConfigMcp", "The MCP server", kMcpFields};
const Shape kConfigCap{"ConfigCap", "A spend cap", kConfigCapFields};
const Shape kConfigProject{"ConfigProject", "A project of the file", kProjectFieldsInForce};
const Shape kConfigAdmin{"ConfigAdmin", "The administration", kAdminFields};
const Shape kConfigToken{"ConfigToken", "A token of the administration", kTokenFields};
const Shape kConfigReconcile{"ConfigReconcile", "The nightly reconciliation", kReconcileFields};
const Shape kConfigMetrics{"ConfigMetrics", "Where metrics are served", kMetricsFields};
const Shape kConfigSurfaces{"ConfigSurfaces", "Shapes of clients beside the usual ones", kSurfaceFields};
const Shape kConfig{"Config", "The configuration in force", kConfigFields};

}  // namespace gateway::app::answers
