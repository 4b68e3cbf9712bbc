#include "gateway/row.h"

#include <random>
#include <string>

#include "support/catch.h"

using namespace gateway;

namespace {

RequestId any_id(std::mt19937_64& random) {
  RequestId id;
  for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(random());
  return id;
}

}  // namespace

TEST_CASE("a request id reads back from its text, whose order is its own", "[base][row]") {
  std::mt19937_64 random(1);
  RequestId last{};
  for (int i = 0; i < 20'000; ++i) {
    const RequestId id = any_id(random);
    const std::string text = id.text().str();
    REQUIRE(text.size() == RequestId::kTextSize);
    REQUIRE(text.starts_with("req_"));
    RequestId back;
    REQUIRE(RequestId::parse(text, back));
    REQUIRE(back == id);
    REQUIRE((text < last.text().str()) == (id < last));
    last = id;
  }
}

TEST_CASE("the ends of the range of request ids have their known texts", "[base][row]") {
  RequestId id{};
  CHECK(id.text() == FixedText<30>("req_00000000000000000000000000"));
  id.bytes.fill(255);
  CHECK(id.text() == FixedText<30>("req_7ZZZZZZZZZZZZZZZZZZZZZZZZZ"));
  RequestId lower;
  REQUIRE(RequestId::parse("req_7zzzzzzzzzzzzzzzzzzzzzzzzz", lower));
  CHECK(lower == id);
}

TEST_CASE("what is no request id is not taken for one", "[base][row]") {
  RequestId id{};
  id.bytes[3] = 9;
  const RequestId before = id;
  for (const char* text :
       {"", "req_", "req_8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "req_0000000000000000000000000",
        "req_000000000000000000000000000", "REQ_00000000000000000000000000", "req_0000000000000000000000000U",
        "req_0000000000000000000000000I", "req_0000000000000000000000000-", "gen_00000000000000000000000000"}) {
    INFO(text);
    CHECK_FALSE(RequestId::parse(text, id));
  }
  CHECK(id == before);
}

TEST_CASE("names of operations, surfaces, states and cost sources read back", "[base][row]") {
  const auto check = [](auto last) {
    using Enum = decltype(last);
    for (int i = 0; i <= static_cast<int>(last); ++i) {
      Enum back{};
      REQUIRE(parse(to_string(static_cast<Enum>(i)), back));
      CHECK(back == static_cast<Enum>(i));
    }
    Enum none = last;
    CHECK_FALSE(parse("", none));
    CHECK_FALSE(parse("OPEN", none));
    CHECK(none == last);
    CHECK(to_string(static_cast<Enum>(200)).empty());
  };
  check(Operation::rerank);
  check(SurfaceKind::insforge);
  check(RowState::adjustment);
  check(CostSource::held);
  CHECK(to_string(Operation::chat) == "chat");
  CHECK(to_string(RowState::interrupted) == "interrupted");
  CHECK(to_string(CostSource::estimated) == "estimated");
}

TEST_CASE("flags print as their names with commas between", "[base][row]") {
  CHECK(row_flags_to_string(0).empty());
  CHECK(row_flags_to_string(row_flag::usage_odd | row_flag::client_left) == "usage_odd,client_left");
  CHECK(row_flags_to_string(255) ==
        "usage_odd,usage_missing,client_left,over_hold,clamped,byok,backfill_pending,unpriced");
  CHECK(row_flags_to_string(1U << 31).empty());
}

TEST_CASE("fixed text cuts what is too long and leaves no bytes of what it held", "[base][row]") {
  FixedText<4> text("abcdef");
  CHECK(text.view() == "abcd");
  text = "x";
  CHECK(text == FixedText<4>("x"));
  FixedText<4> fresh("x");
  CHECK(std::memcmp(&text, &fresh, sizeof text) == 0);
  text = "";
  CHECK(text.empty());
}

TEST_CASE("a text that is truncated ends with a whole character", "[base][row]") {
  CHECK(FixedText<4>("abc\u00e9").view() == "abc");
  CHECK(FixedText<5>("abc\u00e9").view() == "abc\u00e9");
  CHECK(FixedText<4>("a\u20ac").view() == "a\u20ac");
  CHECK(FixedText<4>("ab\u20ac").view() == "ab");
  CHECK(FixedText<4>("a\U0001f600").view() == "a");
  CHECK(FixedText<2>("\U0001f600").empty());
  // What is no UTF-8 is only bounded.
  CHECK(FixedText<8>(std::string(20, '\x80')).view().size() <= 8);
}
