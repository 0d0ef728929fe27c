// A canonical form of the request is hashed, that hash is signed with a key made for day, region and service.
#include "blobs/store/s3_signature.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "base/digest.hpp"
#include "base/ensure.hpp"
#include "base/hex.hpp"
#include "http/message/path.hpp"

namespace lodestone::blobs {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

std::string sign(std::string_view key, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned int size = 0;
    const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
    const auto* const made =
        HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, text.size(), mac.data(), &size);
    ensure(made != nullptr, "HMAC-SHA256 is there");
    return {reinterpret_cast<const char*>(mac.data()), size};
}

std::string hash_hex(std::string_view text) {
    Sha256Digest digest;
    digest.add(text);
    return to_hex(digest.finish());
}

// The service is always S3.
std::string render_scope(const S3Signer& signer) {
    return fmt::format("{}/{}/s3/aws4_request", render_s3_time(signer.now).substr(0, 8), signer.region);
}

S3Fields sort_headers(const S3SignedRequest& request) {
    S3Fields headers = request.headers;
    headers.emplace_back("host", request.host);
    std::ranges::sort(headers);
    return headers;
}

std::string join_names(const S3Fields& headers) {
    std::string names;
    for (const auto& [name, value] : headers) names += (names.empty() ? "" : ";") + name;
    return names;
}

std::string render_canonical(const S3SignedRequest& request, const S3Fields& headers, const S3Fields& query) {
    std::string text =
        fmt::format("{}\n{}\n{}\n", http::method_name(request.method), request.path, render_s3_query(query));
    for (const auto& [name, value] : headers) text += fmt::format("{}:{}\n", name, value);
    return text + fmt::format("\n{}\n{}", join_names(headers), request.payload_hash);
}

std::string render_signature(const std::string& canonical, const S3Signer& signer) {
    const std::string time = render_s3_time(signer.now);
    const std::string text =
        fmt::format("{}\n{}\n{}\n{}", algorithm, time, render_scope(signer), hash_hex(canonical));
    std::string key = sign("AWS4" + signer.credentials.secret_key, time.substr(0, 8));
    for (const std::string_view part :
         {signer.region, std::string_view("s3"), std::string_view("aws4_request")})
        key = sign(key, part);
    const std::string mac = sign(key, text);
    return to_hex({reinterpret_cast<const std::uint8_t*>(mac.data()), mac.size()});
}

}  // namespace

std::string render_s3_time(Time time) {
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(floor<seconds>(time - day));
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string render_s3_path(std::string_view path) {
    return http::encode_path_text(path, http::KeepSlash::yes);
}

std::string render_s3_query(const S3Fields& query) {
    S3Fields encoded;
    for (const auto& [name, value] : query)
        encoded.emplace_back(http::encode_path_text(name), http::encode_path_text(value));
    std::ranges::sort(encoded);
    std::string text;
    for (const auto& [name, value] : encoded)
        text += fmt::format("{}{}={}", text.empty() ? "" : "&", name, value);
    return text;
}

std::string sign_s3_request(const S3SignedRequest& request, const S3Signer& signer) {
    const S3Fields headers = sort_headers(request);
    const std::string canonical = render_canonical(request, headers, request.query);
    return fmt::format("{} Credential={}/{},SignedHeaders={},Signature={}", algorithm,
                       signer.credentials.access_key, render_scope(signer), join_names(headers),
                       render_signature(canonical, signer));
}

std::string sign_s3_link(const S3SignedRequest& request, const S3Signer& signer,
                         std::chrono::seconds lifetime) {
    const S3Fields headers = sort_headers(request);
    S3Fields query = request.query;
    query.emplace_back("X-Amz-Algorithm", algorithm);
    query.emplace_back("X-Amz-Credential",
                       fmt::format("{}/{}", signer.credentials.access_key, render_scope(signer)));
    query.emplace_back("X-Amz-Date", render_s3_time(signer.now));
    query.emplace_back("X-Amz-Expires", std::to_string(lifetime.count()));
    query.emplace_back("X-Amz-SignedHeaders", join_names(headers));
    const std::string canonical = render_canonical(request, headers, query);
    return render_s3_query(query) + "&X-Amz-Signature=" + render_signature(canonical, signer);
}

}  // namespace lodestone::blobs
