#include "app/cli/manual.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "app/cli/completion.h"
#include "config/keys.h"

namespace gateway::app {
namespace {

// Text of a page: what roff would obey is escaped.
std::string escaped(std::string_view text) {
  std::string out;
  bool starts_line = true;
  for (const char c : text) {
    if (starts_line && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    starts_line = c == '\n';
  }
  return out;
}

std::string page_name(std::string name) {
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string head(const std::string& name, int section, std::string_view manual) {
  std::string title = name;
  std::transform(title.begin(), title.end(), title.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return fmt::format(".TH \"{}\" {} \"\" \"Model Gateway\" \"{}\"\n", escaped(title), section, manual);
}

std::string synopsis(const CommandInfo& command) {
  std::string text = fmt::format(".SH SYNOPSIS\n.B {}\n", escaped(command.name));
  if (!command.commands.empty()) return text + ".I COMMAND\n.RI [ FLAGS ]\n";
  for (const FlagInfo& flag : command.flags) {
    if (!flag.is_argument && flag.is_required)
      text += fmt::format(".B {}\n.I {}\n", escaped(flag.names.front()), escaped(flag.type));
  }
  for (const FlagInfo& flag : command.flags) {
    if (flag.is_argument)
      text += flag.is_required ? fmt::format(".I {}\n", escaped(flag.type))
                               : fmt::format(".RI [ {} ]\n", escaped(flag.type));
  }
  return text + ".RI [ FLAGS ]\n";
}

std::string flag_text(const FlagInfo& flag) {
  std::string names;
  for (const std::string& name : flag.names) {
    if (!names.empty()) names += ", ";
    names +=
        flag.is_argument ? fmt::format("\\fI{}\\fR", escaped(flag.type)) : fmt::format("\\fB{}\\fR", escaped(name));
  }
  if (!flag.is_argument && !flag.type.empty())
    names += flag.is_value_optional ? fmt::format(" [\\fI{}\\fR]", escaped(flag.type))
                                    : fmt::format(" \\fI{}\\fR", escaped(flag.type));
  std::string help = flag.help;
  if (flag.is_required) help += "; required";
  if (!flag.default_value.empty()) help += fmt::format("; default {}", flag.default_value);
  return fmt::format(".TP\n{}\n{}\n", names, escaped(help));
}

constexpr std::string_view kShared =
    ".SH EXIT STATUS\n"
    ".TP\n0\nfine\n.TP\n1\na finding: a difference, a mistake in a file, a refusal\n.TP\n2\na usage error\n"
    ".SH ENVIRONMENT\n"
    ".TP\n.B GATEWAY_FORMAT\nthe format of lists unless a flag says another\n"
    ".TP\n.B NO_COLOR\nno colours\n"
    ".TP\n.B COLUMNS\nhow wide the screen is\n"
    ".SH FILES\n.TP\n.I gateway.yaml\nthe configuration, if it is in the working directory; see\n.BR gateway.yaml "
    "(5)\n";

ManualPage command_page(const CommandInfo& command, const std::string& parent) {
  const std::string name = page_name(command.name);
  std::string text = head(name, 1, "Commands");
  text += fmt::format(".SH NAME\n{} \\- {}\n", escaped(name), escaped(command.description));
  text += synopsis(command);
  if (!command.commands.empty()) {
    text += ".SH COMMANDS\n";
    for (const CommandInfo& each : command.commands)
      text += fmt::format(".TP\n.B {}\n{}\n", escaped(each.word()), escaped(each.description));
  }
  text += ".SH OPTIONS\n";
  for (const FlagInfo& flag : command.flags) text += flag_text(flag);
  if (!command.example.empty()) text += fmt::format(".SH EXAMPLE\n.nf\n{}\n.fi\n", escaped(command.example));
  text += kShared;
  text += ".SH SEE ALSO\n";
  if (!parent.empty()) text += fmt::format(".BR {} (1),\n", escaped(page_name(parent)));
  for (const CommandInfo& each : command.commands) text += fmt::format(".BR {} (1),\n", escaped(page_name(each.name)));
  return {name + ".1", text + ".BR gateway.yaml (5)\n"};
}

void add_pages(const CommandInfo& command, const std::string& parent, std::vector<ManualPage>& pages) {
  pages.push_back(command_page(command, parent));
  for (const CommandInfo& each : command.commands) add_pages(each, command.name, pages);
}

// Markdown of the tables as roff: code in bold.
std::string from_markdown(std::string_view text) {
  std::string out;
  bool code = false;
  for (const char c : escaped(text)) {
    if (c != '`') {
      out += c;
      continue;
    }
    code = !code;
    out += code ? "\\fB" : "\\fR";
  }
  return out;
}

void append_keys(std::string& text, const Keys& keys) {
  for (const Key& key : keys) {
    text += fmt::format(".TP\n.B {}\n{}\n", escaped(key.name), from_markdown(key.help));
    if (!key.allowed.empty()) text += fmt::format("Expected: {}.\n", from_markdown(key.allowed));
    if (!key.fallback.empty()) text += fmt::format("Default: {}.\n", from_markdown(key.fallback));
  }
}

ManualPage config_page() {
  std::string text = head("gateway.yaml", 5, "Files");
  text +=
      ".SH NAME\ngateway.yaml \\- the configuration of Model Gateway\n"
      ".SH DESCRIPTION\nA YAML file. ${NAME} is the environment variable of that name.\n.BR gateway\\-check (1)\n"
      "reports every mistake of it with its place.\n";
  for (const Section* section : kSections) {
    text += section->path.empty() ? std::string(".SH \"THE FILE ITSELF\"\n")
                                  : fmt::format(".SH \"{}\"\n", escaped(section->path));
    if (!section->help.empty()) text += from_markdown(section->help) + '\n';
    append_keys(text, section->keys);
    append_keys(text, section->more);
  }
  return {"gateway.yaml.5", text + ".SH SEE ALSO\n.BR gateway (1),\n.BR gateway\\-check (1)\n"};
}

Result<void> write_file(const std::filesystem::path& path, const std::string& text) {
  std::error_code failed;
  std::filesystem::create_directories(path.parent_path(), failed);
  std::ofstream file(path, std::ios::binary);
  if (file << text << std::flush) return {};
  return Error{ErrorCode::unavailable, path.string() + " cannot be written"};
}

}  // namespace

std::vector<ManualPage> manual_pages(const CommandInfo& root) {
  std::vector<ManualPage> pages;
  add_pages(root, "", pages);
  pages.push_back(config_page());
  return pages;
}

Result<void> write_pages(const CommandInfo& root, const std::string& directory) {
  const std::filesystem::path share = std::filesystem::path(directory) / "share";
  for (const ManualPage& page : manual_pages(root)) {
    const std::string folder = fmt::format("man{}", page.name.back());
    if (auto written = write_file(share / "man" / folder / page.name, page.text); !written) return written;
  }
  const std::pair<const char*, const char*> scripts[] = {{"bash", "bash-completion/completions/gateway"},
                                                         {"zsh", "zsh/site-functions/_gateway"},
                                                         {"fish", "fish/vendor_completions.d/gateway.fish"}};
  for (const auto& [shell, path] : scripts) {
    if (auto written = write_file(share / path, completion_script(shell)); !written) return written;
  }
  return {};
}

}  // namespace gateway::app
