// Reads a request whose body is a form (multipart/form-data): what routing, limits and holds need.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "chat/endpoint.h"
#include "chat/request_facts.h"
#include "gateway/row.h"
#include "wire/multipart/reader.h"

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

// Of image edits, transcriptions and translations, as their bodies come: what is wrong with one is found with the bytes
// that show it. Refused are forms that are broken or end too early, fields that are read and given twice (`model`,
// `stream`, `n`, `file`), values out of range. It keeps none of the body but the end of what was read last.
class FormReader final : private MultipartSink {
 public:
  // `model_by_path`: see RequestReader::read.
  FormReader(Operation operation, std::string_view content_type, std::string_view model_by_path);
  FormReader(const FormReader&) = delete;
  FormReader& operator=(const FormReader&) = delete;

  // `body` is all that has come so far, wherever it is now. False: `why` is filled in, and nothing more is to be read.
  bool read_on(std::string_view body, BadRequest& why);
  // Once and last: `body` is complete.
  bool finish(std::string_view body, RequestFacts& facts, BadRequest& why);
  // Empty: it has not come yet.
  const std::string& model() const noexcept { return facts_.model; }

 private:
  void on_delimiter(std::size_t offset) override;
  void on_part(const PartHead& head, std::size_t data_begins) override;
  void on_data(std::string_view) override {}
  void on_part_end(std::size_t offset) override;

  bool read_field();
  bool read_medium();
  bool read_model();
  bool read_stream();
  bool read_count();
  std::string_view text() const noexcept;
  bool refuse(std::string message, std::string_view param);
  bool wrong(std::string_view expected);

  const EndpointInfo& endpoint_;
  RequestFacts facts_;
  std::optional<MultipartReader> parts_;  // none: the content type has no boundary
  std::string_view body_;                 // during a call
  std::size_t read_ = 0;                  // of the body
  FormField field_;                       // that began last
  BadRequest why_;
  std::int64_t text_bytes_ = 0;
  unsigned seen_ = 0;
  bool has_begun_ = false;
  bool has_required_ = false;
  bool is_refused_ = false;
};

// The same of a body that is here.
bool read_form_request(Operation operation, std::string_view content_type, const PaddedBuffer& body,
                       std::string_view model_by_path, RequestFacts& facts, BadRequest& why);

}  // namespace gateway
