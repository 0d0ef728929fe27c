// How the program's own requests go out: to providers and issuers, to the collector of traces. What is
// private is reached only where the operator says so, whoever named it.
#pragma once

#include "app/config/config.hpp"
#include "http/client/client.hpp"

namespace lodestone::app {

http::EgressPolicy egress_policy(const Config& config);
http::ClientOptions client_options(const Config& config);

}  // namespace lodestone::app
