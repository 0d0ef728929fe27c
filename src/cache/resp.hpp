// Redis' protocol, version 2, as far as we speak it: flat replies in, commands out. Pure, and bounded: what
// is longer or deeper than anything we ask for is refused.
// https://redis.io/docs/latest/develop/reference/protocol-spec/
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone::cache {

struct RespScalar {
    enum class Kind : std::uint8_t { status, error, integer, text, null };
    Kind kind = Kind::null;
    std::string text;          // of a status, an error, a text
    std::int64_t integer = 0;  // of an integer

    friend bool operator==(const RespScalar&, const RespScalar&) = default;
};

struct RespReply {
    RespScalar scalar;  // unless it is an array
    bool is_array = false;
    std::vector<RespScalar> items;

    bool is_status(std::string_view text) const {
        return !is_array && scalar.kind == RespScalar::Kind::status && scalar.text == text;
    }
    bool is_error() const { return !is_array && scalar.kind == RespScalar::Kind::error; }
    friend bool operator==(const RespReply&, const RespReply&) = default;
};

struct RespParsed {
    std::optional<RespReply> reply;
    std::size_t used_bytes = 0;  // of the input, for the reply
    bool is_broken = false;      // neither a reply nor the beginning of one
};

// The reply that stands at the front; neither a reply nor broken: there has to come more.
RespParsed parse_resp(std::string_view bytes);
std::string render_resp(const RespReply& reply);

std::string render_command(std::initializer_list<std::string_view> words);

}  // namespace lodestone::cache
