// What a file may contain and hardly means: each is a warning, for `gateway check` and the log.
#pragma once

#include "config/fields.h"
#include "gateway/config.h"

namespace gateway {

// A variable without its braces: "$NAME".
void doubt_variable(Reading& reading, const yaml::Node& node);
// A base URL that ends in an endpoint, which is appended to it.
void doubt_base_url(const Fields& fields, std::string_view key, std::string_view url);
// A file that cannot be read.
void doubt_file(const Fields& fields, std::string_view key, const std::string& path);
// A configuration under which no request can succeed, and models in a project's list that no route has.
void doubt_models(Reading& reading, const yaml::Node& root, const Config& config);
// Secrets written out, if `others` may read the file.
void doubt_secrets(Reading& reading, const yaml::Node& root, const std::string& path);

}  // namespace gateway
