// The gateway's tools over a ledger, for the administration and for a project's key.
#include "app/mcp/tools/tools.h"

#include <regex>

#include "app/mcp/confirm.h"
#include "apps/cli/cli.h"

using namespace gateway::app;
using namespace gateway::app::mcp;

namespace {

constexpr const char* kConfig = R"(database: sqlite:gateway.db
providers:
  openai: {type: openai, base_url: "http://127.0.0.1:9/v1", api_key: sk-x}
models:
  fast: {targets: [{provider: openai, model: gpt-4o-mini, prices: {input: 1, output: 2}}]}
  slow: {targets: [{provider: openai, model: gpt-4o, prices: {input: 10, output: 20}}]}
projects:
  demo: {models: [fast], spend: {cap: 1, period: total}}
  other: {}
)";

struct Bench {
  Cli cli;
  Sources sources;
  std::string delivered;

  Bench() {
    cli.folder.write("gateway.yaml", kConfig);
    Row theirs = settled_row(2);
    theirs.project = "other";
    theirs.key = "key_other";
    Row failed = settled_row(3);
    failed.state = RowState::failed;
    failed.error_code = "provider_error";
    failed.cost = {};
    RefusalCount refusal;
    refusal.minute = std::chrono::floor<std::chrono::minutes>(fixed_now().time_since_epoch()).count();
    refusal.project = "demo";
    refusal.model = "fast";
    refusal.code = "insufficient_quota";
    refusal.count = 3;
    RefusalCount theirs_too = refusal;
    theirs_too.project = "other";
    append(*cli.store(), {settled_row(1), theirs, failed}, {refusal, theirs_too});
    ConfigReading reading = read_config_file("gateway.yaml", [](const std::string&) { return std::nullopt; });
    REQUIRE(reading.mistakes.empty());
    sources.config = std::make_shared<const Config>(std::move(reading.config));
    sources.config_path = "gateway.yaml";
    sources.database = "gateway.db";
    sources.base_url = "http://127.0.0.1:8080/v1";
    sources.now = [] { return fixed_now() + std::chrono::minutes(1); };
    sources.confirmations = std::make_shared<Confirmations>("secret");
    sources.delivery.check = []() -> Result<void> { return {}; };
    sources.delivery.deliver = [this](const operations::NewKey& made) -> Result<std::string> {
      delivered = made.text;
      return std::string("there");
    };
  }

  static Caller admin() { return {true, {}, "test", {}}; }
  static Caller of_demo() {
    ApiKey key;
    key.id = "key_demo";
    key.name = "of demo";
    key.project = "demo";
    return {false, "demo", {}, key};
  }

  std::string ask(const Caller& caller, const std::string& method, const std::string& params) {
    const Desk desk(sources, caller);
    const auto tools = tools_for(desk);
    const std::string line = R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}";
    return Protocol(gateway_facts(), tools).answer(line, nullptr).body;
  }
  std::string call(const Caller& caller, const std::string& tool, const std::string& arguments = "{}") {
    return ask(caller, "tools/call", R"({"name":")" + tool + R"(","arguments":)" + arguments + "}");
  }
};

std::string at(const std::string& body, const std::string& pointer) {
  static simdjson::dom::parser own;
  simdjson::dom::element found;
  INFO(body);
  if (own.parse(body).at_pointer("/result/structuredContent" + pointer).get(found)) return "(none)";
  return std::string(simdjson::minify(found));
}

std::string error_of(const std::string& body) {
  static simdjson::dom::parser own;
  std::string_view text;
  bool is_error = false;
  INFO(body);
  REQUIRE_FALSE(own.parse(body).at_pointer("/result/isError").get(is_error));
  CHECK(is_error);
  REQUIRE_FALSE(own.parse(body).at_pointer("/result/content/0/text").get(text));
  return std::string(text);
}

std::size_t count(const std::string& body, const std::string& pointer) {
  static simdjson::dom::parser own;
  simdjson::dom::array found;
  INFO(body);
  REQUIRE_FALSE(own.parse(body).at_pointer("/result/structuredContent" + pointer).get(found));
  return found.size();
}

// The declared schema's required members are there, with their types.
void check_schema(const Tool& tool, const std::string& body) {
  INFO(tool.name << ": " << body);
  static simdjson::dom::parser own;
  simdjson::dom::object answer;
  REQUIRE_FALSE(own.parse(body).at_pointer("/result/structuredContent").get(answer));
  for (const Output& output : tool.outputs) {
    INFO(output.name);
    simdjson::dom::element member;
    const bool is_there = !answer.at_key(output.name).get(member) && !member.is_null();
    if (!is_there) {
      CHECK(output.optional);
      continue;
    }
    CHECK(((output.type == "string" && member.is_string()) || (output.type == "integer" && member.is_int64()) ||
           (output.type == "boolean" && member.is_bool()) || (output.type == "object" && member.is_object()) ||
           (output.type == "array" && member.is_array())));
  }
}

}  // namespace

TEST_CASE("every reading tool answers as its schema says, in both scopes", "[mcp][tools]") {
  Bench bench;
  bench.sources.reconciled = [] { return operations::ReconciliationReport{}; };
  const std::map<std::string, std::string> arguments{
      {"get_request", R"({"request_id":")" + std::string(request_id(1).text().view()) + "\"}"},
      {"estimate_cost", R"({"model":"fast","input_tokens":1000,"output_tokens":10})"},
      {"explain_route", R"({"model":"fast","project":"demo"})"}};
  for (const Caller& caller : {Bench::admin(), Bench::of_demo()}) {
    const Desk desk(bench.sources, caller);
    for (const Tool& tool : tools_for(desk)) {
      if (tool.name == "get_provider_health") continue;  // only a running server knows
      const auto found = arguments.find(std::string(tool.name));
      check_schema(tool, bench.call(caller, std::string(tool.name), found == arguments.end() ? "{}" : found->second));
    }
  }
}

TEST_CASE("a key has the tools of its project, the administration all", "[mcp][tools]") {
  Bench bench;
  const auto names = [&](const Caller& caller) {
    const Desk desk(bench.sources, caller);
    std::string list;
    for (const Tool& tool : tools_for(desk)) list += std::string(tool.name) + " ";
    return list;
  };
  CHECK(names(Bench::admin()) ==
        "get_account get_usage get_budget list_requests get_request explain_refusal list_models estimate_cost "
        "explain_route get_provider_health get_reconciliation list_projects list_keys ");
  CHECK(names(Bench::of_demo()) ==
        "get_account get_usage get_budget list_requests get_request explain_refusal list_models estimate_cost "
        "explain_route get_provider_health list_keys ");
  bench.sources.write_keys = true;
  CHECK(names(Bench::of_demo()).ends_with("list_keys create_key rotate_key revoke_key "));
  CHECK(bench.ask(Bench::admin(), "tools/list", "{}").size() <= 16'000);
}

TEST_CASE("usage is that of the ledger, to the last digit, and of one's own project alone", "[mcp][tools]") {
  Bench bench;
  const std::string all = bench.call(Bench::admin(), "get_usage", R"({"by":["project"]})");
  CHECK(count(all, "/rows") == 2);
  CHECK(at(all, "/total/cost") == "\"0.0002469\"");
  CHECK(at(all, "/total/requests") == "3");
  CHECK(at(all, "/total/refused") == "6");
  const std::string own = bench.call(Bench::of_demo(), "get_usage", R"({"by":["project","model"]})");
  CHECK(count(own, "/rows") == 1);
  CHECK(at(own, "/rows/0/cost") == "\"0.00012345\"");
  CHECK(at(own, "/as_command") == "\"gateway usage --project demo --since 24h --by project,model --json\"");
  CHECK(error_of(bench.call(Bench::of_demo(), "get_usage", R"({"project":"other"})")) ==
        "project: expected 'demo', found 'other': this key belongs to 'demo'");
  CHECK(error_of(bench.call(Bench::admin(), "get_usage", R"({"project":"dema"})")).find("demo") != std::string::npos);
  CHECK(error_of(bench.call(Bench::admin(), "get_usage", R"({"since":"soon"})")).starts_with("since: "));
  CHECK(error_of(bench.call(Bench::admin(), "get_usage", R"({"by":["modle"]})")).find("did you mean 'model'?") !=
        std::string::npos);
}

TEST_CASE("no tool shows a key what is another project's", "[mcp][tools]") {
  Bench bench;
  const Caller own = Bench::of_demo();
  const std::string theirs(request_id(2).text().view());
  CHECK(count(bench.call(own, "list_requests"), "/requests") == 2);
  CHECK(count(bench.call(own, "list_requests", R"({"key":"key_other"})"), "/requests") == 0);
  CHECK(
      error_of(bench.call(own, "get_request", R"({"request_id":")" + theirs + "\"}")).find("no row of this project") !=
      std::string::npos);
  CHECK(at(bench.call(own, "explain_refusal"), "/refusals/0/count") == "3");
  CHECK(count(bench.call(own, "explain_refusal"), "/refusals") == 1);
  CHECK(count(bench.call(own, "list_models"), "/models") == 1);
  for (const char* tool : {"get_usage", "get_budget", "list_requests", "explain_refusal", "list_models", "list_keys"}) {
    INFO(tool);
    CHECK(error_of(bench.call(own, tool, R"({"project":"other"})")).starts_with("project: "));
  }
  for (const char* tool :
       {"get_account", "get_usage", "get_budget", "list_requests", "explain_refusal", "list_models", "list_keys"}) {
    const std::string body = bench.call(own, tool);
    CAPTURE(tool, body);
    CHECK(at(body, "") != "(none)");  // an error shows nothing, of anybody
    CHECK(body.find("\"isError\":true") == std::string::npos);
    CHECK(body.find("other") == std::string::npos);
  }
}

TEST_CASE("days are the project's own unless another zone is asked for", "[mcp][tools]") {
  Bench bench;
  bench.cli.good("project create tokyo --cap 1/day --timezone Asia/Tokyo");
  Row late = settled_row(9);  // 13:00 UTC is 22:00 in Tokyo
  late.project = "tokyo";
  late.accepted += std::chrono::hours(3);
  bench.sources.now = [] { return fixed_now() + std::chrono::hours(5); };
  append(*bench.cli.store(), {late});
  const std::string own = bench.call(Bench::admin(), "get_usage", R"({"project":"tokyo","by":["day"]})");
  CHECK(at(own, "/rows/0/day") == "\"2026-11-23\"");
  CHECK(at(own, "/as_command").find("--tz Asia/Tokyo") != std::string::npos);
  const std::string utc = bench.call(Bench::admin(), "get_usage", R"({"project":"tokyo","by":["day"],"tz":"UTC"})");
  CHECK(at(utc, "/rows/0/day") == "\"2026-11-22\"");
}

TEST_CASE("the reconciliation is told from a day on", "[mcp][tools]") {
  Bench bench;
  bench.sources.reconciled = [] {
    operations::ReconciliationReport report;
    report.last_success = fixed_now();
    operations::ComparedBill bill;
    bill.provider = "openai";
    ReconciledLine line;
    line.day = "2026-11-20";
    line.billed = MoneySum(Money::units(1));
    bill.lines = {line};
    report.bills = {bill};
    return report;
  };
  CHECK(at(bench.call(Bench::admin(), "get_reconciliation"), "/agrees") == "false");
  CHECK(at(bench.call(Bench::admin(), "get_reconciliation", R"({"since":"2026-11-21"})"), "/agrees") == "true");
  CHECK(error_of(bench.call(Bench::admin(), "get_reconciliation", R"({"since":"soon"})")).starts_with("since: "));
}

TEST_CASE("requests come in pages", "[mcp][tools]") {
  Bench bench;
  std::vector<Row> rows;
  for (int i = 10; i < 210; ++i) rows.push_back(settled_row(i));
  append(*bench.cli.store(), rows);
  std::size_t all = 0;
  std::string cursor;
  for (int page = 0; page < 20; ++page) {
    const std::string body = bench.call(Bench::admin(), "list_requests",
                                        R"({"limit":200)" + (cursor.empty() ? "" : ",\"cursor\":" + cursor) + "}");
    CHECK(body.size() <= 100'000);
    all += count(body, "/requests");
    cursor = at(body, "/next_cursor");
    CHECK((at(body, "/truncated") == "true") == (cursor != "null"));
    if (cursor == "null") break;
  }
  CHECK(all == 203);
}

TEST_CASE("a refusal is explained with what to do and the state now", "[mcp][tools]") {
  Bench bench;
  const std::string body = bench.call(Bench::of_demo(), "explain_refusal", R"({"code":"insufficient_quota"})");
  CHECK(at(body, "/refusals/0/status") == "429");
  CHECK(at(body, "/refusals/0/meaning") == "\"A spend cap is used up.\"");
  CHECK(at(body, "/state_now/spend/0/cap") == "\"1\"");
  const std::string id(request_id(9).text().view());
  CHECK(count(bench.call(Bench::of_demo(), "explain_refusal", R"({"request_id":")" + id + "\"}"), "/refusals") == 1);
}

TEST_CASE("refusals of a route that takes any name are found by the model that was asked for", "[mcp][tools]") {
  Bench bench;
  Config config = *bench.sources.config;
  config.routes.push_back(config.routes[0]);
  config.routes.back().pattern = "*";
  bench.sources.config = std::make_shared<const Config>(std::move(config));
  RefusalCount refusal;
  refusal.minute = std::chrono::floor<std::chrono::minutes>(fixed_now().time_since_epoch()).count();
  refusal.project = "demo";
  refusal.model = "*";
  refusal.code = "model_not_allowed";
  refusal.count = 5;
  append(*bench.cli.store(), {}, {refusal});
  const std::string any = bench.call(Bench::of_demo(), "explain_refusal", R"({"model":"never-heard-of"})");
  CHECK(at(any, "/refusals/0/count") == "5");
  CHECK(count(any, "/refusals") == 1);
  const std::string own = bench.call(Bench::of_demo(), "explain_refusal", R"({"model":"fast"})");
  CHECK(at(own, "/refusals/0/count") == "3");
  CHECK(count(own, "/refusals") == 1);
}

TEST_CASE("a cost is estimated exactly and held against the caps", "[mcp][tools]") {
  Bench bench;
  const std::string cheap =
      bench.call(Bench::of_demo(), "estimate_cost", R"({"model":"fast","input_tokens":1000,"output_tokens":500})");
  CHECK(at(cheap, "/cost") == "\"0.002\"");
  CHECK(at(cheap, "/fits_budget") == "true");
  const std::string dear =
      bench.call(Bench::of_demo(), "estimate_cost", R"({"model":"fast","input_tokens":1000000,"output_tokens":500})");
  CHECK(at(dear, "/fits_budget") == "false");
  CHECK(at(dear, "/limiting/period") == "\"total\"");
  CHECK(error_of(bench.call(Bench::admin(), "estimate_cost", R"({"model":"fasd","input_tokens":1,"output_tokens":1})"))
            .ends_with("did you mean 'fast'?"));
}

TEST_CASE("a route is explained as a request would meet it", "[mcp][tools]") {
  Bench bench;
  const std::string good = bench.call(Bench::of_demo(), "explain_route", R"({"model":"fast"})");
  CHECK(at(good, "/admitted") == "true");
  CHECK(at(good, "/verdict").starts_with("\"would go to openai as gpt-4o-mini, holding "));
  const std::string bad = bench.call(Bench::of_demo(), "explain_route", R"({"model":"slow"})");
  CHECK(at(bad, "/admitted") == "false");
  CHECK(at(bad, "/refusal/code") == "\"model_not_allowed\"");
  CHECK(error_of(bench.call(Bench::admin(), "explain_route", R"({"model":"fast"})")).starts_with("project: "));
}

TEST_CASE("before there is a database the configuration answers what it can", "[mcp][tools]") {
  Bench bench;
  bench.sources.database = "not-there.db";
  const std::string routed = bench.call(Bench::admin(), "explain_route", R"({"model":"fast","project":"demo"})");
  CHECK(at(routed, "/admitted") == "true");
  CHECK(at(routed, "/targets/0/provider") == "\"openai\"");
  CHECK(error_of(bench.call(Bench::admin(), "explain_route", R"({"model":"fast","project":"dmo"})")).find("demo") !=
        std::string::npos);
  const std::string models = bench.call(Bench::admin(), "list_models", R"({"project":"demo"})");
  CHECK(count(models, "/models") == 1);
  CHECK(at(models, "/models/0/price_source") == at(routed, "/targets/0/price_version"));
  CHECK(at(bench.call(Bench::admin(), "estimate_cost",
                      R"({"model":"fast","input_tokens":1000,"output_tokens":10,"project":"demo"})"),
           "/cost") == "\"0.00102\"");
  CHECK(at(bench.call(Bench::admin(), "get_account"), "/projects") == "2");
  CHECK(at(bench.call(Bench::admin(), "get_budget"), "/budgets/0/spent") == "\"0\"");
  CHECK(error_of(bench.call(Bench::admin(), "get_usage")).starts_with("there is no database at not-there.db yet"));
  CHECK_FALSE(bench.cli.folder.has("not-there.db"));
}

TEST_CASE("keys are changed after a confirmation, and never shown", "[mcp][tools]") {
  Bench bench;
  const std::regex secret("gk-[0-9A-Za-z]{43}");
  CHECK(bench.call(Bench::admin(), "create_key", R"({"project":"demo"})").find("-32602") != std::string::npos);
  bench.sources.write_keys = true;
  const auto confirmed = [&](const Caller& caller, const std::string& tool, const std::string& arguments) {
    const std::string planned = bench.call(caller, tool, "{" + arguments + "}");
    CHECK(at(planned, "/done") == "false");
    const std::string done =
        bench.call(caller, tool, "{" + arguments + ",\"confirm_token\":" + at(planned, "/confirm_token") + "}");
    CHECK(at(done, "/done") == "true");
    // Once, whatever a client says again.
    const std::string again =
        bench.call(caller, tool, "{" + arguments + ",\"confirm_token\":" + at(planned, "/confirm_token") + "}");
    CHECK(again.find("\"isError\":true") != again.npos);
    CHECK_FALSE(std::regex_search(planned + done, secret));
    return done;
  };
  const std::string made = confirmed(Bench::of_demo(), "create_key", R"("name":"new","expires":"90d")");
  CHECK(std::regex_match(bench.delivered, secret));
  CHECK(at(made, "/claim") == "\"there\"");
  CHECK(at(made, "/project") == "\"demo\"");
  const std::string id = at(made, "/id");
  const std::string rotated = confirmed(Bench::admin(), "rotate_key", R"("grace":"1h","id":)" + id);
  CHECK(at(rotated, "/id") != id);
  confirmed(Bench::of_demo(), "revoke_key", R"("id":)" + at(rotated, "/id"));
  CHECK(bench.call(Bench::admin(), "list_keys").find("revoked") != std::string::npos);

  // A token is good for one change of one caller.
  const std::string plan = bench.call(Bench::admin(), "create_key", R"({"project":"other"})");
  const std::string token = at(plan, "/confirm_token");
  for (const std::string& arguments : {R"({"project":"demo","confirm_token":)" + token + "}",
                                       std::string(R"({"project":"other","confirm_token":"1.2"})")}) {
    CHECK(error_of(bench.call(Bench::admin(), "create_key", arguments)).starts_with("confirm_token: "));
  }
  CHECK(error_of(bench.call(Bench::of_demo(), "create_key", R"({"project":"other"})")).starts_with("project: "));
  const std::string theirs = confirmed(Bench::admin(), "create_key", R"("project":"other")");
  CHECK(
      error_of(bench.call(Bench::of_demo(), "revoke_key", R"({"id":)" + at(theirs, "/id") + "}")).starts_with("id: "));
}

TEST_CASE("a confirmation ends", "[mcp][tools]") {
  const WallTime now = fixed_now();
  using std::chrono::minutes;
  Confirmations own("s"), others("t");
  const auto token = [&] { return own.token_for("this", now); };
  CHECK(own.take("this", token(), now));
  CHECK(own.take("this", token(), now + minutes(5)));
  CHECK_FALSE(own.take("this", token(), now + minutes(5) + std::chrono::seconds(1)));
  CHECK_FALSE(own.take("that", token(), now));
  CHECK_FALSE(others.take("this", token(), now));
  const std::string one = token();
  CHECK_FALSE(own.take("this", "99999999999" + one.substr(one.find('.')), now));
  for (const char* nonsense : {"", ".", "1", "1.", "1.2", "1.2."}) CHECK_FALSE(own.take("this", nonsense, now));
  CHECK(own.take("this", one, now));
  CHECK_FALSE(own.take("this", one, now));
}
