// The description of the administration: the document, the table and the commands agree.
#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include "app/render/answers/answers.h"
#include "app/render/keys.h"
#include "app/render/ledger.h"
#include "app/render/openapi.h"
#include "app/render/prices.h"
#include "app/render/row_fields.h"
#include "app/render/usage_fields.h"
#include "app/render/yaml.h"
#include "apps/cli/cli.h"
#include "operations/catalogue.h"
#include "operations/usage.h"
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

namespace {

// Each column is a member of the shape: one that programs always see is required, in the columns' order.
void check_columns(const std::vector<Column>& columns, const answers::Shape& shape) {
  std::map<std::string_view, bool> fields;
  for (const auto part : {shape.fields, shape.more}) {
    for (const answers::Field& field : part) CHECK(fields.emplace(field.name, field.optional).second);
  }
  for (const Column& column : columns) {
    if (column.optional) continue;
    INFO(shape.name << " " << column.name);
    const auto field = fields.extract(column.name);
    REQUIRE(!field.empty());
    CHECK(field.mapped() == column.rare);
  }
  for (const auto& [name, optional] : fields) {
    INFO(shape.name << " " << name);
    CHECK(optional);  // of a sum: what it is summed by
  }
}

}  // namespace

TEST_CASE("what is described of rows, sums, keys and prices is what is listed", "[cli][openapi]") {
  check_columns(row_columns(), answers::kRow);
  check_columns(usage_columns({}), answers::kUsageSum);
  check_columns(key_columns(), answers::kKey);
  check_columns(price_columns(), answers::kListedPrice);
  check_columns(reprice_columns(), answers::kRepricedModel);
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(UsageKey::month); ++i) {
    const std::string_view name = operations::name_of(static_cast<UsageKey>(i));
    INFO(name);
    const auto found =
        std::any_of(answers::kUsageSum.fields.begin(), answers::kUsageSum.fields.end(),
                    [name](const answers::Field& field) { return field.name == name && field.optional; });
    CHECK(found);
  }
}

TEST_CASE("every shape that an answer refers to is in the document", "[cli][openapi]") {
  std::set<const answers::Shape*> listed;
  for (const answers::Shape* shape : answers::shapes()) {
    CHECK(listed.insert(shape).second);
    CHECK_FALSE(shape->help.empty());
  }
  const auto is_listed = [&listed](const answers::Shape* shape) { return shape == nullptr || listed.contains(shape); };
  for (const answers::Shape* shape : answers::shapes()) {
    for (const auto part : {shape->fields, shape->more}) {
      for (const answers::Field& field : part) {
        INFO(shape->name << " " << field.name);
        CHECK(is_listed(field.shape));
        CHECK_FALSE(field.help.empty());
      }
    }
  }
  for (const operations::OperationInfo& each : operations::operations()) {
    INFO(each.name);
    const answers::Data& data = answers::data_of(each.id);
    CHECK(is_listed(data.shape));
    CHECK((data.shape == nullptr) == (each.answer == operations::Answer::document));
    CHECK((each.answer != operations::Answer::list || data.many == answers::Many::list));
  }
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
