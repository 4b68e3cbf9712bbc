// A worker's sessions: a list through them.
#pragma once

namespace gateway::app {

class Http1Session;

class SessionList {
 public:
  void add(Http1Session& session) noexcept;
  void remove(Http1Session& session) noexcept;
  // `each` may end the session that it receives, and others.
  template <class Each>
  void for_each(Each each) {
    for (Http1Session* session = first_; session != nullptr;) {
      Http1Session* const after = next(*session);
      each(*session);
      session = after;
    }
  }

 private:
  static Http1Session* next(Http1Session& session) noexcept;

  Http1Session* first_ = nullptr;
};

}  // namespace gateway::app
