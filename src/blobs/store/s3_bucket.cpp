// A call is a few attempts with growing pauses between them, all of them before one deadline.
#include "blobs/store/s3_bucket.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/digest.hpp"
#include "base/hex.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "blobs/store/s3_xml.hpp"
#include "http/wire/sleep.hpp"

namespace lodestone::blobs {

namespace {

std::string hash_hex(std::string_view bytes) {
    Sha256Digest digest;
    digest.add(bytes);
    return to_hex(digest.finish());
}

std::string find_text(const http::ReceivedHeaders& headers, std::string_view name) {
    return std::string(headers.find(name).value_or(std::string_view()));
}

std::optional<std::uint64_t> find_length(const http::ReceivedHeaders& headers) {
    const std::string_view text = headers.find("Content-Length").value_or(std::string_view());
    std::uint64_t length = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (text.empty() || error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
    return length;
}

bool is_tag_a_digest(const http::ReceivedHeaders& headers) {
    const std::string encryption = find_text(headers, "x-amz-server-side-encryption");
    return !encryption.starts_with("aws:kms") &&
           !headers.find("x-amz-server-side-encryption-customer-algorithm");
}

bool may_pass(int status, std::string_view code) {
    constexpr std::array<std::string_view, 5> passing{"SlowDown", "InternalError", "RequestTimeout",
                                                      "ServiceUnavailable", "OperationAborted"};
    return status >= 500 || status == 429 || status == 408 ||
           std::ranges::find(passing, code) != passing.end();
}

}  // namespace

http::EgressPolicy s3_egress(const S3Options& options) {
    http::EgressPolicy policy;
    const auto url = http::parse_url(options.endpoint).url;
    if (!url) return policy;
    policy.allowed_hosts = {url->host, "*." + url->host};
    return policy;
}

S3Bucket::S3Bucket(S3Options options, http::Client& client, Context& context)
    : options_(std::move(options)), client_(client), context_(context), health_(context.clock) {
    auto parsed = http::parse_url(options_.endpoint);
    if (!parsed.url || parsed.url->path_and_query != "/")
        throw Problem(problems::invalid_input,
                      "s3.endpoint must be a URL of scheme, host and port, such as https://s3.example.");
    origin_ = *std::move(parsed.url);
    if (options_.addressing == S3Addressing::virtual_host)
        origin_.host = options_.bucket + "." + origin_.host;
}

std::string S3Bucket::path_of(std::string_view object) const {
    std::string path = "/";
    if (options_.addressing == S3Addressing::path) path += options_.bucket + (object.empty() ? "" : "/");
    if (!object.empty()) path += options_.prefix + std::string(object);
    return render_s3_path(path);
}

S3SignedRequest S3Bucket::describe(const S3Call& call, std::string_view path) const {
    return {.method = call.method,
            .host = {},
            .path = path,
            .query = call.query,
            .headers = call.headers,
            .payload_hash = call.body_sha256.empty() ? hash_hex(call.body) : call.body_sha256};
}

http::ClientRequest S3Bucket::make_request(const S3Call& call, SteadyTime deadline) const {
    const std::string path = path_of(call.object);
    const std::string host = origin_.authority();
    const Time now = context_.clock.now();
    S3SignedRequest signed_request = describe(call, path);
    signed_request.host = host;
    signed_request.headers.emplace_back("x-amz-content-sha256", signed_request.payload_hash);
    signed_request.headers.emplace_back("x-amz-date", render_s3_time(now));
    http::ClientRequest request;
    request.method = call.method;
    http::Url url = origin_;
    url.path_and_query = path;
    if (!call.query.empty()) url.path_and_query += "?" + render_s3_query(call.query);
    request.url = http::render_url(url);
    for (const auto& [name, value] : signed_request.headers) request.headers.add(name, value);
    request.headers.add("Authorization", sign_s3_request(signed_request, {.credentials = options_.credentials,
                                                                          .region = options_.region,
                                                                          .now = now}));
    request.deadline = deadline;
    request.redirects.max_hops = 0;  // a signature is for one host
    request.egress = s3_egress(options_);
    return request;
}

std::string S3Bucket::make_link(const std::string& object, std::chrono::seconds lifetime) const {
    const std::string path = path_of(object);
    const std::string host = origin_.authority();
    S3SignedRequest request{.method = http::Method::get,
                            .host = host,
                            .path = path,
                            .query = {},
                            .headers = {},
                            .payload_hash = "UNSIGNED-PAYLOAD"};
    http::Url url = origin_;
    const auto longest = std::chrono::seconds(limits::s3_link_lifetime_most);
    url.path_and_query =
        path + "?" +
        sign_s3_link(
            request,
            {.credentials = options_.credentials, .region = options_.region, .now = context_.clock.now()},
            std::min(lifetime, longest));
    return http::render_url(url);
}

// A success is one only if it says what it must.
S3Bucket::Attempt S3Bucket::judge(const S3Call& call, S3Download download) {
    Attempt attempt;
    const S3Reply& reply = download.reply;
    const auto error = parse_s3_error(reply.text);
    if (error) {
        attempt.code = error->code;
        attempt.detail = error->message;
    }
    // An upload that is gone is called so by some with another status than 404.
    const bool is_refusal = call.takes_refusal && (reply.status == 403 || attempt.code == "NoSuchUpload") &&
                            !may_pass(reply.status, attempt.code);
    const bool is_answer = reply.status / 100 == 2 || reply.is_absent() || is_refusal;
    // The end of an upload is told late, behind a status that was sent before.
    if (!is_answer || attempt.code == "NoSuchBucket" || (error && !reply.is_absent() && !is_refusal)) {
        if (attempt.code.empty()) attempt.code = std::to_string(reply.status);
        attempt.may_pass = may_pass(reply.status, attempt.code);
        return attempt;
    }
    if (!reply.is_absent() && reply.is_tag_digest && !call.expected_tag.empty() &&
        reply.tag.size() == call.expected_tag.size() && reply.tag != call.expected_tag) {
        attempt.code = "wrong ETag";
        attempt.detail = fmt::format("{} instead of {}", reply.tag, call.expected_tag);
        return attempt;
    }
    attempt.code.clear();
    attempt.done = std::move(download);
    return attempt;
}

Task<S3Bucket::Attempt> S3Bucket::attempt(const S3Call& call, Take take, SteadyTime deadline) {
    Attempt failed;
    try {
        http::ClientRequest request = make_request(call, deadline);
        HeldBytes body(call.body);
        if (!call.body.empty()) request.body = &body;
        const bool is_streamed = take == Take::stream;
        request.body_limit_bytes = is_streamed ? UINT64_MAX : limits::s3_answer_bytes;
        // A stream ends when it stalls, however long it is.
        if (is_streamed) request.deadline = SteadyTime::max();
        http::ClientResponse response = co_await client_.send(std::move(request));
        S3Download download{.reply = {.status = response.status,
                                      .tag = std::string(strip_quotes(find_text(response.headers, "ETag"))),
                                      .is_tag_digest = is_tag_a_digest(response.headers),
                                      .kind = find_text(response.headers, "x-amz-meta-lodestone"),
                                      .length = find_length(response.headers),
                                      .range = find_text(response.headers, "Content-Range"),
                                      .text = {}},
                            .body = {}};
        if (is_streamed && response.status / 100 == 2)
            download.body = std::move(response.body);
        else
            download.reply.text = co_await http::read_all(*response.body, limits::s3_answer_bytes);
        co_return judge(call, std::move(download));
    } catch (const Problem& problem) {
        failed.code = problem.kind().code;
        failed.detail = problem.detail() + " " + problem.internal();
        failed.may_pass = problem.kind().status >= 500;
    }
    co_return failed;
}

// False when the time is over.
Task<bool> S3Bucket::pause(int attempt, SteadyTime deadline) {
    const auto longest = options_.retry_pause * (1 << (attempt - 1));
    // Half of it by chance, so that those who failed together do not come back together.
    const std::uint64_t share = context_.random.next_u64() % 512;
    const auto wait = std::chrono::microseconds(longest) * (512 + share) / 1024;
    const SteadyTime until = std::chrono::steady_clock::now() + wait;
    if (until >= deadline || is_stopped()) co_return false;
    co_await http::sleep_until(until);
    co_return !is_stopped();
}

Task<S3Download> S3Bucket::run(const S3Call& call, Take take) {
    if (is_stopped()) throw Problem(problems::unavailable, "The server is stopping; try again in a moment.");
    const SteadyTime deadline = std::chrono::steady_clock::now() + options_.timeout;
    for (int number = 1;; ++number) {
        Attempt tried = co_await attempt(call, take, deadline);
        if (tried.done) {
            if (tried.done->reply.status != 403) health_.note_success();
            co_return *std::move(tried.done);
        }
        const bool is_last = !tried.may_pass || number == limits::s3_attempts;
        if (is_last || !co_await pause(number, deadline)) fail(call, tried);
        context_.log.debug("S3 call is tried again", {{"method", http::method_name(call.method)},
                                                      {"object", std::string_view(call.object)},
                                                      {"code", std::string_view(tried.code)},
                                                      {"detail", std::string_view(tried.detail)}});
    }
}

Task<S3Reply> S3Bucket::send(const S3Call& call) {
    S3Download download = co_await run(call, Take::whole);
    co_return std::move(download.reply);
}

Task<std::optional<S3Download>> S3Bucket::download(const std::string& object) {
    const S3Call call{.method = http::Method::get, .object = object};
    S3Download download = co_await run(call, Take::stream);
    if (download.reply.is_absent()) co_return std::nullopt;
    if (download.reply.status != 200 || !download.reply.length)
        fail("gave an answer without a length, or another than the whole",
             fmt::format("{}: {}", object, download.reply.status));
    co_return std::move(download);
}

// What stands between us and the store may answer with another range, or from another content.
Task<std::optional<S3Download>> S3Bucket::download_piece(const std::string& object, const S3Piece& piece) {
    const std::uint64_t size = piece.range.size_bytes;
    const bool is_whole = size == piece.total_bytes;
    const std::string range = fmt::format("{}-{}", piece.range.offset, piece.range.offset + size - 1);
    S3Call call{.method = http::Method::get, .object = object};
    if (!is_whole) call.headers.emplace_back("range", "bytes=" + range);
    if (!piece.tag.empty()) call.headers.emplace_back("if-match", fmt::format("\"{}\"", piece.tag));
    S3Download download = co_await run(call, Take::stream);
    const S3Reply& reply = download.reply;
    if (reply.is_absent()) co_return std::nullopt;
    const std::string expected = is_whole ? "" : fmt::format("bytes {}/{}", range, piece.total_bytes);
    const bool is_that_range = reply.status == (is_whole ? 200 : 206) && reply.range == expected;
    if (!is_that_range || reply.length != size || (!piece.tag.empty() && reply.tag != piece.tag))
        fail("gave another piece of an object than was asked for",
             fmt::format("{}: {} \"{}\" of {} instead of \"{}\" of {}", object, reply.status, reply.range,
                         reply.tag, expected, piece.tag));
    co_return std::move(download);
}

void S3Bucket::fail(std::string_view what, const std::string& internal) {
    health_.note_failure("the S3 store " + std::string(what));
    throw Problem(problems::unavailable, "The storage cannot be used at the moment; try again later.")
        .with_internal("the S3 store " + std::string(what) + ": " + internal);
}

void S3Bucket::fail(const S3Call& call, const Attempt& attempt) {
    const std::string internal = fmt::format("{} {}: {} {}", http::method_name(call.method), call.object,
                                             attempt.code, attempt.detail);
    if (attempt.code == "QuotaExceeded" || attempt.code == "507" || attempt.code == "XMinioStorageFull")
        throw Problem(problems::storage_full, "The storage is full; remove something, or ask the operator.")
            .with_internal(internal);
    // Between two that send to one upload: the storage is well.
    if (attempt.code == "InvalidPart")
        throw Problem(problems::conflict,
                      "Another request has sent other bytes to this upload; begin another upload.")
            .with_internal(internal);
    if (attempt.may_pass) fail("does not do what it is asked", internal);
    fail("refuses our requests: " + attempt.code, internal);
}

}  // namespace lodestone::blobs
