// What the bodies of the administration's calls say, by the table of operations. Errors: invalid,
// "member: expected ...", by its path in the body.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/result.h"
#include "operations/catalogue.h"
#include "operations/projects.h"

namespace gateway::app {

struct ProjectBody {
  std::optional<std::string> name;
  operations::ProjectChange change;
  std::vector<std::string> words;  // the same as flags, in the order of the body: for the log
};
// In the shape in which projects are shown; null lifts a limit, `spend` replaces all caps.
Result<ProjectBody> read_project_body(const std::string& body, const operations::OperationInfo& operation);

// A body whose members are all texts.
struct TextBody {
  std::map<std::string, std::string, std::less<>> values;
  std::vector<std::string> words;  // as above
  std::optional<std::string> get(std::string_view name) const;
};
// An operation that requires no member takes an empty body too.
Result<TextBody> read_text_body(const std::string& body, const operations::OperationInfo& operation);

}  // namespace gateway::app
