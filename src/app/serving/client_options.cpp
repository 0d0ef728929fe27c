// The settings below "egress", as the client takes them.
#include "app/serving/client_options.hpp"

namespace lodestone::app {

http::EgressPolicy egress_policy(const Config& config) {
    http::EgressPolicy policy;
    policy.allow_private = config.egress.is_private_allowed;
    policy.allowed_networks = config.egress.allowed_networks;
    policy.allowed_hosts = config.egress.allowed_hosts;
    return policy;
}

http::ClientOptions client_options(const Config& config) {
    http::ClientOptions options;
    options.egress = egress_policy(config);
    options.extra_ca_file = config.egress.ca_file;
    return options;
}

}  // namespace lodestone::app
