// Static assets that were compressed when the program was built, and the answer that picks the right form.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "http/message/negotiate.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace lodestone::http {

// Views of what lives as long as the program. A coding that did not pay is empty.
struct Asset {
    std::string_view path;  // "/assets/app.1f3a.js"
    std::string_view content_type;
    std::string_view bytes;
    std::string_view gzip;
    std::string_view zstd;
    std::string_view etag;      // quoted; of `bytes`
    bool is_immutable = false;  // its path changes with its content
};

// The best of the codings that lie ready; nothing: the client refuses them all.
std::optional<Coding> choose_coding(const Request& request, std::span<const Coding> available);

// 200 with the best coding, or 406 when the client refuses each that lies ready. An asset with one form only
// is not negotiated about. Conditions, ranges and HEAD are the sender's.
Response make_asset_response(const Request& request, const Asset& asset);

}  // namespace lodestone::http
