// What a handler asks of its request.
#include "http/server/request.hpp"

#include "base/ensure.hpp"

namespace lodestone::http {

const std::string& Request::parameter(std::string_view name) const {
    for (const auto& [own_name, value] : match.parameters)
        if (own_name == name) return value;
    fail_ensure("a handler asked for a parameter that its route's pattern does not have",
                std::source_location::current());
}

}  // namespace lodestone::http
