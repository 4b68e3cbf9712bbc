// The description of the administration: the document, the table and the commands agree.
#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

#include "app/render/openapi.h"
#include "app/render/yaml.h"
#include "apps/cli/cli.h"
#include "operations/catalogue.h"
#include "support/catch.h"
#include "support/source_dir.h"

using namespace gateway;
using namespace gateway::app;

TEST_CASE("docs/openapi.yaml is what the table says", "[cli][openapi]") {
  std::ifstream file(source_dir() + "/docs/openapi.yaml", std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  CHECK(text.str() == openapi_yaml());  // else: gateway help openapi > docs/openapi.yaml
}

TEST_CASE("YAML keeps what JSON says", "[cli][openapi]") {
  CHECK(
      yaml_of(R"({"a":{"b":1,"c":[]},"d":[{"e":"x y","f":{"g":null}},[true,"no"]],"200":"3.1.0"})") ==
      "a:\n  b: 1\n  c: []\nd:\n  - e: \"x y\"\n    f:\n      g: null\n  - - true\n    - \"no\"\n\"200\": \"3.1.0\"\n");
}

TEST_CASE("commands have the parameters of their operations as flags, with the same help", "[cli][openapi]") {
  using operations::Id;
  Cli cli;
  const std::map<Id, std::vector<std::string>> commands{{Id::usage, {"usage"}},
                                                        {Id::list_requests, {"requests"}},
                                                        {Id::export_ledger, {"ledger", "export"}},
                                                        {Id::reprice_ledger, {"ledger", "reprice"}},
                                                        {Id::list_prices, {"prices", "list"}},
                                                        {Id::list_keys, {"key", "list"}},
                                                        {Id::rotate_key, {"key", "rotate"}},
                                                        {Id::create_key, {"key", "create"}}};
  // Columns of the help are broken into lines: only words are compared.
  const auto words_of = [](std::string_view text) {
    std::istringstream in{std::string(text)};
    std::string out, word;
    while (in >> word) out += word + ' ';
    return out;
  };
  for (const auto& [id, command] : commands) {
    std::vector<std::string> arguments = command;
    arguments.emplace_back("--help");
    const std::string help = words_of(cli(arguments).out);
    for (const operations::Parameter& each : operations::info_of(id).parameters) {
      INFO(operations::info_of(id).name << " " << each.name);
      if (each.in == operations::In::path || each.name == "cursor" || each.name == "format") continue;
      std::string flag = "--" + std::string(each.name);
      std::replace(flag.begin(), flag.end(), '_', '-');
      CHECK(help.find(flag) != std::string::npos);
      if (each.name != "limit") CHECK(help.find(words_of(each.help)) != std::string::npos);
    }
  }
}
