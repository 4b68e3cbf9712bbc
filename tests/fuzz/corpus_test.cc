#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "fuzz/fuzz_target.h"
#include "support/catch.h"
#include "support/source_dir.h"

namespace gateway::fuzz {
namespace {

// Every kept input, and each of its beginnings if that is not too much.
void run(const std::string& name, void (*target)(std::string_view)) {
  std::size_t inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source_dir() + "/tests/fuzz/corpus/" + name)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string input{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    INFO(entry.path().string());
    target(input);
    const std::size_t step = 1 + input.size() / 64;
    for (std::size_t size = 0; size < input.size(); size += step) target(std::string_view(input).substr(0, size));
    ++inputs;
  }
  CHECK(inputs > 0);
}

TEST_CASE("kept inputs: heads of requests and answers", "[fuzz]") { run("http_head", http_head); }
TEST_CASE("kept inputs: chunked bodies", "[fuzz]") { run("chunked_body", chunked_body); }
TEST_CASE("kept inputs: event streams", "[fuzz]") { run("sse", sse); }
TEST_CASE("kept inputs: requests", "[fuzz]") { run("request_reader", request_reader); }
TEST_CASE("kept inputs: answers", "[fuzz]") { run("usage_reader", usage_reader); }
TEST_CASE("kept inputs: answers as events", "[fuzz]") { run("event_reader", event_reader); }
TEST_CASE("kept inputs: answers of Gemini", "[fuzz]") { run("gemini_reader", gemini_reader); }
TEST_CASE("kept inputs: streams of one shape written in another", "[fuzz]") { run("pairs", pairs); }
TEST_CASE("kept inputs: providers' documents", "[fuzz]") { run("provider_documents", provider_documents); }
TEST_CASE("kept inputs: configuration files", "[fuzz]") { run("yaml_config", yaml_config); }
TEST_CASE("kept inputs: messages of JSON-RPC", "[fuzz]") { run("jsonrpc", jsonrpc); }
TEST_CASE("kept inputs: forms", "[fuzz]") { run("multipart", multipart); }
TEST_CASE("kept inputs: journals", "[fuzz]") { run("journal", journal); }

}  // namespace
}  // namespace gateway::fuzz
