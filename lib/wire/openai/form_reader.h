// Reads a request whose body is a form (multipart/form-data): what routing, limits and holds need.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "chat/request_facts.h"
#include "gateway/row.h"

namespace gateway {

struct FormField {
  std::string name;
  bool is_file = false;
  ByteRange value;
};
struct Form {
  std::string boundary;
  std::size_t begin = 0;  // of the first delimiter
  std::vector<FormField> fields;
};
// False: `why` is filled in.
bool read_form(std::string_view content_type, std::string_view body, Form& form, BadRequest& why);

// Of image edits, transcriptions and translations. Refused are forms that are broken or end too early, fields that are
// read and given twice (`model`, `stream`, `n`, `file`), values out of range. `model_by_path`: see RequestReader::read.
bool read_form_request(Operation operation, std::string_view content_type, const PaddedBuffer& body,
                       std::string_view model_by_path, RequestFacts& facts, BadRequest& why);

}  // namespace gateway
