#include "gateway/headers.h"

#include <array>
#include <string>

#include "base/field_list.h"
#include "support/catch.h"
#include "support/last_words.h"

using namespace gateway;

TEST_CASE("header names compare without regard to ASCII case, and only that", "[base][headers]") {
  CHECK(equal_ignoring_case("Content-Type", "content-tYPE"));
  CHECK_FALSE(equal_ignoring_case("content-type", "content_type"));
  CHECK_FALSE(equal_ignoring_case("a", "ab"));
  CHECK_FALSE(equal_ignoring_case("@", "`"));  // differ in the bit that cases differ in
  CHECK_FALSE(equal_ignoring_case("[", "{"));
  CHECK_FALSE(equal_ignoring_case("\xC4", "\xE4"));
}

TEST_CASE("the first field of a name is found", "[base][headers]") {
  const std::array<HeaderField, 3> fields{{{"X-A", "1"}, {"x-b", ""}, {"x-a", "2"}}};
  CHECK(header_value(fields, "x-a") == "1");
  REQUIRE(find_header(fields, "X-B") == &fields[1]);
  CHECK(find_header(fields, "x-c") == nullptr);
  CHECK(header_value(fields, "x-c").empty());
}

TEST_CASE("owned headers keep what was inserted, in order", "[base][headers]") {
  Headers headers;
  headers.add("Accept", "text/event-stream");
  headers.add("x-empty", "");
  headers.add("accept", "other");
  REQUIRE(headers.size() == 3);
  CHECK(headers[0].name == "Accept");
  CHECK(headers[2].value == "other");
  CHECK(headers.value("ACCEPT") == "text/event-stream");
  CHECK(headers.has("X-Empty"));
  CHECK(headers.value("x-empty").empty());
  CHECK_FALSE(headers.has("x-none"));
  headers.clear();
  CHECK(headers.size() == 0);
  CHECK_FALSE(headers.has("accept"));
}

TEST_CASE("a list of fields holds as many as it promises, and drops none in silence", "[base][headers]") {
  FieldList fields;
  for (std::size_t i = 0; i < FieldList::kMaxFields; ++i) fields.add_view("x-a", "1");
  CHECK(fields.span().size() == FieldList::kMaxFields);
  using gateway::testing::last_words;
  CHECK(last_words([&] { fields.add_view("x-b", "2"); }) ==
        "gateway: broken invariant: more header fields than a message may have\n");
  fields.clear();
  fields.add("x-a", std::string(FieldList::kArena, 'v'));
  CHECK(fields.span()[0].value.size() == FieldList::kArena);
  CHECK(last_words([&] { fields.add("x-b", "2"); }) ==
        "gateway: broken invariant: header fields are longer than a message's may be\n");
}
