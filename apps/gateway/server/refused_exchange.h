// An exchange that is answered before anything of it is read: the address does not serve what it requests.
#pragma once

#include <memory>

#include "gateway/client.h"
#include "gateway/exchange.h"
#include "gateway/row.h"
#include "wire/openai/error_body.h"

namespace gateway::app {

std::unique_ptr<Exchange> open_refused(const ApiError& error, const RequestId& id, const RequestHead& head,
                                       Client& client);

}  // namespace gateway::app
