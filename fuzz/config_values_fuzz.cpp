// The values that settings are written in: whatever the text, it is refused or renders back to the same
// value.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "app/config/config_values.hpp"
#include "base/ensure.hpp"
#include "db/postgres_url.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lodestone;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto duration = app::parse_duration(text))
        ensure(app::parse_duration(app::render_duration(*duration)) == duration, "a duration is kept");
    if (const auto size_bytes = app::parse_size(text))
        ensure(app::parse_size(app::render_size(*size_bytes)) == size_bytes, "a size is kept");
    if (const auto number = app::parse_number(text))
        ensure(app::parse_number(std::to_string(*number)) == number, "a number is kept");
    if (const auto address = http::parse_listen_address(text))
        ensure(http::parse_listen_address(http::render_listen_address(*address)) == address,
               "an address is kept");
    if (const auto network = http::parse_network(text)) {
        const auto again = http::parse_network(app::render_network(*network));
        ensure(again && again->base == network->base && again->prefix_bits == network->prefix_bits,
               "a network is kept");
    }
    if (const auto url = app::parse_url_parts(text)) {
        ensure(!url->scheme.empty() && !url->host.empty(), "a URL has a scheme and a host");
        ensure(url->rest.empty() || url->rest.data() + url->rest.size() == text.data() + text.size(),
               "nothing of a URL is lost");
    }
    if (db::parse_postgres_url(std::string(text)))
        ensure(text.starts_with("postgres"), "only PostgreSQL's URLs are taken");
    return 0;
}
