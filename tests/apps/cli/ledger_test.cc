#include <sqlite3.h>

#include "apps/cli/cli.h"
#include "operations/follow.h"

using namespace std::chrono_literals;

namespace {

void fill(Cli& cli) {
  auto store = cli.store();
  Row failed = settled_row(2);
  failed.state = RowState::failed;
  failed.status = 500;
  failed.error_code = "provider_error";
  failed.cost = {};
  failed.cost_source = CostSource::none;
  failed.usage = {};
  failed.project = "other";
  RefusalCount refusal;
  refusal.minute = std::chrono::floor<std::chrono::minutes>(fixed_now().time_since_epoch()).count();
  refusal.project = "demo";
  refusal.model = "fast";
  refusal.code = "rate_limit_exceeded";
  refusal.count = 3;
  append(*store, {settled_row(1), failed, settled_row(3, fixed_now() - 48h)}, {refusal});
}

}  // namespace

TEST_CASE("usage sums the ledger by the requested columns", "[apps][usage]") {
  Cli cli;
  fill(cli);
  CHECK(cli.good("usage --format csv") ==
        "project,model,requests,attempts,failed,open,refused,input_tokens,cached_input_tokens,cache_write_tokens,"
        "output_tokens,reasoning_tokens,cost,upstream_cost,held,images,audio_ms,characters,searches\n"
        "demo,fast,2,2,0,0,3,2000,200,0,100,20,0.0002469,0,0,,,,\n"
        "other,fast,1,1,1,0,0,0,0,0,0,0,0,0,0,,,,\n");
  CHECK(cli.good("usage --by day --project demo --json") ==
        "[\n {\"day\":\"2026-11-20\",\"requests\":1,\"attempts\":1,\"failed\":0,\"open\":0,\"refused\":0,"
        "\"input_tokens\":1000,\"cached_input_tokens\":100,\"cache_write_tokens\":0,\"output_tokens\":50,"
        "\"reasoning_tokens\":10,\"cost\":\"0.00012345\",\"upstream_cost\":\"0\",\"held\":\"0\"},\n"
        " {\"day\":\"2026-11-22\",\"requests\":1,\"attempts\":1,\"failed\":0,\"open\":0,\"refused\":3,"
        "\"input_tokens\":1000,\"cached_input_tokens\":100,\"cache_write_tokens\":0,\"output_tokens\":50,"
        "\"reasoning_tokens\":10,\"cost\":\"0.00012345\",\"upstream_cost\":\"0\",\"held\":\"0\"}\n]\n");
  CHECK(cli.good("usage") ==
        "project  model  requests  attempts  failed  open  refused  input_tokens  cached_input_tokens  output_tokens  "
        "reasoning_tokens       cost  held\n"
        "demo     fast          2         2       0     0        3          2000                  200            100  "
        "              20  0.0002469     0\n"
        "other    fast          1         1       1     0        0             0                    0              0  "
        "               0          0     0\n"
        "total                  3         3       1     0        3          2000                  200            100  "
        "              20  0.0002469     0\n");
  CHECK_THAT(cli.good("usage --by none --since 24h --format csv"),
             Catch::EndsWith("\n2,2,1,0,3,1000,100,0,50,10,0.00012345,0,0,,,,\n"));
  CHECK_THAT(cli.good("usage --by provider --until 2026-11-21 --format csv"),
             Catch::EndsWith("\nopenai,1,1,0,0,0,1000,100,0,50,10,0.00012345,0,0,,,,\n"));
  CHECK_THAT(cli.good("usage --by code --format jsonl"),
             Catch::Contains("{\"code\":\"rate_limit_exceeded\",\"requests\":0,"));
}

TEST_CASE("usage counts the days of a zone, filters by several values and shows the top", "[apps][usage]") {
  Cli cli;
  {
    auto store = cli.store();
    Row late = settled_row(4, fixed_now() + 10h + 30min);  // the next day in Berlin
    late.asked_model = "slow";
    append(*store, {settled_row(1), settled_row(2, fixed_now() - 24h), late});
  }
  const auto days = [&](const std::string& flags) {
    std::istringstream lines(cli.good("usage --format csv " + flags));
    std::string line, found;
    std::getline(lines, line);
    while (std::getline(lines, line)) found += line.substr(0, line.find(",0,0,0,")) + ';';
    return found;
  };
  CHECK(days("--by day") == "2026-11-21,1,1;2026-11-22,2,2;");
  CHECK(days("--by day --tz Europe/Berlin") == "2026-11-21,1,1;2026-11-22,1,1;2026-11-23,1,1;");
  CHECK(days("--by hour --tz Asia/Kathmandu --since 2026-11-23") == "2026-11-23T05:00:00+05:45,1,1;");
  CHECK(days("--by quarter --since 2026-11-22") == "2026-11-22T13:00:00Z,1,1;2026-11-22T23:30:00Z,1,1;");
  CHECK(days("--by week --tz Europe/Berlin") == "2026-11-16,2,2;2026-11-23,1,1;");
  CHECK(days("--by month") == "2026-11,3,3;");
  CHECK(days("--by none --since 2026-11-23 --tz Europe/Berlin") == "1,1;");
  CHECK(days("--by model --model slow --model fast") == "fast,2,2;slow,1,1;");
  CHECK(days("--by model --top 1") == "fast,2,2;other,1,1;");
  CHECK(days("--by model --order requests") == "fast,2,2;slow,1,1;");
  CHECK(days("--by none --endpoint chat,speech --code nothing").empty() == false);
  CHECK(cli("usage --tz Mars/Olympus").err ==
        "gateway: --tz: expected a time zone such as Europe/Berlin, found 'Mars/Olympus'\n");
  CHECK(cli("usage --top 0").err == "gateway: --top: expected a number from 1 on, found '0'\n");
  CHECK(cli("usage --by day --top 3").status == 2);
  CHECK(cli("usage --order size").err == "gateway: --order: expected key, cost, requests or tokens, found 'size'\n");
  CHECK_THAT(cli("usage --endpoint chta").err, Catch::StartsWith("gateway: --endpoint: expected chat, "));
}

TEST_CASE("requests are filtered by code, status, cost and length, and shown in a zone", "[apps][requests]") {
  Cli cli;
  {
    auto store = cli.store();
    Row failed = settled_row(2), dear = settled_row(3), slow = settled_row(4), limited = settled_row(5);
    failed.state = RowState::failed, failed.status = 502, failed.error_code = "provider_error";
    limited.state = RowState::failed, limited.status = 429, limited.error_code = "provider_rate_limited";
    dear.cost = Money::units(20'000'000'000), dear.streamed = false;
    slow.flags = row_flag::client_left | row_flag::clamped;
    slow.ended = slow.accepted + 7s;
    append(*store, {settled_row(1), failed, dear, slow, limited});
  }
  const auto found = [&](const std::string& flags) {
    const std::string out = cli.good("requests --format jsonl " + flags);
    std::string numbers;
    for (int number = 5; number > 0; --number) {
      if (out.find(request_id(number).text().str()) != std::string::npos) numbers += std::to_string(number);
    }
    return numbers;
  };
  CHECK(found("") == "54321");
  CHECK(found("--code provider_error,provider_rate_limited") == "52");
  CHECK(found("--code provider_error --code other") == "2");
  CHECK(found("--status 429") == "5");
  CHECK(found("--status 5xx --status 429") == "52");
  CHECK(found("--state failed,open") == "52");
  CHECK(found("--min-cost 0.01") == "3");
  CHECK(found("--min-duration 5s") == "4");
  CHECK(found("--streamed false") == "3");
  CHECK(found("--streamed true") == "5421");
  CHECK(found("--flag client_left,byok") == "4");
  CHECK(found("--flag byok") == "");
  CHECK(found("--provider nobody --provider openai --endpoint chat --served-model gpt-4o-mini-2024") == "54321");
  CHECK_THAT(cli.good("requests --format jsonl --min-cost 0.01 --tz Europe/Berlin"),
             Catch::Contains("\"accepted\":\"2026-11-22T14:00:00.000000+01:00\""));
  CHECK_THAT(cli.good("ledger export --min-cost 0.01 --tz Europe/Berlin --format csv"),
             Catch::Contains(",2026-11-22T14:00:00.900000+01:00,"));
  CHECK(cli("requests --status 4x").err ==
        "gateway: --status: expected an HTTP status such as 429 or 5xx, found '4x'\n");
  CHECK_THAT(cli("requests --status 700").err, Catch::StartsWith("gateway: --status: expected an HTTP status"));
  CHECK_THAT(cli("requests --min-cost=-0").err, Catch::StartsWith("gateway: --min-cost: expected an amount"));
  CHECK_THAT(cli("requests --min-cost much").err, Catch::StartsWith("gateway: --min-cost: expected an amount"));
  CHECK_THAT(cli("requests --min-duration 5").err, Catch::StartsWith("gateway: --min-duration: expected a duration"));
  CHECK(cli("requests --streamed yes").err == "gateway: --streamed: expected true or false, found 'yes'\n");
  CHECK_THAT(cli("requests --flag odd").err, Catch::StartsWith("gateway: --flag: expected usage_odd, usage_missing"));
}

TEST_CASE("what usage cannot sum by is reported with the nearest", "[apps][usage]") {
  Cli cli;
  fill(cli);
  const Ran ran = cli("usage --by project,modle");
  CHECK(ran.status == 2);
  CHECK(ran.err ==
        "gateway: --by: expected quarter, hour, day, week, month, project, key, model, served_model, provider, "
        "endpoint, state, code or none, found 'modle'; did you mean 'model'?\n");
  CHECK(cli("usage --since yesterday").err ==
        "gateway: --since: expected a time such as 2026-11-22T13:00:00Z, a day such as 2026-11-22, or how long ago "
        "such as 24h "
        "or 7d, found 'yesterday'\n");
  CHECK(cli("usage --format xml").status == 2);
  CHECK(cli("usage --limit -1").status == 2);
}

TEST_CASE("requests lists rows with all their fields, newest first", "[apps][requests]") {
  Cli cli;
  fill(cli);
  const std::string row =
      "{\"request_id\":\"" + request_id(3, fixed_now() - 48h).text().str() +
      "\",\"attempt\":1,\"entry\":0,\"accepted\":\"2026-11-20T13:00:00.000000Z\",\"project\":\"demo\",\"key\":\"key_"
      "abc\","
      "\"endpoint\":\"chat\",\"asked_model\":\"fast\",\"target_model\":\"gpt-4o-mini\",\"served_model\":\"gpt-4o-mini-"
      "2024\","
      "\"provider\":\"openai\",\"state\":\"settled\",\"status\":200,\"error_code\":null,\"streamed\":true,\"input_"
      "tokens\":1000,"
      "\"cached_input_tokens\":100,\"cache_write_tokens\":0,\"output_tokens\":50,\"reasoning_tokens\":10,\"hold\":\"0."
      "0009\","
      "\"cost\":\"0.00012345\",\"upstream_cost\":\"0\",\"cost_source\":\"priced\",\"price_version\":\"config\","
      "\"dispatched\":\"2026-11-20T13:00:00.001000Z\",\"first_byte\":\"2026-11-20T13:00:00.250000Z\","
      "\"ended\":\"2026-11-20T13:00:00.900000Z\",\"finish_reason\":\"stop\",\"generation_id\":null,"
      "\"client_request_id\":null,\"flags\":[]}\n";
  const std::string lines = cli.good("requests --format jsonl");
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 3);
  CHECK_THAT(lines, Catch::EndsWith(row));
  CHECK(cli.good("requests --request " + request_id(3, fixed_now() - 48h).text().str() + " --format jsonl") == row);
  const std::string failed = cli.good("requests --state failed --json");
  CHECK_THAT(failed, Catch::Contains("\"error_code\":\"provider_error\""));
  CHECK(failed.find("demo") == std::string::npos);
  const Ran first = cli("requests --limit 1 --format csv");
  CHECK(first.out == cli.good("requests --request " + request_id(2).text().str() + " --format csv"));
  CHECK_THAT(first.err, Catch::Contains("--limit 0 shows all"));
  CHECK(cli("requests --project nobody --json").status == 1);
}

TEST_CASE("surfaces and units are shown to programs: in JSON if there are some", "[apps][requests][usage]") {
  Cli cli;
  Row image = settled_row(1);
  image.operation = Operation::images;
  image.surface = SurfaceKind::insforge;
  image.usage.images = 2;
  image.usage.audio_ms = 1500;
  append(*cli.store(), {settled_row(2), image}, {});
  const std::string lines = cli.good("requests --format jsonl");
  CHECK_THAT(lines, Catch::Contains(R"("endpoint":"images","surface":"insforge","asked_model")"));
  CHECK_THAT(lines, Catch::Contains(R"("reasoning_tokens":10,"images":2,"audio_ms":1500,"hold")"));
  CHECK_THAT(lines, Catch::Contains(R"("endpoint":"chat","asked_model")"));
  CHECK(lines.find("characters") == std::string::npos);
  const std::string csv = cli.good("requests --format csv");
  CHECK_THAT(csv, Catch::Contains(",flags,surface,images,audio_ms,characters,searches\n"));
  CHECK_THAT(csv, Catch::Contains(",insforge,2,1500,,\n"));
  CHECK(cli.good("requests").find("surface") == std::string::npos);
  CHECK_THAT(cli.good("usage --by none --json"), Catch::Contains(R"("held":"0","images":2,"audio_ms":1500})"));
  CHECK(cli("explain --project demo --model fast --endpoint pictures").status == 2);
}

TEST_CASE("rows that strangers named do no harm to a terminal", "[apps][requests]") {
  Cli cli;
  Row row = settled_row(1);
  row.asked_model = "\x1b[2Jevil\n";
  row.served_model = "bad \xff byte";
  append(*cli.store(), {row});
  const std::string table = cli.good("requests");
  CHECK(table.find('\x1b') == std::string::npos);
  CHECK_THAT(table, Catch::Contains("?[2Jevil?"));
  const std::string json = cli.good("requests --format jsonl");
  CHECK_THAT(json, Catch::Contains("\"\\u001b[2Jevil\\n\""));
  CHECK_THAT(json, Catch::Contains("\"bad \xef\xbf\xbd byte\""));
}

TEST_CASE("CSV quotes what needs it", "[apps][requests]") {
  Cli cli;
  Row row = settled_row(1);
  row.asked_model = "a,\"b\"";
  Row formula = settled_row(2);
  formula.asked_model = "-2+cmd|x";
  append(*cli.store(), {row, formula});
  CHECK_THAT(cli.good("requests --format csv"), Catch::Contains(",\"a,\"\"b\"\"\","));
  CHECK_THAT(cli.good("requests --format csv"), Catch::Contains(",'-2+cmd|x,"));
}

TEST_CASE("a follower returns each row once, when it is closed", "[apps][requests][follow]") {
  Cli cli;
  auto store = cli.store();
  Row open = settled_row(5);
  open.state = RowState::open;
  open.ended = {};
  append(*store, {settled_row(1, fixed_now() - 1h), settled_row(2, fixed_now() - 1s), settled_row(3), open});
  operations::RowFollower follower(*store, {});
  const auto numbers = [](const Result<std::vector<Row>>& rows) {
    std::vector<int> found;
    for (const Row& row : *rows) found.push_back(row.request.bytes[15]);
    return found;
  };
  CHECK(numbers(follower.start(2, fixed_now())) == std::vector<int>{2, 3});
  CHECK(numbers(follower.poll(fixed_now())).empty());

  append(*store, {settled_row(4)});  // accepted before the last one seen, visible after it
  CHECK(numbers(follower.poll(fixed_now())) == std::vector<int>{4});
  CHECK(numbers(follower.poll(fixed_now() + 10min)).empty());

  append(*store, {settled_row(5)});  // was open, and is long past
  CHECK(numbers(follower.poll(fixed_now() + 10min)) == std::vector<int>{5});
  CHECK(numbers(follower.poll(fixed_now() + 10min)).empty());
}

TEST_CASE("a follower of one state sees rows that come to it late", "[apps][requests][follow]") {
  Cli cli;
  auto store = cli.store();
  Row open = settled_row(1);
  open.state = RowState::open;
  append(*store, {open, settled_row(2)});
  RowQuery query;
  query.state = RowState::failed;
  operations::RowFollower follower(*store, query);
  CHECK(follower.start(0, fixed_now())->empty());
  Row failed = settled_row(1);
  failed.state = RowState::failed;
  append(*store, {failed});
  CHECK(follower.poll(fixed_now() + 10min)->size() == 1);
}

TEST_CASE("a follower shows what matches once it is closed", "[apps][requests][follow]") {
  Cli cli;
  auto store = cli.store();
  Row open = settled_row(1, fixed_now() - 1h), failed = settled_row(2), later = settled_row(3);
  open.state = RowState::open, open.status = 0, open.ended = {};
  failed.state = RowState::failed, failed.status = 503, failed.error_code = "provider_error";
  append(*store, {open, failed, settled_row(4)});
  RowQuery query;
  query.status = {{500, 599}};
  query.code = "provider_error";
  operations::RowFollower follower(*store, query);
  CHECK(follower.start(1, fixed_now())->size() == 1);
  CHECK(follower.poll(fixed_now())->empty());
  for (Row* row : {&open, &later}) {
    row->state = RowState::failed, row->status = 500, row->error_code = "provider_error";
    row->ended = fixed_now();
  }
  append(*store, {open, later, settled_row(5)});
  CHECK(follower.poll(fixed_now() + 1s)->size() == 2);
  CHECK(follower.poll(fixed_now() + 2s)->empty());
}

TEST_CASE("a follower with a bound looks at the newest rows, and says that there are more",
          "[apps][requests][follow]") {
  Cli cli;
  auto store = cli.store();
  append(*store, {settled_row(1)});
  constexpr std::size_t kMost = 50;
  operations::RowFollower follower(*store, {}, kMost);
  REQUIRE(follower.start(1, fixed_now()));
  Row open = settled_row(250);
  open.state = RowState::open, open.ended = {};
  append(*store, {settled_row(2), open});
  CHECK(follower.poll(fixed_now())->size() == 1);
  CHECK_FALSE(follower.is_overrun());
  append(*store, {settled_row(250)});
  CHECK(follower.poll(fixed_now())->size() == 1);

  std::vector<Row> many;
  for (int i = 3; i < 240; ++i) many.push_back(settled_row(i));
  append(*store, many);
  const auto found = follower.poll(fixed_now());
  REQUIRE(found);
  CHECK(found->size() >= kMost - 1);
  CHECK(found->size() <= kMost);
  CHECK(follower.is_overrun());
  CHECK(std::any_of(found->begin(), found->end(), [](const Row& row) { return row.request == request_id(239); }));
  CHECK(follower.poll(fixed_now() + 10min)->empty());  // nothing is as new as that
  CHECK_FALSE(follower.is_overrun());
}

TEST_CASE("who comes back gets what was closed meanwhile, of too many the newest", "[apps][requests][follow]") {
  Cli cli;
  auto store = cli.store();
  const WallTime since = fixed_now() + 10min;
  Row slow = settled_row(1), before = settled_row(2);
  slow.ended = since + 1s;
  before.ended = since - 1min;
  append(*store, {slow, before});
  auto missed = operations::rows_since(*store, {}, since, 100);
  REQUIRE(missed);
  CHECK_FALSE(missed->is_truncated);
  REQUIRE(missed->rows.size() == 1);
  CHECK(missed->rows[0].request == slow.request);

  std::vector<Row> many;
  for (int i = 3; i < 40; ++i) many.push_back(settled_row(i));
  append(*store, many);
  missed = operations::rows_since(*store, {}, fixed_now() - 1s, 10);
  REQUIRE(missed);
  CHECK(missed->is_truncated);
  CHECK(missed->rows.size() == 10);
  CHECK(std::any_of(missed->rows.begin(), missed->rows.end(),
                    [](const Row& row) { return row.request == request_id(39); }));
}

TEST_CASE("follow refuses what it cannot print", "[apps][requests][follow]") {
  Cli cli;
  CHECK(cli("requests --follow --format json").err == "gateway: --follow: expected --format table, jsonl or csv\n");
  CHECK(cli("requests --follow --state open").status == 2);
}

TEST_CASE("a sound ledger is proved, a damaged one found out", "[apps][ledger]") {
  Cli cli;
  fill(cli);
  CHECK_THAT(cli.good("ledger verify"), Catch::StartsWith("gateway.db: all holds in 3 rows and "));
  CHECK_THAT(cli.good("ledger verify --json"), Catch::StartsWith("{\"ok\":true,\"rows\":3,"));
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open("gateway.db", &db) == SQLITE_OK);
  REQUIRE(sqlite3_exec(db, "UPDATE entries SET cost = cost + 1 WHERE attempt = 1", nullptr, nullptr, nullptr) ==
          SQLITE_OK);
  sqlite3_close(db);
  const Ran ran = cli("ledger verify");
  CHECK(ran.status == 1);
  CHECK(std::count(ran.out.begin(), ran.out.end(), '\n') >= 2);
  CHECK_THAT(cli("ledger verify --json").out, Catch::StartsWith("{\"ok\":false,"));
}

TEST_CASE("export prints every row, oldest first", "[apps][ledger]") {
  Cli cli;
  {
    auto store = cli.store();
    std::vector<Row> rows;
    for (int i = 0; i < 250; ++i) rows.push_back(settled_row(i, fixed_now() + std::chrono::milliseconds(i)));
    append(*store, rows);
  }
  const std::string lines = cli.good("ledger export");
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 250);
  CHECK_THAT(lines, Catch::StartsWith("{\"request_id\":\"" + request_id(0).text().str()));
  const std::string csv = cli.good("ledger export --format csv --project demo");
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 251);
  CHECK_THAT(csv, Catch::StartsWith("request_id,attempt,entry,accepted,"));
}

TEST_CASE("pruning takes rows and leaves their sums", "[apps][ledger]") {
  Cli cli;
  fill(cli);
  const std::string before = cli.good("usage --by day,project --format csv");
  CHECK(cli.good("ledger prune --before 2026-11-22") == "1 rows before 2026-11-22 deleted; their sums stay\n");
  CHECK(cli.good("usage --by day,project --format csv") == before);
  const std::string rows = cli.good("requests --format jsonl");
  CHECK(std::count(rows.begin(), rows.end(), '\n') == 2);
  CHECK_THAT(cli.good("ledger verify"), Catch::Contains("pruned before 2026-11-22"));
  CHECK(cli("ledger prune").status == 2);
}

TEST_CASE("days that are not over cannot be pruned", "[apps][ledger]") {
  Cli cli;
  fill(cli);
  for (const char* day : {"2026-11-23", "2030-01-01", "2026-11-23T00:00:00Z"}) {
    const Ran ran = cli(std::string("ledger prune --before ") + day);
    CHECK(ran.status == 2);
    CHECK(ran.err == std::string("gateway: --before: expected a day that is not to come, at the latest today, "
                                 "2026-11-22, found '") +
                         day + "'\n");
  }
  const std::string rows = cli.good("requests --format jsonl");
  CHECK(std::count(rows.begin(), rows.end(), '\n') == 3);
  CHECK_THAT(cli.good("ledger verify"), !Catch::Contains("pruned"));
  CHECK(cli.good("ledger prune --before 2026-11-22T23:59:59Z") ==
        "1 rows before 2026-11-22 deleted; their sums stay\n");
}

TEST_CASE("sweeping closes the rows of a process that is gone", "[apps][ledger]") {
  Cli cli;
  {
    auto store = cli.store();
    Row open = settled_row(1);
    open.state = RowState::open;
    open.cost = {};
    open.cost_source = CostSource::none;
    open.ended = {};
    open.process = 4'000'000;  // no pid of this machine
    append(*store, {open});
  }
  CHECK_THAT(cli.good("usage --format csv"), Catch::EndsWith(",0,0.0009,,,,\n"));
  CHECK(cli.good("ledger sweep") ==
        "1 dead process: 0 rows from journals, 1 open row closed for 0.0009 USD held, 0 damaged records\n");
  CHECK_THAT(cli.good("requests --format jsonl"), Catch::Contains("\"state\":\"interrupted\""));
  CHECK_THAT(cli.good("usage --format csv"), Catch::EndsWith(",0.0009,0,0,,,,\n"));
  CHECK(cli.good("ledger sweep --json") ==
        "{\"processes\":0,\"replayed\":0,\"closed\":0,\"damaged\":0,\"held\":\"0\"}\n");
}

TEST_CASE("commands on the ledger report if there is none", "[apps][ledger]") {
  Cli cli;
  for (const char* line : {"usage", "requests", "ledger verify", "ledger export", "ledger sweep",
                           "ledger prune --before 1d", "project set demo", "key revoke key_x"}) {
    const Ran ran = cli(line);
    CHECK(ran.status == 1);
    CHECK(ran.err == "gateway: no database at gateway.db; 'gateway serve' and 'gateway project create' make one\n");
    CHECK_FALSE(cli.folder.has("gateway.db"));
  }
}

TEST_CASE("what is no database of ours is refused and stays as it is", "[apps][ledger]") {
  Cli cli;
  cli.folder.write("gateway.db", "this is no database, but somebody's notes");
  const Ran ran = cli("usage");
  CHECK(ran.status == 1);
  CHECK(std::count(ran.err.begin(), ran.err.end(), '\n') == 1);
  CHECK(cli("project create demo").status == 1);
  std::ifstream file("gateway.db");
  std::string text;
  std::getline(file, text);
  CHECK(text == "this is no database, but somebody's notes");
}
