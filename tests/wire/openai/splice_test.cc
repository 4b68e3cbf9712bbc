#include "wire/openai/splice.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "support/catch.h"

namespace gateway {
namespace {

std::string joined(Splice& splice, std::string_view body) {
  std::string out;
  for (const std::string_view piece : splice.pieces(body)) {
    CHECK_FALSE(piece.empty());
    out += piece;
  }
  return out;
}

TEST_CASE("nothing to do returns the body as it is", "[wire][splice]") {
  Splice splice;
  const std::string body = "abc";
  const auto pieces = splice.pieces(body);
  REQUIRE(pieces.size() == 1);
  CHECK(pieces[0].data() == body.data());
  CHECK(splice.pieces("").empty());
}

TEST_CASE("places are replaced, filled in and emptied, in any order of asking", "[wire][splice]") {
  Splice splice;
  splice.replace({4, 6}, "");
  splice.replace({8, 8}, "!");
  splice.replace({0, 0}, "<");
  splice.replace({1, 3}, "XYZ");
  CHECK(joined(splice, "01234567") == "<0XYZ367!");
  splice.clear();
  CHECK(joined(splice, "01234567") == "01234567");
}

TEST_CASE("insertions at one place keep their order and come before a replacement there", "[wire][splice]") {
  Splice splice;
  splice.replace({2, 3}, "R");
  splice.replace({2, 2}, "a");
  splice.replace({2, 2}, "b");
  CHECK(joined(splice, "01234") == "01abR34");
}

TEST_CASE("the pieces of any splice are the body with its edits", "[wire][splice]") {
  std::mt19937 random(7);
  const auto up_to = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n)(random); };
  for (int round = 0; round < 5000; ++round) {
    std::string body(up_to(40), ' ');
    for (char& c : body) c = static_cast<char>('a' + up_to(25));
    std::vector<std::size_t> cuts(2 * up_to(Splice::kMaxEdits));
    for (std::size_t& cut : cuts) cut = up_to(body.size());
    std::sort(cuts.begin(), cuts.end());

    struct Edit {
      ByteRange range;
      std::string text;
    };
    std::vector<Edit> edits;
    for (std::size_t i = 0; i < cuts.size(); i += 2) {
      const ByteRange range{cuts[i], cuts[i + 1]};
      // An insertion where a replacement ends or begins is ordered by what was requested first: not drawn here.
      if (!edits.empty() && edits.back().range.end == range.begin) continue;
      edits.push_back({range, std::string(up_to(3), static_cast<char>('0' + i))});
    }
    std::string expected = body;
    for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit) {
      expected.replace(edit->range.begin, edit->range.end - edit->range.begin, edit->text);
    }
    std::shuffle(edits.begin(), edits.end(), random);
    Splice splice;
    for (const Edit& edit : edits) splice.replace(edit.range, edit.text);
    REQUIRE(joined(splice, body) == expected);
  }
}

TEST_CASE("a member is taken out with one comma", "[wire][splice]") {
  for (const char* body : {R"({"a":1,"m":2,"b":3})", R"({"m":2 , "b":3})", "{\"a\":1 ,\n \"m\":2\n}"}) {
    const std::string_view text(body);
    const std::size_t at = text.find("\"m\"");
    const ByteRange range = with_comma(text, {at, at + 5});
    const std::string left = std::string(text.substr(0, range.begin)).append(text.substr(range.end));
    INFO(left);
    CHECK(left.find('m') == std::string::npos);
    CHECK(std::count(left.begin(), left.end(), ',') == std::count(text.begin(), text.end(), ',') - 1);
  }
}

}  // namespace
}  // namespace gateway
