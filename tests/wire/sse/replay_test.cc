#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/source_dir.h"
#include "wire/openai/answer_reader.h"
#include "wire/sse/reference.h"
#include "wire/sse/scanner.h"

namespace gateway {
namespace {

using test::PlainEvent;
using test::reference_events;
using test::scan;
using test::Scanned;

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::filesystem::path> replays() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(source_dir() + "/tests/replay")) {
    if (entry.path().extension() == ".sse") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string replay(const std::string& name) { return contents(source_dir() + "/tests/replay/" + name); }

// Every CR has its LF: such a stream is relayed as it came.
bool has_lone_cr(std::string_view text) {
  for (std::size_t at = text.find('\r'); at != std::string_view::npos; at = text.find('\r', at + 1)) {
    if (text.substr(at + 1, 1) != "\n") return true;
  }
  return false;
}

TEST_CASE("each replay returns what the specification says, cut at every byte", "[wire][sse][replay]") {
  const auto paths = replays();
  REQUIRE(paths.size() >= 14);
  for (const auto& path : paths) {
    INFO(path.filename().string());
    const std::string stream = contents(path);
    const std::string_view all = stream;
    const std::vector<PlainEvent> expected = reference_events(all);
    const bool as_it_came = !has_lone_cr(all);
    SseScanner scanner;
    const Scanned whole = scan(scanner, {all});
    REQUIRE(whole.events == expected);
    const std::string_view without_bom = all.substr(0, 3) == "\xef\xbb\xbf" ? all.substr(3) : all;
    REQUIRE(whole.raw == without_bom);
    bool same = true;
    for (std::size_t cut = 0; cut <= all.size() && same; ++cut) {
      const Scanned cut_once = scan(scanner, {all.substr(0, cut), all.substr(cut)});
      same = cut_once.events == expected;
      if (as_it_came) same &= cut_once.raw == whole.raw && cut_once.all_canonical == whole.all_canonical;
      if (!same) FAIL("cut at byte " << cut);
    }
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < all.size(); ++i) bytes.push_back(all.substr(i, 1));
    REQUIRE(scan(scanner, bytes).events == expected);
  }
}

TEST_CASE("each replay cut at many places at once returns the same", "[wire][sse][replay]") {
  std::mt19937 random(11);
  for (const auto& path : replays()) {
    INFO(path.filename().string());
    const std::string stream = contents(path);
    const std::string_view all = stream;
    const std::vector<PlainEvent> expected = reference_events(all);
    SseScanner scanner;
    for (int round = 0; round < 200; ++round) {
      std::vector<std::string_view> pieces;
      for (std::size_t at = 0; at < all.size();) {
        const std::size_t size = 1 + random() % (round % 2 == 0 ? 7 : 900);
        pieces.push_back(all.substr(at, size));
        at += size;
      }
      REQUIRE(scan(scanner, pieces).events == expected);
    }
  }
}

TEST_CASE("usage and cost are the same whatever the line ends and cuts", "[wire][sse][replay]") {
  AnswerReader reader;
  AnswerFacts facts;
  SseScanner scanner;
  const auto last_usage = [&](const std::string& name) {
    const std::string stream = replay(name);
    Usage usage;
    for (const PlainEvent& event : scan(scanner, {stream}).events) {
      reader.read(event.data, facts);
      if (facts.has_usage) usage = facts.usage;
    }
    return usage;
  };
  const Usage expected{.input = 14, .cached_input = 4, .cache_write = 0, .output = 7, .reasoning = 2};
  for (const char* name : {"openai_usage.sse", "crlf.sse", "cr_only.sse", "no_space.sse", "no_final_blank_line.sse",
                           "no_final_line_end.sse", "tool_calls.sse", "usage_odd.sse"}) {
    INFO(name);
    CHECK(last_usage(name) == expected);
  }
}

TEST_CASE("an error within a stream is seen, and its end mark is known with a space after it", "[wire][sse][replay]") {
  SseScanner scanner;
  AnswerReader reader;
  AnswerFacts facts;
  const std::string broken = replay("error_mid_stream.sse");
  const auto events = scan(scanner, {broken}).events;
  REQUIRE(events.size() == 2);
  reader.read(events[1].data, facts);
  CHECK(facts.has_error);
  CHECK(facts.finish_reason == "error");
  CHECK(facts.error.code == "server_error");

  const std::string spaced = replay("done_with_space.sse");
  const auto all = scan(scanner, {spaced}).events;
  CHECK(all.back().data == "[DONE] ");
  CHECK(is_sse_done(all.back().data));
}

}  // namespace
}  // namespace gateway
