// Each is one call, or a few; what is tried again is the bucket's.
#include "blobs/store/s3_upload.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/ensure.hpp"
#include "base/hex.hpp"
#include "base/log.hpp"
#include "base/resumable_digest.hpp"
#include "base/time_text.hpp"
#include "blobs/store/s3_xml.hpp"

namespace lodestone::blobs {

namespace {

std::string hex_of(std::string_view bytes) {
    return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

// S3's own way: the MD5 of the parts' MD5s, and how many there are. Empty where a part's tag is none.
std::string make_whole_tag(const std::vector<std::string>& parts) {
    ResumableDigest digest(DigestKind::md5);
    for (const std::string& part : parts) {
        if (part.size() != 32) return {};
        std::string bytes;
        for (std::size_t i = 0; i < part.size(); i += 2) {
            const int high = hex_value(part[i]);
            const int low = hex_value(part[i + 1]);
            if (high < 0 || low < 0) return {};
            bytes += static_cast<char>(high << 4 | low);
        }
        digest.add(bytes);
    }
    return fmt::format("{}-{}", hex_of(digest.digest()), parts.size());
}

std::string render_parts(const std::vector<std::string>& parts) {
    std::string xml = R"(<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)";
    for (std::size_t i = 0; i < parts.size(); ++i) {
        xml += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>&quot;", i + 1);
        for (const char c : parts[i]) {
            switch (c) {
                case '&': xml += "&amp;"; break;
                case '<': xml += "&lt;"; break;
                case '>': xml += "&gt;"; break;
                default: xml += c;
            }
        }
        xml += "&quot;</ETag></Part>";
    }
    return xml + "</CompleteMultipartUpload>";
}

void check_present(S3Bucket& bucket, const S3Reply& reply, const std::string& object) {
    if (reply.is_absent()) bucket.fail("has lost what is being written", object + ": " + reply.text);
}

}  // namespace

std::string s3_blob_object(const BlobKey& key) {
    return "sha256/" + render_blob_key(key);
}

// Numbers that are made one after the other begin alike: their ends spread them over the store's machines.
std::string s3_large_object(const BlobId& id) {
    const std::string text = render_number(id.value());
    return fmt::format("large/{}/{}", text.substr(text.size() - 2), text);
}

std::optional<BlobId> parse_s3_large_object(std::string_view object) {
    constexpr std::string_view::size_type folder_size = std::string_view("large/ef/").size();
    if (object.size() < folder_size) return std::nullopt;
    const auto number = parse_number(object.substr(folder_size));
    if (!number) return std::nullopt;
    const BlobId id = BlobId::trusted(*number);
    return s3_large_object(id) == object ? std::optional(id) : std::nullopt;
}

std::string s3_tail_object(const std::string& name, std::uint64_t size_bytes) {
    return fmt::format("uploads/{}/{}", name, size_bytes);
}

bool is_s3_tail(std::string_view object, const std::string& name) {
    std::uint64_t size = 0;
    const std::string_view digits = object.substr(object.rfind('/') + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), size);
    return object == s3_tail_object(name, size);
}

std::string render_s3_mark(const BlobKey& key) {
    return fmt::format("lodestone: the bytes of {} are in {}\n", s3_blob_object(key),
                       s3_large_object(key.id));
}

// Also where a store has lost all of it: an empty object that is not the empty blob.
bool is_s3_mark(const BlobKey& key, std::string_view bytes) {
    return bytes == render_s3_mark(key) || (bytes.empty() && key.sha256 != Sha256Digest().finish());
}

S3Bytes hash_s3_bytes(std::string_view bytes) {
    Sha256Digest sha256;
    sha256.add(bytes);
    ResumableDigest md5(DigestKind::md5);
    md5.add(bytes);
    return {.bytes = bytes, .sha256 = to_hex(sha256.finish()), .md5 = hex_of(md5.digest())};
}

Task<> put_object(S3Bucket& bucket, std::string object, const S3Bytes& bytes) {
    const S3Call call{.method = http::Method::put,
                      .object = std::move(object),
                      .query = {},
                      .headers = {},
                      .body = bytes.bytes,
                      .body_sha256 = bytes.sha256,
                      .expected_tag = bucket.options().checks_etags ? bytes.md5 : std::string()};
    const S3Reply reply = co_await bucket.send(call);
    check_present(bucket, reply, call.object);
}

Task<> put_mark(S3Bucket& bucket, const BlobKey& key) {
    const std::string mark = render_s3_mark(key);
    const S3Bytes bytes = hash_s3_bytes(mark);
    const S3Call call{.method = http::Method::put,
                      .object = s3_blob_object(key),
                      .query = {},
                      .headers = {{"x-amz-meta-lodestone", std::string(s3_large_kind)}},
                      .body = bytes.bytes,
                      .body_sha256 = bytes.sha256,
                      .expected_tag = bucket.options().checks_etags ? bytes.md5 : std::string()};
    const S3Reply reply = co_await bucket.send(call);
    check_present(bucket, reply, call.object);
}

Task<> delete_object(S3Bucket& bucket, std::string object) {
    const S3Call call{.method = http::Method::del, .object = std::move(object)};
    co_await bucket.send(call);
}

Task<std::optional<S3Reply>> find_object(S3Bucket& bucket, std::string object) {
    const S3Call call{.method = http::Method::head, .object = std::move(object)};
    S3Reply reply = co_await bucket.send(call);
    if (reply.is_absent()) co_return std::nullopt;
    co_return std::move(reply);
}

Task<std::string> begin_upload(S3Bucket& bucket, std::string object) {
    const S3Call call{.method = http::Method::post, .object = std::move(object), .query = {{"uploads", ""}}};
    const S3Reply reply = co_await bucket.send(call);
    auto id = parse_s3_upload_id(reply.text);
    if (!id || !is_s3_tag(*id)) bucket.fail("gave an upload no usable id", reply.text.substr(0, 1000));
    co_return *std::move(id);
}

Task<std::string> put_part(S3Bucket& bucket, const std::string& object, const std::string& upload_id,
                           std::size_t number, const S3Bytes& bytes) {
    const S3Call call{.method = http::Method::put,
                      .object = object,
                      .query = {{"partNumber", std::to_string(number)}, {"uploadId", upload_id}},
                      .headers = {},
                      .body = bytes.bytes,
                      .body_sha256 = bytes.sha256,
                      .expected_tag = bucket.options().checks_etags ? bytes.md5 : std::string()};
    const S3Reply reply = co_await bucket.send(call);
    check_present(bucket, reply, object);
    if (!is_s3_tag(reply.tag)) bucket.fail("gave a part no usable ETag", object);
    co_return reply.tag;
}

Task<> complete_upload(S3Bucket& bucket, const std::string& object, const S3State& state,
                       std::uint64_t size_bytes) {
    const std::string body = render_parts(state.parts);
    const S3Call call{.method = http::Method::post,
                      .object = object,
                      .query = {{"uploadId", state.upload_id}},
                      .headers = {{"content-type", "application/xml"}},
                      .body = body};
    const S3Reply reply = co_await bucket.send(call);
    std::string tag = parse_s3_completion(reply.text).value_or("");
    const auto stored = co_await find_object(bucket, object);
    if (!stored) bucket.fail("has lost an upload before its end", object + ": " + reply.text.substr(0, 1000));
    if (stored->length != size_bytes)
        bucket.fail("has stored another number of bytes than it was sent", object);
    if (tag.empty()) tag = stored->tag;
    const std::string expected = make_whole_tag(state.parts);
    const bool is_digest = bucket.options().checks_etags && reply.is_tag_digest && stored->is_tag_digest;
    if (is_digest && !expected.empty() && tag.size() == expected.size() && tag != expected)
        bucket.fail("has put other parts together than it was sent", fmt::format("{}: {}", object, tag));
}

Task<bool> abort_upload(S3Bucket& bucket, std::string object, std::string upload_id) {
    const S3Call call{.method = http::Method::del,
                      .object = std::move(object),
                      .query = {{"uploadId", std::move(upload_id)}},
                      .takes_refusal = true};
    const S3Reply reply = co_await bucket.send(call);
    if (reply.status / 100 == 2 || reply.is_absent()) co_return true;
    const auto error = parse_s3_error(reply.text);
    if (error && error->code == "NoSuchUpload") co_return true;
    bucket.context().log.warn(
        "the S3 store does not let us abort an upload; its parts stay there",
        {{"object", std::string_view(call.object)}, {"code", std::string_view(error ? error->code : "403")}});
    co_return false;
}

Task<bool> is_upload_open(S3Bucket& bucket, const std::string& object, const std::string& upload_id) {
    const S3Call call{.method = http::Method::get,
                      .object = object,
                      .query = {{"uploadId", upload_id}, {"max-parts", "1"}}};
    const S3Reply reply = co_await bucket.send(call);
    co_return !reply.is_absent();
}

Task<std::vector<S3Stored>> list_objects(S3Bucket& bucket, const std::string& beginning, std::size_t limit) {
    const std::string prefix = bucket.options().prefix;
    const std::string wanted = prefix + beginning;
    std::vector<S3Stored> objects;
    std::string next;
    while (objects.size() < limit) {
        const std::size_t most = std::min(limit - objects.size(), limits::s3_listed_keys);
        S3Call call{.method = http::Method::get,
                    .object = {},
                    .query = {{"list-type", "2"}, {"prefix", wanted}, {"max-keys", std::to_string(most)}}};
        if (!next.empty()) call.query.emplace_back("continuation-token", next);
        const S3Reply reply = co_await bucket.send(call);
        auto listing = parse_s3_listing(reply.text);
        if (!listing) bucket.fail("gave no usable listing", reply.text.substr(0, 1000));
        for (const S3Listed& one : listing->objects) {
            if (!one.key.starts_with(wanted)) continue;
            // What does not say how old it is counts as new, and is left alone.
            const auto stored_at = parse_rfc3339(one.modified_at);
            objects.push_back({.object = one.key.substr(prefix.size()),
                               .stored_at = stored_at.value_or(bucket.context().clock.now())});
        }
        if (listing->next.empty() || listing->next == next) break;
        next = std::move(listing->next);
    }
    if (objects.size() > limit) objects.resize(limit);
    co_return objects;
}

namespace {

Task<S3Uploads> list_uploads(S3Bucket& bucket, const std::string& beginning, const S3Uploads& before) {
    S3Call call{
        .method = http::Method::get,
        .object = {},
        .query = {
            {"uploads", ""}, {"prefix", beginning}, {"max-uploads", std::to_string(limits::s3_listed_keys)}}};
    if (!before.next_key.empty()) call.query.emplace_back("key-marker", before.next_key);
    if (!before.next_id.empty()) call.query.emplace_back("upload-id-marker", before.next_id);
    const S3Reply reply = co_await bucket.send(call);
    auto listed = parse_s3_uploads(reply.text);
    if (!listed) bucket.fail("gave no usable list of uploads", reply.text.substr(0, 1000));
    co_return *std::move(listed);
}

// Both begin "2026-11-29T21…" and "20261129T21…": days are exact enough here.
bool is_leftover(const S3Upload& upload, const std::string& oldest_day) {
    std::string day = upload.begun_at.substr(0, 10);
    std::erase(day, '-');
    return is_s3_tag(upload.id) && day.size() == 8 && day < oldest_day;
}

}  // namespace

Task<> abort_leftovers(S3Bucket& bucket) {
    const std::string prefix = bucket.options().prefix;
    const std::string beginning = prefix + "large/";
    const std::string oldest =
        render_s3_time(bucket.context().clock.now() - limits::s3_leftover_age).substr(0, 8);
    S3Uploads page;
    while (true) {
        S3Uploads next = co_await list_uploads(bucket, beginning, page);
        for (const S3Upload& upload : next.uploads) {
            if (!upload.key.starts_with(beginning) || !is_leftover(upload, oldest)) continue;
            if (!co_await abort_upload(bucket, upload.key.substr(prefix.size()), upload.id)) continue;
            bucket.context().log.info("an upload that a crash had left in the S3 store was aborted",
                                      {{"object", std::string_view(upload.key)}});
        }
        if (next.next_key.empty() || (next.next_key == page.next_key && next.next_id == page.next_id)) break;
        page = std::move(next);
    }
}

}  // namespace lodestone::blobs
