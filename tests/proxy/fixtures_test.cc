// Every recorded exchange of providers that speak OpenAI's shapes, through the complete gateway. What must come out is
// found in the raw JSON by simdjson's DOM, not by the reader that is tested.
#include <simdjson.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "proxy/bench_gateway.h"
#include "support/catch.h"
#include "support/source_dir.h"

using namespace gateway;
using namespace gateway::testing;
namespace fs = std::filesystem;

namespace {

using simdjson::dom::element;

struct Recorded {
  std::string name, body;
  int status = 200;
  bool streams = false, embeds = false;
};

std::string slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

fs::path fixtures_dir() {
  if (const char* given = std::getenv("GATEWAY_FIXTURES")) return given;
  const fs::path beside = fs::path(std::string(source_dir())).parent_path() / "shared" / "fixtures";
  return beside;
}

bool is_chat(std::string_view body) {
  return body.find("\"chat.completion") != std::string_view::npos || body.find("\"choices\"") != std::string_view::npos;
}

std::vector<Recorded> recorded() {
  std::vector<Recorded> out;
  if (!fs::is_directory(fixtures_dir())) return out;
  for (const auto& entry : fs::recursive_directory_iterator(fixtures_dir())) {
    const std::string path = entry.path().string();
    const std::size_t end = path.rfind(".meta.json");
    if (end == std::string::npos || end + 10 != path.size()) continue;
    const std::string base = path.substr(0, end);
    simdjson::dom::parser parser;
    element meta;
    if (parser.parse(slurp(path)).get(meta) != simdjson::SUCCESS) continue;
    std::string_view url;
    std::int64_t status = 200;
    if (meta["status"].get(status) != simdjson::SUCCESS) continue;
    Recorded each;
    each.name = base;
    each.status = static_cast<int>(status);
    each.streams = fs::exists(base + ".sse");
    each.body = slurp(base + (each.streams ? ".sse" : ".response.json"));
    if (each.body.empty()) continue;
    if (meta["url"].get(url) == simdjson::SUCCESS) {
      each.embeds = url.find("/embeddings") != std::string_view::npos;
      if (!each.embeds && url.find("/chat/completions") == std::string_view::npos) continue;
    } else if (!is_chat(each.body)) {
      continue;  // an answer whose address is not known is recognized by its shape
    }
    out.push_back(std::move(each));
  }
  return out;
}

struct Told {
  std::int64_t input = 0, output = 0;
  std::string reason;  // of an error
  bool usage = false, error = false, finished = false;
  std::string content;
};

std::int64_t whole(element object, const char* name) {
  std::int64_t figure = 0;
  return object[name].get(figure) == simdjson::SUCCESS ? figure : 0;
}

void look(std::string_view json, Told& told) {
  simdjson::dom::parser parser;
  element root, usage;
  if (parser.parse(std::string(json)).get(root) != simdjson::SUCCESS) return;
  element error;
  if (root["error"].get(error) == simdjson::SUCCESS && !error.is_null()) told.error = true;
  for (const char* place : {"/error/message", "/message", "/0/error/message", "/detail", "/error"}) {
    std::string_view reason;
    if (root.at_pointer(place).get(reason) == simdjson::SUCCESS && told.reason.empty()) told.reason = reason;
  }
  if (root["usage"].get(usage) == simdjson::SUCCESS && usage.is_object()) {
    told.usage = true;
    told.input = whole(usage, "prompt_tokens");
    // Some count reasoning outside of the completion: the total shows it.
    const std::int64_t total = whole(usage, "total_tokens");
    told.output = std::max(whole(usage, "completion_tokens"), told.input > 0 ? total - told.input : 0);
    if (told.input == 0 && told.output == 0) told.input = total;
  }
  simdjson::dom::array choices;
  if (root["choices"].get(choices) != simdjson::SUCCESS) return;
  for (const element choice : choices) {
    std::string_view text;
    if (choice["finish_reason"].get(text) == simdjson::SUCCESS && !text.empty()) told.finished = true;
    for (const char* carrier : {"delta", "message"}) {
      if (choice[carrier]["content"].get(text) != simdjson::SUCCESS) continue;
      told.content += text;
      break;
    }
  }
}

// The data of each event, for streams whose events have one data line.
template <class Each>
void for_each_data(std::string_view stream, Each&& each) {
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t end = std::min(stream.find('\n', at), stream.size());
    std::string_view line = stream.substr(at, end - at);
    at = end + 1;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.substr(0, 5) == "data:") each(line.substr(line.substr(5, 1) == " " ? 6 : 5));
  }
}

Told told_by(const Recorded& each, std::string_view body) {
  Told told;
  if (!each.streams) return look(body, told), told;
  for_each_data(body, [&](std::string_view data) { look(data, told); });
  return told;
}

void replay(const Recorded& each, std::size_t cut) {
  CAPTURE(each.name, cut);
  Config config = test_config();
  config.routes.front().targets.pop_back();
  config.retry.max_attempts = 1;
  TestGateway t(config);
  FakeClient client;
  auto exchange = each.embeds ? t.ask(client, R"({"model":"m","input":"hello"})", "/v1/embeddings")
                              : t.ask(client, each.streams ? kStream : kChat);
  FakeCall& call = t.upstream.call(0);
  call.head(each.status, {{"content-type", each.streams ? "text/event-stream" : "application/json"}});
  for (std::size_t at = 0; at < each.body.size() && !client.aborted(); at += cut) call.body(each.body.substr(at, cut));
  if (!client.aborted()) call.end();
  const Told came = told_by(each, each.body);
  const std::string& sent = client.body();
  const auto rows = t.rows();
  REQUIRE_FALSE(rows.empty());
  if (each.status != 200) {
    CHECK(client.status() >= 400);
    CHECK(sent.substr(0, 9) == R"({"error":)");
    CHECK(rows[0].cost == Money{});
    CHECK(rows[0].state == RowState::failed);
    CHECK_FALSE(came.reason.empty());
    // To the client, if it can act on it, else to the log.
    Told passed;
    look(sent, passed);
    const bool logged = std::any_of(t.logs.begin(), t.logs.end(), [&](const std::string& line) {
      return line.find(std::string_view(came.reason).substr(0, 300)) != std::string::npos;
    });
    CHECK((logged || passed.reason.find(came.reason) != std::string::npos));
    return;
  }
  if (!each.streams) {
    CHECK(client.status() == 200);
    CHECK(sent == each.body);
  } else if (came.error) {
    CHECK(sent.find("[DONE]") == std::string::npos);
    CHECK(sent.find("{\"error\":") != std::string::npos);
    return;
  } else {
    CHECK(client.finished());
    CHECK(sent.substr(sent.size() - kDone.size()) == kDone);
    CHECK(told_by(each, sent).content == came.content);
  }
  if (!came.usage) return;
  CHECK(rows[0].cost_source != CostSource::estimated);
  CHECK(rows[0].usage.input == came.input);
  CHECK(rows[0].usage.output == came.output);
}

}  // namespace

TEST_CASE("every recorded exchange goes through completely, whatever the cuts", "[proxy][fixtures]") {
  const auto all = recorded();
  if (all.empty()) {
    std::cerr << "NOT TRIED: there are no recorded exchanges at " << fixtures_dir()
              << "; GATEWAY_FIXTURES names another folder\n";
    CHECK(std::getenv("GATEWAY_FIXTURES") == nullptr);
    return;
  }
  CHECK(all.size() >= 60);
  for (const Recorded& each : all) {
    constexpr std::size_t kSmall = 8 * 1024;
    if (each.body.size() <= kSmall) replay(each, 1);
    for (const std::size_t cut : {std::size_t{7}, std::size_t{97}, std::size_t{1000}, each.body.size()}) {
      if (each.body.size() / cut < 4096) replay(each, cut);
    }
  }
}
