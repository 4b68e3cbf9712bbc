#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <istream>
#include <memory>
#include <ostream>

#include "app/cli/command_line.h"
#include "app/cli/first_config.h"
#include "app/cli/flags.h"
#include "app/cli/parser/check.h"
#include "app/cli/parser/command.h"
#include "app/values/moments.h"
#include "operations/config_words.h"

namespace gateway::app {
namespace {

std::vector<std::string> provider_types() {
  const auto words = operations::provider_type_words();
  return {words.begin(), words.end()};
}

// "openai, openrouter ... or simulated"
std::string listed_types() {
  const std::vector<std::string> types = provider_types();
  return fmt::format("{} or {}", fmt::join(types.begin(), types.end() - 1, ", "), types.back());
}

struct InitFlags {
  std::optional<std::string> provider, key_variable, base_url, model, alias, prices, project, cap;
  std::string output = "gateway.yaml";
  bool print = false;
  bool force = false;
};

// What somebody types; the flag's value if it was given, and `otherwise` if nobody is there or nothing is typed.
class Questions {
 public:
  Questions(Session& session, bool silent) : session_(session), silent_(silent || session.in == nullptr) {}

  std::string ask(const std::optional<std::string>& flag, std::string_view question, const std::string& otherwise) {
    if (flag) return *flag;
    if (silent_) return otherwise;
    session_.err << question << (otherwise.empty() ? "" : " [" + otherwise + "]") << ": " << std::flush;
    std::string line;
    if (!std::getline(*session_.in, line)) silent_ = true;
    return line.empty() ? otherwise : line;
  }

 private:
  Session& session_;
  bool silent_;
};

// The provider whose key the environment has; else the one that needs none.
std::string usual_provider(const Session& session) {
  const std::vector<std::string> types = provider_types();
  for (std::size_t i = 0; i < types.size(); ++i) {
    const auto type = static_cast<ProviderType>(i);
    const std::string variable = usual_key_variable(type);
    // Of Azure only its own operator knows where it is.
    if (type == ProviderType::azure || variable.empty()) continue;
    if (!session.environment(variable).value_or("").empty()) return types[i];
  }
  return "simulated";
}

Result<FirstConfig> wanted(const InitFlags& flags, Session& session) {
  Questions questions(session, flags.print);
  FirstConfig config;
  const std::string provider = questions.ask(flags.provider, "Provider: " + listed_types(), usual_provider(session));
  const std::vector<std::string> types = provider_types();
  const auto found = std::find(types.begin(), types.end(), provider);
  if (found == types.end())
    return usage_error(fmt::format("--provider: expected {}, found '{}'", listed_types(), provider));
  config.provider = static_cast<ProviderType>(found - types.begin());
  if (config.provider != ProviderType::simulated) {
    config.key_variable =
        questions.ask(flags.key_variable, "Environment variable that has its key", usual_key_variable(config.provider));
  }
  config.base_url = flags.base_url.value_or("");
  config.model = questions.ask(flags.model, "Model, as the provider names it", usual_model(config.provider));
  config.alias = questions.ask(flags.alias, "What clients call it", "fast");
  config.project = questions.ask(flags.project, "First project", "demo");
  const std::string cap = questions.ask(flags.cap, "Its spend cap in USD, such as 25/month; empty: none", "");
  if (!cap.empty()) config.cap = cap;
  config.prices = flags.prices;
  if (!config.prices && config.provider == ProviderType::simulated) config.prices = "0.15,0.60";
  return config;
}

Result<void> write_new(const std::string& path, const std::string& text, bool force) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (force ? O_TRUNC : O_EXCL), 0640);
  if (fd < 0 && errno == EEXIST)
    return Error{ErrorCode::exists, path + " is there already; --force replaces it, --print only prints"};
  if (fd < 0) return Error{ErrorCode::unavailable, path + " cannot be written: " + std::strerror(errno)};
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const bool closed = ::close(fd) == 0;
  if (written && closed) return {};
  return Error{ErrorCode::unavailable, path + " cannot be written"};
}

Outcome init(const InitFlags& flags, Session& session) {
  const auto config = wanted(flags, session);
  if (!config) return config.error();
  const auto text = first_config_text(*config);
  if (!text) return text.error();
  if (flags.print) {
    session.out << *text;
    return kFine;
  }
  if (auto written = write_new(flags.output, *text, flags.force); !written) return written.error();
  const std::string file = flags.output == "gateway.yaml" ? "" : " -c " + flags.output;
  session.out << fmt::format("{} is written. Next:\n", flags.output);
  if (!config->key_variable.empty() && session.environment(config->key_variable).value_or("").empty())
    session.out << fmt::format("  export {}=...\n", config->key_variable);
  session.out << fmt::format("  gateway serve{}\n  gateway key create{} --project {}\n", file, file, config->project);
  return kFine;
}

}  // namespace

void add_init(Command& app, Session& session) {
  auto flags = std::make_shared<InitFlags>();
  Command* command =
      app.add_subcommand("init", "Write a first configuration; asks for what no flag says, and never for a key");
  command->add_option("--provider", flags->provider, listed_types(), "TYPE")->check(one_of(provider_types()));
  command->add_option("--key-env", flags->key_variable, "The environment variable that has the provider's key", "VAR");
  command->add_option("--base-url", flags->base_url, "Where the provider is, unless at its usual place", "URL");
  command->add_option("--model", flags->model, "A model, as the provider names it", "NAME");
  command->add_option("--alias", flags->alias, "What clients call the model", "NAME");
  command->add_option("--prices", flags->prices, "USD per million tokens of input and output, such as 0.15,0.60",
                      "IN,OUT");
  command->add_option("--project", flags->project, "The first project", "NAME");
  command->add_option("--cap", flags->cap, "Its spend cap, such as 25/month", "USD[/PERIOD]");
  command->add_option("-o,--output", flags->output, "The file", "FILE")->capture_default_str();
  command->add_flag("--print", flags->print, "Print the file instead; ask nothing");
  command->add_flag("--force", flags->force, "Replace a file that is there");
  add_example(*command, "gateway init --provider openai --project demo --cap 25/month");
  command->callback([flags, &session] { finish(session, init(*flags, session)); });
}

}  // namespace gateway::app
