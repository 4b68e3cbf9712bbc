#include "gateway/secret.h"

#include <ostream>
#include <sstream>
#include <type_traits>

#include "support/catch.h"

using gateway::Secret;

namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};
template <class T>
concept Comparable = requires(const T& a, const T& b) {
  a == b;
};

}  // namespace

TEST_CASE("a secret cannot be printed, compared or turned into text by accident", "[base][secret]") {
  STATIC_REQUIRE_FALSE(Printable<Secret>);
  STATIC_REQUIRE_FALSE(Comparable<Secret>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<Secret, std::string>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<Secret, std::string_view>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<std::string, Secret>);
}

TEST_CASE("a secret equals its text alone", "[base][secret]") {
  const Secret secret(std::string("sk-1234"));
  CHECK(secret.equals("sk-1234"));
  CHECK_FALSE(secret.equals("sk-1235"));
  CHECK_FALSE(secret.equals("sk-123"));
  CHECK_FALSE(secret.equals("sk-12345"));
  CHECK_FALSE(secret.equals(""));
  CHECK(Secret().equals(""));
}

TEST_CASE("copies and moves carry the text, and a moved-from secret is wiped", "[base][secret]") {
  for (const std::string& text : {std::string("short"), std::string(200, 'x')}) {
    Secret a(text);
    const Secret copy = a;
    Secret moved = std::move(a);
    CHECK(copy.reveal() == text);
    CHECK(moved.reveal() == text);
    CHECK(a.empty());
    a = std::move(moved);
    CHECK(a.reveal() == text);
    CHECK(moved.empty());
    a = copy;
    CHECK(a.reveal() == text);
  }
}

TEST_CASE("the bytes of a short secret are gone from where it was", "[base][secret]") {
  Secret a(std::string("sk-12345"));
  const char* const place = a.reveal().data();  // inside the object: short texts have no memory of their own
  const Secret b = std::move(a);
  CHECK(std::string(place, 8) != "sk-12345");
  CHECK(b.reveal() == "sk-12345");
}
