// Fuzzes Accept-Encoding and Accept: the choice is among what there is, does not depend on the order in which
// codings are offered, and an explicit last word of the client's counts.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ensure.hpp"
#include "http/message/negotiate.hpp"
#include "http/message/parameters.hpp"

using lodestone::ensure;
using namespace lodestone::http;

namespace {

void check_codings(std::string_view header, std::uint8_t choice) {
    std::vector<Coding> available;
    for (const Coding coding : {Coding::identity, Coding::gzip, Coding::zstd})
        if (choice >> static_cast<int>(coding) & 1) available.push_back(coding);
    const auto chosen = negotiate_coding(header, available);
    ensure(!chosen || std::count(available.begin(), available.end(), *chosen) == 1,
           "the choice is available");
    std::reverse(available.begin(), available.end());
    ensure(negotiate_coding(header, available) == chosen, "the order of what is offered does not matter");

    // The first mention of a coding counts, so what stands in front is the client's word.
    const std::string refusing = "gzip;q=0, zstd;q=0, identity;q=0," + std::string(header);
    ensure(!negotiate_coding(refusing, available), "what is refused is not sent");
    const std::string insisting = "gzip, zstd;q=0, identity;q=0," + std::string(header);
    const bool has_gzip = std::count(available.begin(), available.end(), Coding::gzip) == 1;
    ensure(negotiate_coding(insisting, available) == (has_gzip ? std::optional(Coding::gzip) : std::nullopt),
           "what is wanted is sent");
}

void check_media_types(std::string_view header) {
    constexpr std::array<std::string_view, 3> types{"application/json", "text/html",
                                                    "text/plain; version=0.0.4"};
    const auto chosen = negotiate_media_type(header, types);
    ensure(!chosen || *chosen < types.size(), "the choice is available");
    const std::string insisting =
        "text/html;q=1,application/json;q=0,text/plain;version=0.0.4;q=0," + std::string(header);
    ensure(negotiate_media_type(insisting, types) == 1u, "what is wanted is sent");
}

void check_parts(std::string_view header) {
    std::size_t size = 0;
    const auto parts = split_outside_quotes(header, ';');
    for (const auto part : parts) {
        size += part.size();
        const auto parameter = parse_parameter(part);
        ensure(!parameter || parameter->name.size() + parameter->value.size() < part.size(),
               "a parameter is no more than its text");
    }
    ensure(!parts.empty() && size + parts.size() - 1 <= header.size(), "parts are cut, not made up");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The first byte chooses the codings there are.
    if (size < 1) return 0;
    const std::string_view header(reinterpret_cast<const char*>(data) + 1, size - 1);
    check_codings(header, data[0]);
    check_media_types(header);
    check_parts(header);
    return 0;
}
