// The first steps: init, doctor, sample, a key in an env file.
#include <sys/stat.h>

#include "app/listening.h"
#include "apps/cli/fixed_ledger.h"
#include "apps/cli/golden.h"

namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

unsigned mode_of(const std::string& path) {
  struct stat file {};
  CHECK(::stat(path.c_str(), &file) == 0);
  return file.st_mode & 0777U;
}

}  // namespace

TEST_CASE("init writes a file that passes check, and never a secret", "[apps][init]") {
  for (const char* provider : {"openai", "openrouter", "anthropic", "simulated"}) {
    Cli cli;
    cli.environment = {{"OPENAI_API_KEY", "sk-very-secret"},
                       {"OPENROUTER_API_KEY", "sk-or-very-secret"},
                       {"ANTHROPIC_API_KEY", "sk-ant-very-secret"}};
    const std::string line = std::string("init --provider ") + provider + " --project shop --cap 25/month";
    const std::string printed = cli.good(line + " --print");
    CHECK_FALSE(cli.folder.has("gateway.yaml"));
    CHECK(printed.find("very-secret") == std::string::npos);
    check_golden(std::string("init_") + provider, printed);
    cli.good(line);
    CHECK(text_of("gateway.yaml") == printed);
    CHECK(cli("check").err.empty());
    CHECK(cli("check").status == 0);
    // OpenRouter's prices are known once a server has fetched them.
    const bool has_prices = std::string_view(provider) != "openrouter";
    const Ran explained = cli("explain --project shop --model fast");
    CHECK(explained.status == (has_prices ? 0 : 1));
    CHECK_THAT(explained.out, Catch::Contains("may use fast"));
  }
}

TEST_CASE("init takes the provider whose key the environment has, and says what comes next", "[apps][init]") {
  Cli cli;
  cli.environment["ANTHROPIC_API_KEY"] = "sk-ant";
  CHECK_THAT(cli.good("init --print"), Catch::Contains("type: anthropic"));
  CHECK(cli.good("init") == "gateway.yaml is written. Next:\n  gateway serve\n  gateway key create --project demo\n");
  const Ran again = cli("init");
  CHECK(again.status == 1);
  CHECK(again.err == "gateway: gateway.yaml is there already; --force replaces it, --print only prints\n");
  CHECK_THAT(cli.good("init --force --provider openai -o other.yaml"),
             Catch::Contains("export OPENAI_API_KEY=...\n  gateway serve -c other.yaml\n"));
}

TEST_CASE("init asks for what no flag says", "[apps][init]") {
  Cli cli;
  cli.answers = "openai\nMY_KEY\ngpt-4o\nsmart\nshop\n10/day\n";
  const Ran ran = cli("init");
  CHECK(ran.status == 0);
  CHECK_THAT(ran.err, Catch::Contains("Environment variable that has its key [OPENAI_API_KEY]: "));
  const std::string text = text_of("gateway.yaml");
  for (const char* part : {"api_key: ${MY_KEY}", "'smart':", "model: 'gpt-4o'", "  shop:", "cap: 10, period: day"})
    CHECK_THAT(text, Catch::Contains(part));
}

TEST_CASE("init knows every type of provider that a configuration has", "[apps][init]") {
  Cli cli;
  CHECK_THAT(cli.good("init --help"),
             Catch::Contains("openai, openrouter, anthropic, gemini, azure, responses or simulated"));
  CHECK_THAT(cli.good("init --provider gemini --print"), Catch::Contains("api_key: ${GEMINI_API_KEY}"));
  cli.environment["GEMINI_API_KEY"] = "x";
  CHECK_THAT(cli.good("init --print"), Catch::Contains("type: gemini"));
}

TEST_CASE("a sample is found by the usual names of its language", "[apps][sample]") {
  Cli cli;
  for (const char* name : {"typescript", "TypeScript", "node", "js"})
    CHECK(cli.good(std::string("sample --lang ") + name) == cli.good("sample --lang ts"));
  CHECK(cli.good("sample --lang golang") == cli.good("sample --lang go"));
  const Ran wrong = cli("sample --lang typscript");
  CHECK(wrong.status == 2);
  CHECK_THAT(wrong.err, Catch::Contains("expected curl, python, ts, go, swift or kotlin, found 'typscript'; did you "
                                        "mean 'typescript'?"));
  CHECK_THAT(cli("sample --lang cobol").err, Catch::Contains("found 'cobol'"));
}

TEST_CASE("the server's URL is the running one's, else the configuration's", "[apps][sample]") {
  Cli cli;
  CHECK_THAT(cli.good("sample"), Catch::Contains("curl http://127.0.0.1:8080/v1/"));
  cli.folder.write("gateway.yaml",
                   "listen: ['unix:/tmp/x', '0.0.0.0:9001']\nadmin: {listen: '127.0.0.1:9002', token: "
                   "a-token-of-some-length}\n");
  CHECK_THAT(cli.good("sample"), Catch::Contains("curl http://127.0.0.1:9001/v1/"));
  CHECK(cli("open").out == "http://127.0.0.1:9002/dashboard/\n");
  CHECK(cli("open requests req_1").out == "http://127.0.0.1:9002/dashboard/requests/req_1\n");
  CHECK(cli("open requests a/b").out == "http://127.0.0.1:9002/dashboard/requests/a%2Fb\n");
  CHECK(cli("open --listen 127.0.0.1:7 usage").out == "http://127.0.0.1:7/dashboard/usage\n");
  CHECK(cli("open usage x").status == 2);
  CHECK(cli("open nowhere").status == 2);
  std::filesystem::create_directory("gateway.db-journals");
  {
    const auto note = app::ListeningNote::write("gateway.db-journals", {"http://127.0.0.1:41", "http://127.0.0.1:42"});
    REQUIRE(note);
    CHECK_FALSE(app::ListeningNote::write("gateway.db-journals", {"http://127.0.0.1:43", ""}));
    CHECK_THAT(cli.good("sample"), Catch::Contains("curl http://127.0.0.1:41/v1/"));
    CHECK(cli("open").out == "http://127.0.0.1:42/dashboard/\n");
    CHECK_THAT(cli.good("sample --url http://h:1/"), Catch::Contains("curl http://h:1/v1/"));
  }
  CHECK_FALSE(cli.folder.has("gateway.db-journals/listening"));
  cli.folder.write("gateway.db-journals/listening", "http://127.0.0.1:41\n\n");  // of a server that was killed
  CHECK_THAT(cli.good("sample"), Catch::Contains("curl http://127.0.0.1:9001/v1/"));
}

TEST_CASE("init refuses what would not pass", "[apps][init]") {
  Cli cli;
  const Ran key = cli("init --provider openai --key-env sk-abc-123");
  CHECK(key.status == 2);
  CHECK(key.err.find("sk-abc-123") == std::string::npos);
  CHECK(cli("init --project a/b").status == 2);
  CHECK(cli("init --cap much").status == 2);
  CHECK(cli("init --prices 1").status == 2);
  CHECK(cli("init --provider nobody").status == 2);
  CHECK(cli("init --provider azure").err ==
        "gateway: --base-url: expected where Azure's resource is, such as https://NAME.openai.azure.com\n");
  cli.good("init --provider azure --base-url https://mine.openai.azure.com --print");
  CHECK(cli({"init", "--model", "a\nb"}).status == 2);
  CHECK(cli({"init", "--model", "${HOME}"}).status == 2);
  const Ran unpriced = cli("init --provider openai --model gpt-nobody-knows --cap 1");
  CHECK(unpriced.status == 1);
  CHECK_THAT(unpriced.err, Catch::Contains("no known price"));
  CHECK(cli("init --provider openai --model gpt-nobody-knows --cap 1 --prices 1,2").status == 0);
}

TEST_CASE("doctor finds what is broken and says what mends it", "[apps][doctor]") {
  Cli cli;
  cli.folder.write("gateway.yaml",
                   "listen: 127.0.0.1:0\nproviders: {sim: {type: simulated}}\nmodels: {\"*\": {targets: [{provider: "
                   "sim}]}}\n");
  const Ran fresh = cli("doctor --offline");
  INFO(fresh.out << fresh.err);
  CHECK(fresh.status == 0);
  CHECK_THAT(fresh.out, Catch::StartsWith("ok    configuration: gateway.yaml: 1 provider, 1 model, 0 projects\n"));
  CHECK_THAT(fresh.out, Catch::Contains("warn  database: gateway.db is not there yet\n      -> gateway serve\n"));
  fill_fixed_ledger(cli);
  const std::string filled = cli("doctor").out;
  CHECK_THAT(filled, Catch::Contains("warn  cap of demo: 102% of 0.001 USD/day are used\n"
                                     "      -> gateway budget --project demo\n"));
  CHECK_THAT(filled, Catch::Contains("ok    provider sim: simulated: answers by itself\n"));
  CHECK_THAT(cli("doctor --json --offline").out,
             Catch::StartsWith("{\"ok\":true,\"checks\":[{\"check\":\"configuration\","
                               "\"health\":\"ok\""));
}

TEST_CASE("doctor fails for a mistake, a missing variable, a provider and a server that are not there",
          "[apps][doctor]") {
  Cli cli;
  cli.folder.write("gateway.yaml", "modles: {}\n");
  Ran ran = cli("doctor --offline");
  CHECK(ran.status == 1);
  CHECK_THAT(ran.out, Catch::StartsWith("fail  configuration: gateway.yaml:1:1: unknown key 'modles'"));
  CHECK_THAT(ran.out, Catch::Contains("-> gateway check -c gateway.yaml\n"));
  cli.folder.write("gateway.yaml",
                   "listen: 127.0.0.1:0\nproviders: {p: {type: openai, base_url: 'http://127.0.0.1:1/v1', api_key: "
                   "\"${SECRET_KEY}\"}}\n");
  ran = cli("doctor --offline");
  CHECK(ran.status == 1);
  CHECK_THAT(ran.out, Catch::Contains("fail  environment: ") && Catch::Contains("SECRET_KEY"));
  cli.environment["SECRET_KEY"] = "sk-very-secret";
  ran = cli("doctor --url http://127.0.0.1:1");
  INFO(ran.out);
  CHECK(ran.status == 1);
  CHECK_THAT(ran.out, Catch::Contains("fail  provider p: unreachable"));
  CHECK_THAT(ran.out, Catch::Contains("fail  server: http://127.0.0.1:1"));
  CHECK(ran.out.find("very-secret") == std::string::npos);
  CHECK(cli("doctor --json --url http://127.0.0.1:1").out.find("very-secret") == std::string::npos);
}

TEST_CASE("doctor says what to do about a program that makes tokens", "[apps][doctor]") {
  Cli cli;
  const auto found = [&cli](const std::string& program) {
    cli.folder.write("gateway.yaml",
                     "listen: 127.0.0.1:0\nproviders: {p: {type: openai, base_url: "
                     "'http://127.0.0.1:1/v1', token_command: {run: [" +
                         program + "]}}}\n");
    return cli("doctor").out;
  };
  CHECK_THAT(found("/nowhere/az"), Catch::Contains("-> install /nowhere/az, or correct its token_command\n"));
  CHECK_THAT(found("'false'"), Catch::Contains("-> run its token_command by hand\n"));
}

TEST_CASE("doctor reports a database that everybody may open", "[apps][doctor]") {
  Cli cli;
  cli.folder.write("gateway.yaml", "listen: 127.0.0.1:0\n");
  cli.good("project create demo");
  ::chmod("gateway.db", 0644);
  CHECK_THAT(cli("doctor --offline").out, Catch::Contains("warn  permissions: everybody on this machine may open"));
  ::chmod("gateway.db", 0600);
  CHECK(cli("doctor --offline").out.find("permissions") == std::string::npos);
}

TEST_CASE("sample prints code for this server without a key", "[apps][sample]") {
  Cli cli;
  cli.folder.write(
      "gateway.yaml",
      "listen: 0.0.0.0:9999\nproviders: {p: {type: simulated}}\nmodels: {fast: {targets: [{provider: p, model: "
      "simulated/echo}]}}\n");
  std::string all;
  for (const char* language : {"curl", "python", "ts", "go", "swift", "kotlin"}) {
    for (const char* stream : {"", " --stream"})
      all +=
          std::string("--- ") + language + stream + "\n" + cli.good(std::string("sample --lang ") + language + stream);
  }
  check_golden("samples", all);
  CHECK_THAT(cli.good("sample --url https://llm.example/v1/ --model it's"),
             Catch::Contains("curl https://llm.example/v1/chat/completions") && Catch::Contains("it'\\''s"));
  CHECK(cli("sample --lang cobol").status == 2);
  CHECK(cli("sample --url http://x/$(id)").status == 2);
}

TEST_CASE("a key goes into an env file that git ignores", "[apps][key]") {
  Cli cli;
  cli.good("project create demo");
  std::filesystem::create_directories("app/.git");
  cli.folder.write("app/.env.local", "A=1\nexport LLM_KEY=old\nB=2");
  cli.folder.write("app/.gitignore", "node_modules");
  const Ran ran = cli("key create --project demo --env-file app/.env.local --var LLM_KEY");
  CHECK(ran.status == 0);
  CHECK(ran.out.empty());
  CHECK(ran.err.find("gk-") == std::string::npos);
  CHECK_THAT(ran.err, Catch::StartsWith("app/.env.local has it as LLM_KEY\n"));
  CHECK_THAT(text_of("app/.env.local"), Catch::StartsWith("A=1\nexport LLM_KEY=gk-") && Catch::EndsWith("\nB=2\n"));
  CHECK(mode_of("app/.env.local") == 0600);
  CHECK(text_of("app/.gitignore") == "node_modules\n.env.local\n");
  CHECK(cli("key create --project demo --env-file app/.env.local").status == 0);
  CHECK(text_of("app/.gitignore") == "node_modules\n.env.local\n");
  CHECK_THAT(text_of("app/.env.local"), Catch::Contains("\nGATEWAY_KEY=gk-"));
}

TEST_CASE("a key in an env file: what is wrong is found before there is a key", "[apps][key]") {
  Cli cli;
  cli.good("project create demo");
  CHECK(cli("key create --project demo --env-file nowhere/.env").status == 1);
  CHECK(cli("key create --project demo --env-file /dev/full").err ==
        "gateway: /dev/full is no file that a line can be put into\n");
  CHECK(cli("key create --project demo --env-file .env --var 1A").status == 2);
  CHECK(cli("key create --project demo --var KEY").status == 2);
  CHECK(cli("key create --project demo --env-file .env --json").status == 2);
  CHECK(cli.good("key list --format csv --columns id") == "id\n");
  CHECK_THAT(cli("key create --project demo --env-file .env --var NEXT_PUBLIC_KEY").err,
             Catch::Contains("warning: what begins with NEXT_PUBLIC_ is put into what browsers load"));
  CHECK_FALSE(cli.folder.has(".gitignore"));
}
