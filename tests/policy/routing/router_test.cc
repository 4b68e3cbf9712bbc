#include "policy/routing/router.h"

#include "support/catch.h"

using namespace gateway;

namespace {

RouteConfig route(std::string pattern, std::string provider) {
  RouteConfig r;
  r.pattern = std::move(pattern);
  TargetConfig target;
  target.provider = std::move(provider);
  r.targets.push_back(std::move(target));
  return r;
}

std::string found(const Router& router, std::string_view model) {
  const RouteConfig* r = router.find(model);
  return r == nullptr ? "" : r->targets.front().provider;
}

}  // namespace

TEST_CASE("exact names win, then the longest prefix, then the star", "[policy][router]") {
  const Router router(
      {route("*", "star"), route("a/*", "a"), route("a/b/*", "ab"), route("a/b/c", "exact"), route("fast", "fast")});
  REQUIRE(found(router, "a/b/c") == "exact");
  REQUIRE(found(router, "a/b/d") == "ab");
  REQUIRE(found(router, "a/x") == "a");
  REQUIRE(found(router, "a/") == "star");
  REQUIRE(found(router, "a") == "star");
  REQUIRE(found(router, "fast") == "fast");
  REQUIRE(found(router, "faster") == "star");
}

TEST_CASE("without a star an unknown model has no route", "[policy][router]") {
  const Router router({route("a/*", "a"), route("b", "b")});
  REQUIRE(router.find("c") == nullptr);
  REQUIRE(router.find("") == nullptr);
  REQUIRE(router.find("a/*") != nullptr);  // a name like another
  REQUIRE(Router({}).find("x") == nullptr);
}

TEST_CASE("of two routes of one pattern the first counts", "[policy][router]") {
  const Router router({route("m", "first"), route("m", "second"), route("p/*", "third"), route("p/*", "fourth")});
  REQUIRE(found(router, "m") == "first");
  REQUIRE(found(router, "p/q") == "third");
}

TEST_CASE("a router owns its routes and survives being moved", "[policy][router]") {
  std::vector<RouteConfig> routes{route("a/*", "a"), route("b", "b")};
  Router first(routes);
  routes.clear();
  const Router second(std::move(first));
  REQUIRE(found(second, "a/x") == "a");
  REQUIRE(found(second, "b") == "b");
  REQUIRE(second.routes().size() == 2);
}

TEST_CASE("an allow-list allows what one of its patterns matches, an empty one all", "[policy][router]") {
  REQUIRE(allows({}, "x"));
  REQUIRE(allows({"fast", "anthropic/*"}, "anthropic/claude"));
  REQUIRE(allows({"fast", "anthropic/*"}, "fast"));
  REQUIRE_FALSE(allows({"fast", "anthropic/*"}, "openai/gpt"));
}

TEST_CASE("a target's own name goes before the requested one", "[policy][router]") {
  TargetConfig target;
  REQUIRE(target_model(target, "asked") == "asked");
  target.model = "own";
  REQUIRE(target_model(target, "asked") == "own");
}

TEST_CASE("a target strips its prefix off the requested name, once", "[policy][router]") {
  TargetConfig target;
  target.strip = "beta/";
  REQUIRE(target_model(target, "beta/llama/3") == "llama/3");
  REQUIRE(target_model(target, "beta/beta/x") == "beta/x");
  REQUIRE(target_model(target, "llama") == "llama");
  REQUIRE(target_model(target, "beta/") == "beta/");
}
