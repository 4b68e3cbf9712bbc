// How clients speak: one inbound shape. It reads requests, and writes what the gateway itself has to say in answers.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "chat/event.h"
#include "chat/request.h"
#include "chat/request_facts.h"
#include "chat/shape.h"
#include "gateway/result.h"
#include "gateway/row.h"
#include "wire/openai/error_body.h"
#include "wire/openai/request_reader.h"

namespace gateway {

// Writes one answer from events, for a client whose shape its provider does not have.
class AnswerWriter {
 public:
  virtual ~AnswerWriter() = default;
  // Appends to `out` what this event adds to the answer's bytes: of a stream complete frames; of a document nothing
  // until chat::End, then all of it.
  virtual void write(const ChatEvent& event, std::string& out) = 0;
  // Bytes in memory until the answer ends.
  virtual std::size_t kept() const noexcept = 0;
};

// Immutable, thread-safe, lives for ever.
class Surface {
 public:
  virtual ~Surface() = default;
  virtual Shape shape() const noexcept = 0;
  // Of its requests, once they are rewritten: a provider of it needs no translation of them.
  virtual Shape request_shape() const noexcept { return shape(); }
  virtual SurfaceKind kind() const noexcept { return SurfaceKind::openai; }  // as rows have it

  // What its clients call the id of their request in an answer's head, beside `x-request-id`; empty: nothing else.
  virtual std::string_view request_id_field() const noexcept { return {}; }

  // Fields of a request's head that are for providers of the same shape.
  virtual std::span<const std::string_view> fields_for_providers() const noexcept { return {}; }

  // Brings a body whose members have other names into the form that read() takes, in place. False: `why` is filled in.
  virtual bool rewrite(PaddedBuffer&, BadRequest&) const { return true; }
  // Reads a body for routing, limits and holds. True: `facts` is filled in. False: `why` is. `reader` is the calling
  // thread's. See RequestReader::read.
  virtual bool read(RequestReader& reader, const PaddedBuffer& body, std::string_view model_by_path,
                    RequestFacts& facts, BadRequest& why) const = 0;
  // The conversation in a body that read() has accepted; the views are into `body` and `out.texts`. Error: unsupported,
  // and names what has no place in a ChatRequest.
  virtual Result<void> translate(const PaddedBuffer& body, ChatRequest& out) const = 0;
  virtual std::unique_ptr<AnswerWriter> open_writer(const RequestFacts& facts) const = 0;

  // The HTTP status that clients of this shape expect for it.
  virtual int status_of(const ApiError& error) const noexcept { return error.status; }
  // The body of an answer that is an error, appended.
  virtual void write_error(std::string& out, const ApiError& error) const = 0;
  // The last frame of a stream that breaks off, appended.
  virtual void write_stream_error(std::string& out, const ApiError& error) const = 0;
  // What clients of this shape read at the end of a document that is otherwise relayed: members, each after a comma.
  virtual std::string last_members(const Row&) const { return {}; }
  // What ends a stream that was relayed whole; its provider's own end is not passed on.
  virtual std::string_view stream_end() const noexcept = 0;
  virtual std::string_view keep_alive() const noexcept = 0;
};

}  // namespace gateway
