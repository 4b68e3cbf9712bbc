// Who may include whom: the code is built in floors, and nothing looks up.
#include <map>
#include <set>

#include "structure/source_tree.h"
#include "support/catch.h"

using source_tree::File;
using source_tree::folder_of;
using source_tree::Include;

namespace {

using Folders = std::set<std::string>;

// Public headers that are not the core's: they belong to the libraries around it.
const Folders kAdapterHeaders{"gateway/curl_upstream.h",  "gateway/epoll_loop.h",   "gateway/loop.h",
                              "gateway/mapped_journal.h", "gateway/process_id.h",   "gateway/sqlite_store.h",
                              "gateway/yaml_config.h",    "gateway/yaml_scenario.h"};

const Folders kCore{"lib/base",           "lib/chat",           "lib/surfaces",      "lib/wire/json",
                    "lib/wire/jsonrpc",   "lib/wire/sse",       "lib/wire/openai",   "lib/wire/openrouter",
                    "lib/wire/anthropic", "lib/wire/gemini",    "lib/policy",        "lib/policy/pricing",
                    "lib/wire/responses", "lib/wire/multipart", "lib/policy/limits", "lib/policy/routing",
                    "lib/providers",      "lib/simulated",      "lib/ledger",        "lib/billing",
                    "lib/proxy",          "lib/operations"};

Folders operator+(Folders left, const Folders& right) {
  left.insert(right.begin(), right.end());
  return left;
}

const Folders kBase{"gateway", "base"};
const Folders kChat = kBase + Folders{"chat"};
const Folders kWire{"wire/json",      "wire/jsonrpc", "wire/sse",       "wire/openai",   "wire/openrouter",
                    "wire/anthropic", "wire/gemini",  "wire/responses", "wire/multipart"};
const Folders kPolicy{"policy", "policy/pricing", "policy/limits", "policy/routing"};

// For each folder, the folders below include/ and lib/ that its files may include from.
const std::map<std::string, Folders> kFloors{
    {"include/gateway", {"gateway"}},
    {"include/gateway/testing", {"gateway", "gateway/testing"}},
    {"lib/base", kBase},
    {"lib/chat", kChat},
    {"lib/wire/json", kBase + Folders{"wire/json"}},
    {"lib/wire/jsonrpc", kBase + Folders{"wire/json", "wire/jsonrpc"}},
    {"lib/wire/multipart", kBase + Folders{"wire/multipart"}},
    {"lib/wire/sse", kChat + Folders{"wire/sse"}},
    {"lib/wire/openai", kChat + kWire},
    {"lib/wire/openrouter", kChat + kWire},
    {"lib/wire/anthropic", kChat + kWire},
    {"lib/wire/gemini", kChat + kWire},
    {"lib/wire/responses", kChat + kWire},
    {"lib/policy", kChat + kPolicy},
    {"lib/policy/pricing", kChat + kPolicy},
    {"lib/policy/limits", kChat + kPolicy},
    {"lib/policy/routing", kChat + kPolicy},
    {"lib/surfaces", kChat + kWire + kPolicy + Folders{"surfaces"}},
    {"lib/providers", kChat + kWire + kPolicy + Folders{"providers"}},
    {"lib/simulated", kChat + kWire + kPolicy + Folders{"simulated"}},
    {"lib/ledger", kBase + kPolicy + Folders{"ledger"}},
    {"lib/billing", kChat + kWire + kPolicy + Folders{"ledger", "billing"}},
    {"lib/proxy", kChat + kWire + kPolicy + Folders{"surfaces", "providers", "simulated", "ledger", "proxy"}},
    {"lib/operations",
     kChat + kWire + kPolicy + Folders{"surfaces", "providers", "ledger", "billing", "proxy", "operations"}},
    {"lib/sim", kBase + Folders{"gateway/testing", "ledger", "sim"}},
    {"lib/sim/play", kBase + Folders{"gateway/testing", "sim", "sim/play"}},
    {"lib/config", kBase + Folders{"config"}},
    {"lib/net", kBase + Folders{"net"}},
    {"lib/http1", kBase + Folders{"net", "http1"}},
    {"lib/adapters/curl", kBase + Folders{"net", "http1", "adapters/curl"}},
    {"lib/adapters/sqlite", kBase + Folders{"adapters/sqlite"}},
    {"lib/adapters/mapped", kBase + Folders{"adapters/mapped"}},
};

// For some of the program's folders, those of its others that they must not see.
const std::map<std::string, Folders> kAppsApart{
    {"apps/gateway/admin", {"app/cli", "app/mcp", "app/background"}},
    {"apps/gateway/background", {"app/cli", "app/admin", "app/mcp", "app/server", "app/render"}},
    {"apps/gateway/cli", {"app/admin", "app/server"}},
    {"apps/gateway/mcp", {"app/cli", "app/admin", "app/background", "app/dashboard"}},
    {"apps/gateway/render", {"app", "app/cli", "app/admin", "app/mcp", "app/server", "app/background"}},
    {"apps/gateway/values", {"app", "app/cli", "app/admin", "app/mcp", "app/server", "app/background", "app/render"}},
    {"apps/gateway/dashboard",
     {"app", "app/cli", "app/admin", "app/mcp", "app/background", "app/render", "app/values"}},
    {"apps/gateway/server",
     {"app/cli", "app/admin", "app/mcp", "app/background", "app/dashboard", "app/render", "app/values"}},
};

// Where each library that is not ours may be named. What is not here may not be named at all.
const std::map<std::string, Folders> kForeign{
    {"simdjson.h", {"lib/wire", "lib/surfaces", "lib/providers", "lib/simulated", "apps"}},
    {"fmt",
     {"lib/base", "lib/http1", "lib/wire", "lib/policy", "lib/providers", "lib/simulated", "lib/ledger", "lib/billing",
      "lib/proxy", "lib/operations", "lib/config", "lib/adapters", "apps"}},
    {"openssl", {"lib/base", "lib/net", "lib/adapters/curl", "apps"}},
    {"llhttp.h", {"lib/http1"}},
    {"curl", {"lib/adapters/curl"}},
    {"zlib.h", {"lib/http1", "lib/adapters/curl"}},
    {"zstd.h", {"lib/http1"}},
    {"sqlite3.h", {"lib/adapters/sqlite"}},
    {"yaml-cpp", {"lib/config"}},
    {"date", {"lib/config"}},
    {"CLI", {"apps/gateway/cli/parser"}},
    {"nmmintrin.h", {"lib/base"}},
};

// The operating system's, which only those may use that talk to it.
const Folders kSystemUsers{"lib/net", "lib/adapters", "apps"};
const Folders kSystemFolders{"sys", "arpa", "netinet", "linux"};
const Folders kSystemHeaders{"unistd.h",  "spawn.h", "fcntl.h",  "netdb.h", "signal.h",  "poll.h", "errno.h",
                             "pthread.h", "sched.h", "dirent.h", "pwd.h",   "termios.h", "time.h"};

// What would make the core do I/O, start a thread or print.
const Folders kNotInCore{"thread",     "iostream", "fstream",  "filesystem", "future", "condition_variable",
                         "syncstream", "print",    "semaphore"};

bool is_below(const std::string& folder, const std::string& root) {
  return folder == root || folder.starts_with(root + '/');
}

bool is_below_any(const std::string& folder, const Folders& roots) {
  return std::any_of(roots.begin(), roots.end(), [&](const std::string& root) { return is_below(folder, root); });
}

std::string first_part(const std::string& name) { return name.substr(0, name.find('/')); }

bool is_standard(const std::string& name) { return name.find_first_of("./") == std::string::npos; }

bool is_system(const std::string& name) {
  return kSystemHeaders.count(name) > 0 ||
         (name.find('/') != std::string::npos && kSystemFolders.count(first_part(name)) > 0);
}

// Empty: allowed.
std::string wrong_with(const std::string& folder, const Include& include) {
  const std::string& name = include.name;
  if (include.angled) {
    if (is_standard(name)) {
      return kCore.count(folder) > 0 && kNotInCore.count(name) > 0 ? "the core does no I/O and starts no thread" : "";
    }
    if (is_system(name))
      return is_below_any(folder, kSystemUsers) ? "" : "only adapters and programs talk to the system";
    const auto foreign = kForeign.find(first_part(name));
    if (foreign == kForeign.end()) return "a library that the house does not know";
    return is_below_any(folder, foreign->second) ? "" : "this folder must not see that library";
  }
  if (is_below(folder, "apps")) {
    if (name.find("..") != std::string::npos) return "includes are relative to lib, or begin with app/";
    const auto apart = kAppsApart.find(folder);
    return apart != kAppsApart.end() && apart->second.count(folder_of(name)) > 0
               ? "a folder of the program that this one must not see"
               : "";
  }
  const auto floor = kFloors.find(folder);
  if (floor == kFloors.end()) return "a folder that the house does not know";
  if (floor->second.count(folder_of(name)) == 0) return "a floor that this one must not see";
  if (kCore.count(folder) > 0 && kAdapterHeaders.count(name) > 0) return "the core does not see the adapters";
  return "";
}

}  // namespace

TEST_CASE("every include stays on its floor or looks down", "[structure][floors]") {
  std::string wrong;
  int seen = 0;
  for (const File& file : source_tree::files({"include", "lib", "apps"})) {
    for (const Include& include : source_tree::includes_of(file)) {
      ++seen;
      const std::string why = wrong_with(folder_of(file.path), include);
      if (!why.empty())
        wrong += file.path + ':' + std::to_string(include.line) + ": " + include.name + ": " + why + '\n';
    }
  }
  CHECK(wrong == "");
  CHECK(seen > 200);
}

TEST_CASE("the check of the floors sees what it is there for", "[structure][floors]") {
  const auto refused = [](const char* folder, const char* name, bool angled) {
    return !wrong_with(folder, {name, angled, 1}).empty();
  };
  CHECK(refused("include/gateway", "simdjson.h", true));
  CHECK(refused("include/gateway", "base/buffer.h", false));
  CHECK(refused("include/gateway", "gateway/testing/fake_client.h", false));
  CHECK(refused("lib/wire/openai", "policy/routing/router.h", false));
  CHECK(refused("lib/policy/pricing", "simdjson.h", true));
  CHECK(refused("lib/proxy", "net/event_loop.h", false));
  CHECK(refused("lib/proxy", "gateway/epoll_loop.h", false));
  CHECK(refused("lib/proxy", "curl/curl.h", true));
  CHECK(refused("lib/proxy", "unistd.h", true));
  CHECK(refused("lib/ledger", "thread", true));
  CHECK(refused("lib/adapters/curl", "proxy/exchange.h", false));
  CHECK(refused("lib/adapters/sqlite", "policy/limits/spend.h", false));
  CHECK(refused("lib/adapters/curl", "sqlite3.h", true));
  CHECK(refused("lib/config", "policy/routing/router.h", false));
  CHECK(refused("lib/new_folder", "gateway/row.h", false));
  CHECK(refused("lib/base", "boost/asio.hpp", true));
  CHECK(refused("lib/operations", "config/scalars.h", false));
  CHECK(refused("lib/operations", "iostream", true));
  CHECK(refused("apps/gateway/admin", "app/cli/flags.h", false));
  CHECK(refused("apps/gateway/background", "app/cli/flags.h", false));
  CHECK(refused("apps/gateway/server", "app/cli/flags.h", false));
  CHECK(refused("apps/gateway/server", "app/admin/threads.h", false));
  CHECK(refused("apps/gateway/server", "app/background/sweeper.h", false));
  CHECK(refused("apps/gateway/server", "app/dashboard/mount.h", false));
  CHECK(refused("apps/gateway/dashboard", "app/admin/threads.h", false));
  CHECK_FALSE(refused("apps/gateway/admin", "app/render/json.h", false));
  CHECK_FALSE(refused("apps/gateway/cli", "app/render/json.h", false));
  CHECK_FALSE(refused("lib/proxy", "wire/sse/scanner.h", false));
  CHECK_FALSE(refused("lib/wire/json", "simdjson.h", true));
  CHECK_FALSE(refused("apps/gateway/server", "http1/request_parser.h", false));
  CHECK_FALSE(refused("lib/adapters/curl", "sys/socket.h", true));
}

TEST_CASE("includes are read as the compiler reads them", "[structure][floors]") {
  const File file{"x.cc",
                  {"#include <a>", "  #  include \"b/c.h\"  // why", "// #include <d>", "#define X", "#include"}};
  const auto includes = source_tree::includes_of(file);
  REQUIRE(includes.size() == 2);
  CHECK(includes[0].name == "a");
  CHECK(includes[0].angled);
  CHECK(includes[1].name == "b/c.h");
  CHECK_FALSE(includes[1].angled);
  CHECK(includes[1].line == 2);
}
