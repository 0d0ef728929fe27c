// Which of the representations that lie ready a client gets: content codings by Accept-Encoding, media types
// by Accept (RFC 9110 §12.5).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace lodestone::http {

enum class Coding { identity, gzip, zstd };
std::string_view coding_name(Coding coding);

// The best coding among `available` for this Accept-Encoding (absent: identity), preferring the client's
// weights and then zstd over gzip over identity. nullopt: the client refuses them all.
std::optional<Coding> negotiate_coding(std::optional<std::string_view> accept_encoding,
                                       std::span<const Coding> available);

// The best of `available` media types ("application/json", "text/plain; version=0.0.4"), the first one
// winning ties; nullopt: none is acceptable. An Accept that is absent, empty or wholly unreadable accepts the
// first.
std::optional<std::size_t> negotiate_media_type(std::optional<std::string_view> accept,
                                                std::span<const std::string_view> available);

}  // namespace lodestone::http
