#include "app/first_run.h"

#include <algorithm>
#include <utility>

#include "app/new_key.h"
#include "base/key_life.h"
#include "base/shell_word.h"
#include "net/address.h"

namespace gateway::app {

Result<std::optional<std::string>> make_default_project(Tenants& tenants, WallTime now) {
  ProjectConfig project;
  project.name = "default";
  if (auto made = tenants.put_project(project, nullptr); !made) {
    if (made.error().code == ErrorCode::exists) return std::optional<std::string>();
    return std::move(made).error();
  }
  const operations::NewKey key = make_key(project.name, "first", now, std::nullopt);
  if (auto kept = tenants.put_key(key.key); !kept) return std::move(kept).error();
  return std::optional<std::string>(key.text);
}

namespace {

constexpr std::string_view kToken = "administration";
constexpr std::string_view kLink = "sign-in link";

bool is_administrations(const ApiKey& key, std::string_view name) noexcept {
  return key.project.empty() && key.name == name;
}

}  // namespace

Result<Administration> make_administration(Tenants& tenants, WallTime now) {
  const auto all = tenants.tenants();
  if (!all) return all.error();
  for (const ApiKey& key : all->keys) {
    if (is_administrations(key, kToken) && state_of(key, now) == kActiveKey) return Administration{key.hash};
  }
  operations::NewKey made = make_key("", std::string(kToken), now, std::nullopt);
  if (auto put = tenants.put_key(made.key); !put) return std::move(put).error();
  return Administration{made.key.hash, std::move(made.text)};
}

Result<std::string> make_sign_in_link(Tenants& tenants, WallTime now) {
  operations::NewKey made = make_key("", std::string(kLink), now, now + kLinkLife);
  if (auto put = tenants.put_key(made.key); !put) return std::move(put).error();
  return std::move(made.text);
}

bool is_sign_in_link(const ApiKey& key) noexcept { return is_administrations(key, kLink); }

std::string link_text(const std::string& url, const std::string& link, const std::string& page) {
  return url + "/dashboard/" + page + "#sign-in=" + link;
}

bool is_local_only(const std::vector<std::string>& addresses) {
  return std::all_of(addresses.begin(), addresses.end(), [](const std::string& text) {
    const auto address = net::parse_address(text);
    return address && (address->is_unix() || address->is_loopback());
  });
}

std::string welcome(const std::vector<std::string>& addresses, const Welcome& made) {
  std::string text = "The key of project default, shown this once:\n\n  " + made.key + "\n\n";
  if (!addresses.empty()) {
    text +=
        "Try it:\n\n  curl -N http://" + addresses.front() + "/v1/chat/completions \\\n    -H 'authorization: Bearer " +
        made.key +
        "' \\\n    -H 'content-type: application/json' \\\n    -d '{\"model\": \"simulated/echo\", \"stream\": true, "
        "\"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}'\n\n";
    if (made.link) {
      const std::string open = "gateway open" + (made.database ? " --database " + shell_word(*made.database) : "");
      text += "The dashboard; this link signs in once, within ten minutes ('" + open + "' prints another):\n\n  " +
              link_text("http://" + addresses.front(), *made.link) + "\n\n";
    }
  }
  if (made.token) text += "The administration's token, shown this once:\n\n  " + *made.token + "\n\n";
  return text;
}

}  // namespace gateway::app
