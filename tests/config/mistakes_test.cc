// Every kind of mistake, with the exact text and place that a user is shown.
#include "config/support.h"

using Lines = std::vector<std::string>;

TEST_CASE("text that is no YAML is one mistake at its place", "[config][mistakes][yaml]") {
  CHECK(mistakes_of("a: [1, 2\nb: 3\n") == Lines{"f:1:4: this '[' is not closed"});
  CHECK(mistakes_of("workers: x: 1\n") == Lines{"f:1:11: illegal map value"});
  CHECK(mistakes_of("workers: \"1\nlisten: x\n") ==
        Lines{"f:4:1: a quote is opened and not closed before the end of the file"});
  CHECK(mistakes_of("models:\n  *: {targets: [{provider: x}]}\n") ==
        Lines{"f:2:3: an alias of an anchor that is not there; a name that begins with * or & needs quotes around it"});
  CHECK(mistakes_of("models: &a\n  x: [*a]\n") == Lines{"f:2:7: this alias is inside of what it refers to"});
  CHECK(mistakes_of("workers: 1\n---\nworkers: 2\n") ==
        Lines{"f:2:1: a second document begins; expected one document in a file"});
  CHECK(mistakes_of("? [a, b]\n: 1\n") == Lines{"f:1:3: expected a name as key, found a list"});
  CHECK(mistakes_of("projects: {a: {<<: 3}}\n") ==
        Lines{"f:1:16: '<<' merges mappings; expected one or a list of them"});
}

TEST_CASE("bytes that are no text are refused before YAML sees them", "[config][mistakes][yaml]") {
  CHECK(mistakes_of("workers: 1\n# \xff\n") == Lines{"f:2:3: this byte is not UTF-8; expected a text file in UTF-8"});
  CHECK(mistakes_of("# \xed\xa0\x80\n") == Lines{"f:1:3: this byte is not UTF-8; expected a text file in UTF-8"});
  CHECK(mistakes_of("# \xc0\xaf\n") == Lines{"f:1:3: this byte is not UTF-8; expected a text file in UTF-8"});
  CHECK(mistakes_of("# \xf4\x90\x80\x80\n") == Lines{"f:1:3: this byte is not UTF-8; expected a text file in UTF-8"});
  CHECK(mistakes_of("# \xe2\x82") == Lines{"f:1:3: this byte is not UTF-8; expected a text file in UTF-8"});
  CHECK(mistakes_of("# \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\n").empty());
  CHECK(mistakes_of("workers: 1\x01\n") == Lines{"f:1:11: a control character; expected a text file in UTF-8"});
  CHECK(mistakes_of(std::string("workers: 1\0", 11)) ==
        Lines{"f:1:11: a control character; expected a text file in UTF-8"});
}

TEST_CASE("a file built to exhaust its reader is refused", "[config][mistakes][yaml]") {
  CHECK(mistakes_of("a: " + std::string(100'000, '[')) == Lines{"f:1:1004: too many brackets are open here"});
  CHECK(mistakes_of("a: " + std::string(40, '[') + std::string(40, ']')) ==
        Lines{"f:1:35: nested too deep: expected at most 32 levels"});
  CHECK(mistakes_of(std::string(3 * 1024 * 1024, ' ')) ==
        Lines{"f:1:1: the file has 3145728 bytes; expected at most 2097152"});
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + alias;
    for (int k = 1; k < 10; ++k) bomb += ", " + alias;
    bomb += "]\n";
  }
  CHECK(mistakes_of(bomb) == Lines{"f:6:15: too many values, each alias counted: expected at most 200000"});
  std::string deep = "a0: &a0 [x]\n";
  for (int i = 1; i < 40; ++i) {
    deep += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  }
  CHECK(mistakes_of(deep) == Lines{"f:31:12: nested too deep: expected at most 32 levels"});
}

TEST_CASE("more mistakes than anybody reads are counted", "[config][mistakes]") {
  std::string text;
  for (int i = 0; i < 250; ++i) text += "x" + std::to_string(i) + ": 1\n";
  const Lines lines = mistakes_of(text);
  REQUIRE(lines.size() == 101);
  CHECK(lines.back() == "f: and 150 more mistakes");
}

TEST_CASE("an unknown key names the nearest known one", "[config][mistakes][keys]") {
  CHECK(mistakes_of("projects:\n  demo:\n    modles: [a]\n") ==
        Lines{"f:3:5: unknown key 'modles' in project 'demo'; did you mean 'models'?"});
  CHECK(mistakes_of("Workers: 1\n") ==
        Lines{"f:1:1: unknown key 'Workers' in the configuration; did you mean 'workers'?"});
  CHECK(mistakes_of("timeouts: {conect: 2s}\n") ==
        Lines{"f:1:12: unknown key 'conect' in timeouts; did you mean 'connect'?"});
  CHECK(mistakes_of("retry: {backoff: 2s}\n") ==
        Lines{"f:1:9: unknown key 'backoff' in retry; known are max_attempts, on, budget, max_wait"});
  CHECK(mistakes_of("providers: {p: {type: simulated, apikey: x}}\n") ==
        Lines{"f:1:34: unknown key 'apikey' in provider 'p'; did you mean 'api_key'?"});
}

TEST_CASE("a key written twice is a mistake at its second place", "[config][mistakes][keys]") {
  CHECK(mistakes_of("workers: 1\nlisten: x:1\nworkers: 2\n") ==
        Lines{"f:3:1: the key 'workers' is given twice; first on line 1"});
  CHECK(mistakes_of("projects:\n  a: {}\n  \"a\": {}\n") ==
        Lines{"f:3:3: the key 'a' is given twice; first on line 2"});
}

TEST_CASE("all mistakes are reported, in the order of the file", "[config][mistakes]") {
  CHECK(mistakes_of("projects: {a: {limits: {concurrent: many}}}\nworkers: -1\nlog_bodies: maybe\n") ==
        Lines{"f:1:37: 'concurrent' in 'limits' of project 'a': expected a whole number of at least 1, found 'many'",
              "f:2:10: 'workers' in the configuration: expected a whole number from 0 to 1024, found '-1'",
              "f:3:13: 'log_bodies' in the configuration: expected true or false, found 'maybe'"});
}

TEST_CASE("a value of a wrong shape reports what was expected", "[config][mistakes]") {
  CHECK(mistakes_of("just text\n") == Lines{"f:1:1: the configuration: expected a mapping, found a value"});
  CHECK(mistakes_of("[]\n") == Lines{"f:1:1: the configuration: expected a mapping, found a list"});
  CHECK(mistakes_of("workers:\n") ==
        Lines{"f:1:1: 'workers' in the configuration: expected a whole number from 0 to 1024, found nothing"});
  CHECK(mistakes_of("workers: [1]\n") ==
        Lines{"f:1:10: 'workers' in the configuration: expected a whole number from 0 to 1024, found a list"});
  CHECK(mistakes_of("server: 3\n") == Lines{"f:1:9: server: expected a mapping, found a value"});
  CHECK(mistakes_of("providers: [a]\n") ==
        Lines{"f:1:12: 'providers': expected a mapping from names to providers, found a list"});
  CHECK(mistakes_of("models: [a]\n") ==
        Lines{"f:1:9: 'models': expected a mapping from names to targets, found a list"});
  CHECK(mistakes_of("projects: [a]\n") ==
        Lines{"f:1:11: 'projects': expected a mapping from names to projects, found a list"});
}

TEST_CASE("durations, sizes and shares are read strictly", "[config][mistakes][scalars]") {
  const std::string duration = "expected a duration such as 250ms, 2s, 10m or 1h, at least 1ms, found ";
  CHECK(mistakes_of("timeouts: {idle: 30}\n") == Lines{"f:1:18: 'idle' in timeouts: " + duration + "'30'"});
  CHECK(mistakes_of("timeouts: {idle: -2s}\n") == Lines{"f:1:18: 'idle' in timeouts: " + duration + "'-2s'"});
  CHECK(mistakes_of("timeouts: {idle: 2 s}\n") == Lines{"f:1:18: 'idle' in timeouts: " + duration + "'2 s'"});
  CHECK(mistakes_of("timeouts: {idle: 0}\n") == Lines{"f:1:18: 'idle' in timeouts: " + duration + "'0'"});
  CHECK(mistakes_of("timeouts: {idle: 99999999999999h}\n") ==
        Lines{"f:1:18: 'idle' in timeouts: " + duration + "'99999999999999h'"});
  CHECK(mistakes_of("server: {drain: 0}\n").empty());
  const std::string size = "expected a size such as 32KiB or 32MiB, at least 1024 bytes, found ";
  CHECK(mistakes_of("server: {max_head: 32KB}\n") == Lines{"f:1:20: 'max_head' in server: " + size + "'32KB'"});
  CHECK(mistakes_of("server: {max_body: 100}\n") == Lines{"f:1:20: 'max_body' in server: " + size + "'100'"});
  CHECK(mistakes_of("server: {max_body: 99999999999GiB}\n") ==
        Lines{"f:1:20: 'max_body' in server: " + size + "'99999999999GiB'"});
  CHECK(mistakes_of("server: {max_body: 2MiB, max_buffered: 1MiB}\n") ==
        Lines{"f:1:40: 'max_buffered' in server is less than 'max_body'; expected room for at least one body"});
  CHECK(mistakes_of("server: {max_body: 1GiB}\n") ==
        Lines{"f:1:20: 'max_buffered' in server is less than 'max_body'; expected room for at least one body"});
  CHECK(mistakes_of("retry: {budget: 20%}\n") ==
        Lines{"f:1:17: 'budget' in retry: expected a share from 0 to 1, such as 0.2, found '20%'"});
  CHECK(mistakes_of("retry: {budget: 1.5}\n") ==
        Lines{"f:1:17: 'budget' in retry: expected a share from 0 to 1, such as 0.2, found '1.5'"});
  CHECK(mistakes_of("retry: {max_attempts: 0}\n") ==
        Lines{"f:1:23: 'max_attempts' in retry: expected a whole number from 1 to 100, found '0'"});
  CHECK(mistakes_of("retry: {on: [connect, 500]}\n") ==
        Lines{"f:1:23: 'on' in retry: expected connect, timeout, 429, 5xx, lost, context_length or content_policy, "
              "found '500'"});
}

TEST_CASE("a URL that may hold a secret is in no message", "[config][mistakes]") {
  const std::string provider = "providers: {p: {type: openai, api_key: k, ";
  for (const char* member : {"base_url: 'ftp://user:PWSECRET@host/v1'", "base_url: 'https://host/v1?key=PWSECRET'",
                             "proxy: 'http://user:PWSECRET@host:99999'"}) {
    const Lines lines = mistakes_of(provider + member + "}}\n");
    INFO(member);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find("PWSECRET") == std::string::npos);
    CHECK(lines[0].find("a URL that is not shown") != std::string::npos);
  }
}

TEST_CASE("listen addresses, database, durability and origins are checked", "[config][mistakes][server]") {
  const std::string address = "expected an address such as 127.0.0.1:8080, [::1]:8080 or unix:/path, found ";
  CHECK(mistakes_of("listen: 8080\n") == Lines{"f:1:9: 'listen' in the configuration: " + address + "'8080'"});
  CHECK(mistakes_of("listen: [\"127.0.0.1:70000\", \"unix:\"]\n") ==
        Lines{"f:1:10: 'listen' in the configuration: " + address + "'127.0.0.1:70000'",
              "f:1:29: 'listen' in the configuration: " + address + "'unix:'"});
  CHECK(mistakes_of("listen: []\n") == Lines{"f:1:9: 'listen' in the configuration: expected at least one address"});
  CHECK(mistakes_of("database: gateway.db\n") ==
        Lines{"f:1:11: 'database' in the configuration: expected sqlite:FILE, found 'gateway.db'"});
  CHECK(mistakes_of("database: mysql://localhost/gateway\n") ==
        Lines{"f:1:11: 'database' in the configuration: expected sqlite:FILE, found 'mysql://localhost/gateway'"});
  CHECK(mistakes_of("database: postgresql://localhost/gateway\n") ==
        Lines{"f:1:11: PostgreSQL is not supported by this version; expected sqlite:FILE"});
  CHECK(mistakes_of("durability: disk\n") ==
        Lines{"f:1:13: 'durability' in the configuration: expected process or power, found 'disk'"});
  CHECK(mistakes_of("server: {cors_origins: [app.example.com]}\n") ==
        Lines{"f:1:25: 'cors_origins' in server: expected an origin such as https://app.example.com, or \"*\", found "
              "'app.example.com'"});
  CHECK(mistakes_of("server: {tls: {key: key.pem}}\n") ==
        Lines{"f:1:15: server.tls needs both 'certificate' and 'key'; expected two PEM files"});
}

TEST_CASE("providers are checked", "[config][mistakes][providers]") {
  CHECK(mistakes_of("providers:\n  p: {}\n") == Lines{"f:2:6: provider 'p' has no 'type'; expected openai, openrouter, "
                                                      "anthropic, gemini, azure, responses or simulated"});
  CHECK(mistakes_of("providers: {p: {type: bedrock}}\n") ==
        Lines{"f:1:23: 'type' in provider 'p': expected openai, openrouter, anthropic, gemini, azure, responses or "
              "simulated, "
              "found 'bedrock'"});
  CHECK(mistakes_of("providers: {p: {type: azure, api_key: k}}\n") ==
        Lines{"f:1:16: provider 'p' has no 'base_url'; expected its resource's, such as "
              "https://NAME.openai.azure.com"});
  CHECK(mistakes_of("providers: {p: {type: gemini, api_key: k}}\n") == Lines{});
  CHECK(mistakes_of("providers: {p: {type: gemini, token_command: {run: [gcloud, auth], every: 40m}}}\n") == Lines{});
  CHECK(mistakes_of("providers: {p: {type: gemini, api_key: k, token_command: {run: [gcloud]}}}\n") ==
        Lines{"f:1:58: provider 'p' has both 'api_key' and 'token_command'; expected one of them"});
  CHECK(mistakes_of("providers: {p: {type: gemini, token_command: {every: 40m}}}\n") ==
        Lines{"f:1:46: 'token_command' of provider 'p' has no 'run'; expected a list such as [gcloud, auth, "
              "print-access-token]"});
  CHECK(mistakes_of("providers: {p: {type: gemini, token_command: {run: [gcloud], every: 10ms}}}\n") ==
        Lines{"f:1:69: 'every' in 'token_command' of provider 'p': expected a duration of whole seconds such as 10m or "
              "1h, at least 1s, found '10ms'"});
  CHECK(mistakes_of("providers: {p: {type: openai, api_key: k, preset: mistral}}\n") == Lines{});
  CHECK(mistakes_of("providers: {p: {type: anthropic, api_key: k}}\n") == Lines{});
  CHECK(mistakes_of("providers: {p: {type: openai}}\n") ==
        Lines{"f:1:16: provider 'p' has no 'api_key'; expected one, such as ${OPENAI_API_KEY}, or none"});
  CHECK(mistakes_of("providers: {a b: {type: simulated}}\n") ==
        Lines{"f:1:13: a provider's name: expected 1 to 64 letters, digits, '.', '_' or '-', found 'a b'"});
  const std::string url = "expected a URL such as https://api.openai.com/v1, without user, query and fragment, found ";
  for (const std::string bad :
       {"ftp://host/v1", "https://", "host/v1", "https://u:p@host/", "https://host/?a", "https://host:0"}) {
    CHECK(
        mistakes_of("providers: {p: {type: openai, api_key: k, base_url: \"" + bad + "\"}}\n") ==
        Lines{"f:1:53: 'base_url' in provider 'p': " + url +
              (bad.find_first_of("@?") == std::string::npos ? "'" + bad + "'"
                                                            : "a URL that is not shown, since it may hold a secret")});
  }
  CHECK(mistakes_of("providers: {p: {type: simulated, proxy: proxy}}\n") ==
        Lines{"f:1:41: 'proxy' in provider 'p': expected a proxy such as http://proxy:3128 or socks5h://proxy:1080, or "
              "direct, found 'proxy'"});
  CHECK(
      mistakes_of("providers: {p: {type: simulated, catalogue_every: 500ms}}\n") ==
      Lines{"f:1:51: 'catalogue_every' in provider 'p': expected a duration of whole seconds such as 10m or 1h; 0 for "
            "never, found '500ms'"});
  CHECK(mistakes_of("providers: {p: {type: simulated, headers: {Host: x, \"a b\": y, x: \"a\\nb\"}}}\n") ==
        Lines{"f:1:44: 'headers' of provider 'p': 'Host' is written by the gateway itself",
              "f:1:53: 'headers' of provider 'p': expected the name of a header field, found 'a b'",
              "f:1:66: 'x' in 'headers' of provider 'p': it has a space at an end or a control character"});
}

TEST_CASE("a provider's header fields do not repeat ours or each other, and fit into a request", "[config][mistakes]") {
  const auto of = [](const std::string& headers) {
    return mistakes_of("providers: {p: {type: simulated, headers: {" + headers + "}}}\n");
  };
  for (const std::string ours : {"Content-Type", "ACCEPT", "accept-encoding", "Content-Encoding", "Connection",
                                 "content-length", "Transfer-Encoding", "Proxy-Authorization"}) {
    CHECK(of(ours + ": x") ==
          Lines{"f:1:44: 'headers' of provider 'p': '" + ours + "' is written by the gateway itself"});
  }
  CHECK(of("AUTHORIZATION: x") ==
        Lines{"f:1:44: 'headers' of provider 'p': 'AUTHORIZATION' is written by the gateway, from 'api_key'"});
  CHECK(of("x-a: 1, X-A: 2") == Lines{"f:1:52: 'headers' of provider 'p': 'X-A' is there twice"});

  std::string many = "x-0: v";
  for (int i = 1; i < 16; ++i) many += ", x-" + std::to_string(i) + ": v";
  CHECK(of(many).empty());
  REQUIRE(of(many + ", x-16: v").size() == 1);
  CHECK(of(many + ", x-16: v")[0].find("expected at most 16 header fields, found 'x-16' after them") !=
        std::string::npos);

  const std::string most(16 * 1024 - 3, 'v');
  CHECK(of("x-a: " + most).empty());
  CHECK(of("x-a: v" + most) ==
        Lines{"f:1:49: 'x-a' in 'headers' of provider 'p': expected at most 16384 bytes of header fields, and this is "
              "past them"});
  CHECK(mistakes_of("providers: {p: {type: openai, api_key: " + std::string(8193, 'k') + "}}\n") ==
        Lines{"f:1:40: 'api_key' in provider 'p': it is longer than 8192 bytes"});
}

TEST_CASE("a secret that is no header value is refused without showing it", "[config][mistakes][secrets]") {
  const Lines lines = mistakes_of("providers: {p: {type: openai, api_key: ${KEY}}}\nadmin_token: \"hunter2\\n\"\n",
                                  {{"KEY", "sk-hunter2\n"}});
  CHECK(lines ==
        Lines{"f:1:40: 'api_key' in provider 'p': it has a space at an end or a control character, which no key has",
              "f:2:14: 'admin_token' in the configuration: it has a space at an end or a control character"});
}

TEST_CASE("models and their targets are checked", "[config][mistakes][models]") {
  const std::string sim = "providers: {sim: {type: simulated}}\n";
  CHECK(
      mistakes_of(sim + "models: {a: {targets: [{provider: sin}]}}\n") ==
      Lines{"f:2:35: target 1 of model 'a' names provider 'sin', which is not under 'providers'; did you mean 'sim'?"});
  CHECK(mistakes_of(sim + "models: {a: {targets: [{provider: openrouter}]}}\n") ==
        Lines{"f:2:35: target 1 of model 'a' names provider 'openrouter', which is not under 'providers'"});
  CHECK(mistakes_of(sim + "models: {a: {targets: [{model: b}]}}\n") ==
        Lines{"f:2:24: target 1 of model 'a' has no 'provider'; expected the name of one under 'providers'"});
  const std::string targets = " has no 'targets'; expected a list such as [{provider: openrouter}]";
  CHECK(mistakes_of(sim + "models: {a: {}}\n") == Lines{"f:2:10: model 'a'" + targets});
  CHECK(mistakes_of(sim + "models: {a: {targets: []}}\n") == Lines{"f:2:23: model 'a'" + targets});
  CHECK(mistakes_of(sim + "models: {a: {targets: {provider: sim}}}\n") == Lines{"f:2:23: model 'a'" + targets});
  for (const std::string name : {"a*", "*/b", "a/*/b", "a b", "/*"}) {
    CHECK(mistakes_of(sim + "models: {\"" + name + "\": {targets: [{provider: sim}]}}\n") ==
          Lines{"f:2:10: under 'models': expected a model's name, 'prefix/*' or '*', found '" + name + "'"});
  }
  CHECK(mistakes_of(sim + "models: {a: {targets: [{provider: sim, model: \"x*\"}]}}\n") ==
        Lines{"f:2:47: 'model' in target 1 of model 'a': expected a model's name of at most 512 characters without "
              "spaces, found 'x*'"});
  CHECK(mistakes_of(sim + "models: {a: {strategy: random, targets: [{provider: sim}]}}\n") ==
        Lines{"f:2:24: 'strategy' in model 'a': expected ordered, weighted, cheapest, fastest or least_busy, "
              "found 'random'"});
}

TEST_CASE("prices are checked", "[config][mistakes][prices]") {
  const auto of = [](const std::string& prices) {
    return mistakes_of("providers: {p: {type: simulated}}\nmodels: {a: {targets: [{provider: p, prices: " + prices +
                       "}]}}\n");
  };
  const std::string where = " in 'prices' in target 1 of model 'a': ";
  CHECK(of("{input: 0.0000001}") ==
        Lines{"f:2:54: 'input'" + where +
              "expected at most 6 decimals (10^-12 USD per token), found 0.0000001 USD per million tokens"});
  CHECK(of("{input: -1}") ==
        Lines{"f:2:54: 'input'" + where + "expected USD per million tokens, such as 0.15, found '-1'"});
  CHECK(of("{output: $3}") ==
        Lines{"f:2:55: 'output'" + where + "expected USD per million tokens, such as 0.15, found '$3'"});
  CHECK(of("{input: 1, image: free}") ==
        Lines{"f:2:64: 'image'" + where + "expected USD per image, such as 0.005, found 'free'"});
  CHECK(
      of("{image: 1}") ==
      Lines{
          "f:2:46: 'prices' in target 1 of model 'a' has no price; expected at least 'input', 'output' or 'request'"});
  CHECK(
      of("{input: 1, overrides: [{utc_start: \"16:30\", input: 2}]}") ==
      Lines{
          "f:2:69: override 1 of 'prices' in target 1 of model 'a' needs both 'utc_start' and 'utc_end', or neither"});
  CHECK(of("{input: 1, overrides: [{utc_start: \"24:00\", utc_end: \"1:00\"}]}") ==
        Lines{"f:2:81: 'utc_start' in override 1 of 'prices' in target 1 of model 'a': expected a time of day such as "
              "\"16:30\", found '24:00'",
              "f:2:99: 'utc_end' in override 1 of 'prices' in target 1 of model 'a': expected a time of day such as "
              "\"00:30\", found '1:00'"});
  const std::string rule = "override 1 of 'prices' in target 1 of model 'a' ";
  const std::string no_condition =
      rule + "has no condition; expected 'min_prompt_tokens', or 'utc_start' and 'utc_end'";
  const std::string no_price = rule + "has no price; expected one such as 'input' or 'output'";
  CHECK(of("{input: 1, overrides: [{}]}") == Lines{"f:2:69: " + no_condition, "f:2:69: " + no_price});
  CHECK(of("{input: 1, overrides: [{input: 2}]}") == Lines{"f:2:69: " + no_condition});
  CHECK(of("{input: 1, overrides: [{min_prompt_tokens: 9}]}") == Lines{"f:2:69: " + no_price});
  CHECK(of("{input: 1, overrides: [{min_prompt_tokens: 9, audio: 0}]}").empty());
}

TEST_CASE("projects and their caps are checked", "[config][mistakes][projects]") {
  CHECK(mistakes_of("projects: {\"a/b\": {}}\n") ==
        Lines{"f:1:12: a project's name: expected 1 to 64 letters, digits, '.', '_' or '-', found 'a/b'"});
  CHECK(mistakes_of("projects: {a: {models: [\"gpt-*\"]}}\n") ==
        Lines{"f:1:25: 'models' in project 'a': expected a model's name, 'prefix/*' or '*', found 'gpt-*'"});
  CHECK(mistakes_of("projects: {a: {spend: {cap: lots}}}\n") ==
        Lines{"f:1:29: 'cap' in 'spend' of project 'a': expected an amount in USD such as 25 or 0.50, found 'lots'"});
  CHECK(mistakes_of("projects: {a: {spend: {cap: 0.0000000000001}}}\n") ==
        Lines{"f:1:29: 'cap' in 'spend' of project 'a': expected an amount in USD such as 25 or 0.50, found "
              "'0.0000000000001'"});
  CHECK(mistakes_of("projects: {a: {spend: {cap: 1, period: year}}}\n") ==
        Lines{"f:1:40: 'period' in 'spend' of project 'a': expected day, week, month or total, found 'year'"});
  CHECK(mistakes_of("projects: {a: {spend: {period: day}}}\n") ==
        Lines{"f:1:23: 'spend' of project 'a' has no 'cap'; expected an amount in USD"});
  CHECK(mistakes_of("projects: {a: {spend: {cap: 1, timezone: Mars/Olympus}}}\n") ==
        Lines{"f:1:42: 'timezone' in 'spend' of project 'a': expected a time zone such as UTC or Europe/Berlin, found "
              "'Mars/Olympus'"});
  CHECK(mistakes_of("projects: {a: {spend: {cap: 1, mode: loose, unpriced: maybe}}}\n") ==
        Lines{"f:1:38: 'mode' in 'spend' of project 'a': expected strict or estimate, found 'loose'",
              "f:1:55: 'unpriced' in 'spend' of project 'a': expected allow or refuse, found 'maybe'"});
  CHECK(
      mistakes_of("projects: {a: {spend: {cap: 1, warn: [0, 80, 101]}}}\n") ==
      Lines{"f:1:39: 'warn' in 'spend' of project 'a': expected a whole number of percent from 1 to 100, found '0'",
            "f:1:46: 'warn' in 'spend' of project 'a': expected a whole number of percent from 1 to 100, found '101'"});
  CHECK(
      mistakes_of("projects:\n  a:\n    spend:\n      - {cap: 1, mode: strict}\n      - {cap: 2, mode: estimate}\n") ==
      Lines{"f:5:15: entry 2 of 'spend' of project 'a' is a second cap for the period month; expected at most one",
            "f:5:24: 'mode' in entry 2 of 'spend' of project 'a' differs from line 4; it holds for the whole project, "
            "so expected it once"});
}

TEST_CASE("what the MCP server cannot change or admit is a mistake", "[config]") {
  CHECK(mistakes_of("mcp: {write: [caps]}\n") == Lines{"f:1:15: 'write' in mcp: expected keys, found 'caps'"});
  CHECK(mistakes_of("mcp: {origins: [\"*\"]}\n").size() == 1);
  CHECK(mistakes_of("mcp: {origins: [app.example]}\n").size() == 1);
}

TEST_CASE("tokens of operators are long, written once, and required if there is an address", "[config]") {
  CHECK(
      mistakes_of("admin_token: fifteen-letters\n") ==
      Lines{
          "f:1:14: 'admin_token' in the configuration: expected at least 16 characters, as of `openssl rand -hex 32`, "
          "found 15"});
  CHECK(mistakes_of("metrics: {token: short}\n") ==
        Lines{"f:1:18: 'token' in metrics: expected at least 16 characters, as of `openssl rand -hex 32`, found 5"});
  CHECK(mistakes_of("admin_token: a-token-of-26-characters-x\nadmin: {token: a-token-of-26-characters-x}\n").size() ==
        1);
  CHECK(mistakes_of("admin: {listen: 127.0.0.1:1}\n").size() == 1);
  CHECK(mistakes_of("admin: {listen: 127.0.0.1:1, tokn: x}\n").size() == 2);
  CHECK(mistakes_of("admin_token: \"\"\n").empty());
}

TEST_CASE("people's tokens have names and roles", "[config]") {
  const std::string one = "{name: one, token: sixteen-letters-1}";
  CHECK(mistakes_of("admin_tokens: [" + one + "]\n").empty());
  CHECK(mistakes_of("admin_tokens: [" + one + ", {name: one, token: sixteen-letters-2}]\n") ==
        Lines{"f:1:15: two of admin_tokens have the name 'one'"});
  CHECK(mistakes_of("admin_tokens: [" + one + ", {name: two, token: sixteen-letters-1}]\n") ==
        Lines{"f:1:15: the token of 'two' is another's too"});
  CHECK(mistakes_of("admin_token: sixteen-letters-1\nadmin_tokens: [" + one + "]\n") ==
        Lines{"f:2:15: the token of 'one' is another's too"});
  CHECK(mistakes_of("admin_tokens: [{name: admin_token, token: sixteen-letters-1}]\n") ==
        Lines{"f:1:15: 'admin_token' is no name for one of admin_tokens: it means another"});
  CHECK(mistakes_of("admin_tokens: [{token: sixteen-letters-1}]\n") ==
        Lines{"f:1:16: item 1 of admin_tokens has no 'name'"});
  CHECK(mistakes_of("admin_tokens: [{name: one}]\n") ==
        Lines{"f:1:16: item 1 of admin_tokens has no 'token'; expected one of at least 16 characters"});
  CHECK(mistakes_of("admin_tokens: [{name: one, token: short}]\n").size() == 1);
  CHECK(mistakes_of("admin_tokens: [{name: one, token: sixteen-letters-1, role: all}]\n").size() == 1);
  CHECK(mistakes_of("admin_tokens: {name: one}\n").size() == 1);
  CHECK(mistakes_of("reconcile: {nightly: false, book: true}\n").size() == 1);
}
