// The request methods we know. Anything else is answered 501.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lodestone::http {

enum class Method : std::uint8_t { get, head, post, put, patch, del, options };
inline constexpr std::size_t method_count = 7;

constexpr std::string_view method_name(Method method) {
    constexpr std::string_view names[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    return names[static_cast<std::size_t>(method)];
}

// Case counts: `get` is not a method (RFC 9110 §9.1).
constexpr std::optional<Method> parse_method(std::string_view name) {
    for (std::size_t i = 0; i < method_count; ++i)
        if (method_name(static_cast<Method>(i)) == name) return static_cast<Method>(i);
    return std::nullopt;
}

}  // namespace lodestone::http
