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
#include "wire/openai/audio_length.h"

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
// `stream`, `n`, `file`), values out of range. It keeps none of the body but the values of such fields.
class FormReader final : private MultipartSink {
 public:
  // `model_by_path`: see RequestReader::read.
  FormReader(Operation operation, std::string_view content_type, std::string_view model_by_path);
  FormReader(const FormReader&) = delete;
  FormReader& operator=(const FormReader&) = delete;

  // The next bytes of the body. False: `why` is filled in, and nothing more is to be read.
  bool read_on(std::string_view bytes, BadRequest& why);
  // Once and last: the body is complete.
  bool finish(RequestFacts& facts, BadRequest& why);
  // Empty: it has not come yet.
  const std::string& model() const noexcept { return facts_.model; }

  // For a form that is to go out before it is complete. Whether what it is about has begun to come: its file; and
  // whether its model came as a field before that.
  bool has_file() const noexcept { return has_required_; }
  bool has_model_first() const noexcept { return model_is_first_; }
  // What it is known to be within its file. `left`: how much is still to come at most; absent: nobody knows, and it is
  // taken for what it is so far. `bounded`: what comes after the file may not make it cost more than is said here, and
  // is refused from now on.
  RequestFacts facts_so_far(std::optional<std::uint64_t> left, bool bounded);

 private:
  void on_delimiter(std::size_t offset) override;
  void on_part(const PartHead& head, std::size_t data_begins) override;
  void on_data(std::string_view bytes) override;
  void on_part_end(std::size_t offset) override;

  bool begin_field();
  bool end_field();
  bool read_model();
  bool read_stream();
  bool read_count();
  bool is_medium() const noexcept;
  void add_sound(RequestFacts& facts, std::uint64_t left) const;
  void add_totals(RequestFacts& facts, std::int64_t more_text) const;
  bool refuse_after_file();
  bool refuse(std::string message, std::string_view param);
  bool wrong(std::string_view expected);

  const EndpointInfo& endpoint_;
  RequestFacts facts_;
  std::optional<MultipartReader> parts_;  // none: the content type has no boundary
  FormField field_;                       // that began last
  std::string value_;                     // of that, if it is one that is read
  std::optional<AudioGauge> sound_;       // likewise
  BadRequest why_;
  std::int64_t text_bytes_ = 0;
  std::int64_t text_left_ = 0;  // that may still come, if it is bounded
  unsigned seen_ = 0;
  bool keeps_value_ = false;
  bool has_begun_ = false;
  bool has_required_ = false;
  bool model_is_first_ = false;
  bool is_bounded_ = false;
  bool is_refused_ = false;
};

// The same of a body that is here.
bool read_form_request(Operation operation, std::string_view content_type, const PaddedBuffer& body,
                       std::string_view model_by_path, RequestFacts& facts, BadRequest& why);

}  // namespace gateway
