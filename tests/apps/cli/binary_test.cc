// The binary as a process: what only a process has.
#include <sys/wait.h>

#include <array>
#include <cstdio>

#include "apps/cli/cli.h"

namespace {

// By the shell, standard error after standard output.
Ran run_binary(const std::string& arguments) {
  FILE* pipe = ::popen((std::string(GATEWAY_BINARY) + " " + arguments + " 2>errors").c_str(), "r");
  REQUIRE(pipe != nullptr);
  Ran ran;
  std::array<char, 4096> buffer;
  for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) ran.out.append(buffer.data(), n);
  const int status = ::pclose(pipe);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  std::ifstream errors("errors");
  ran.err = {std::istreambuf_iterator<char>(errors), {}};
  return ran;
}

}  // namespace

TEST_CASE("the binary's exit status distinguishes success, finding and usage error", "[apps][binary]") {
  Folder folder;
  folder.write("gateway.yaml", "providers: {p: {type: simulated}}\nmodels: {m: {targets: [{provider: p}]}}\n");
  folder.write("bad.yaml", "x: 1\n");
  CHECK(run_binary("--version").status == 0);
  CHECK(run_binary("check").status == 0);
  CHECK(run_binary("check -c bad.yaml").status == 1);
  const Ran usage = run_binary("check --nothing");
  CHECK(usage.status == 2);
  CHECK(usage.out.empty());
  CHECK_FALSE(usage.err.empty());
}

TEST_CASE("the binary makes a key and lists it", "[apps][binary]") {
  Folder folder;
  folder.write("gateway.yaml", "admin_token: ${SOME_VARIABLE_THAT_IS_NOT_SET}\nprojects: {demo: {}}\n");
  const Ran made = run_binary("key create --project demo --name ci --json");
  CHECK(made.status == 0);
  CHECK(made.err.empty());
  CHECK_THAT(made.out, Catch::StartsWith("{\"id\":\"key_"));
  const Ran listed = run_binary("key list --format csv");
  CHECK_THAT(listed.out, Catch::Contains(made.out.substr(7, 16) + ",demo,ci,active,"));
}
