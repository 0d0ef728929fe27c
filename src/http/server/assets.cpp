// Serving an asset: the coding, and the headers that keep caches honest about it.
#include "http/server/assets.hpp"

#include <array>
#include <string>

#include "base/ensure.hpp"
#include "http/message/negotiate.hpp"

namespace lodestone::http {

namespace {

constexpr std::string_view immutable_caching = "public, max-age=31536000, immutable";
// Kept, but asked about before each use.
constexpr std::string_view revalidated_caching = "no-cache";

std::string_view bytes_of(const Asset& asset, Coding coding) {
    switch (coding) {
        case Coding::identity: return asset.bytes;
        case Coding::gzip: return asset.gzip;
        case Coding::zstd: return asset.zstd;
    }
    return asset.bytes;
}

// "\"abc\"" → "\"abc-gzip\"": other bytes need another strong tag, or a range of one could be glued to the
// other.
std::string make_coded_etag(std::string_view etag, Coding coding) {
    ensure(etag.size() >= 2 && etag.front() == '"' && etag.back() == '"', "an asset's etag is not quoted");
    if (coding == Coding::identity) return std::string(etag);
    return std::string(etag.substr(0, etag.size() - 1)).append("-").append(coding_name(coding)).append("\"");
}

}  // namespace

std::optional<Coding> choose_coding(const Request& request, std::span<const Coding> available) {
    if (available.size() == 1) return available.front();
    if (request.headers->count("Accept-Encoding") > 1)
        return negotiate_coding(request.headers->joined("Accept-Encoding"), available);
    return negotiate_coding(request.header("Accept-Encoding"), available);
}

Response make_asset_response(const Request& request, const Asset& asset) {
    std::array<Coding, 3> codings{Coding::identity};
    std::size_t count = 1;
    for (const Coding coding : {Coding::gzip, Coding::zstd})
        if (!bytes_of(asset, coding).empty()) codings[count++] = coding;

    const auto coding = choose_coding(request, std::span(codings).first(count));
    if (!coding) {
        auto refusal =
            Response::text(406, "This file is not available in a coding that the request accepts.\n");
        refusal.headers.add("Vary", "Accept-Encoding");
        refusal.headers.add("Cache-Control", "no-store");
        return refusal;
    }
    Response response;
    response.headers.add("Content-Type", asset.content_type);
    if (count > 1) response.headers.add("Vary", "Accept-Encoding");
    if (*coding != Coding::identity) response.headers.add("Content-Encoding", coding_name(*coding));
    response.headers.add("Cache-Control", asset.is_immutable ? immutable_caching : revalidated_caching);
    response.etag = make_coded_etag(asset.etag, *coding);
    response.body = SharedBytes{nullptr, bytes_of(asset, *coding)};
    return response;
}

}  // namespace lodestone::http
