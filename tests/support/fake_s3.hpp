// An S3-compatible store inside the test. It checks every signature and every digest, keeps to S3's rules
// about parts, and does wrong where the test says so.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/hex.hpp"
#include "base/resumable_digest.hpp"
#include "base/time_text.hpp"
#include "blobs/store/s3_bucket.hpp"
#include "support/s3_request.hpp"
#include "support/scripted_server.hpp"

namespace lodestone::test {

enum class S3Fault {
    none,
    internal_error,  // 500
    slow_down,       // 503
    denied,          // 403
    full,
    silent,      // no answer until the client gives up
    closed,      // the connection ends before anything is done
    lost_reply,  // it is done, but nobody hears of it
    wrong_tag,
    truncated,   // half of the body
    late_error,  // 200, and the error in the body
    other_range,
    other_content,  // of the same size, behind the tag of the old one
    not_its_id,     // 400: NoSuchUpload
    shortened,      // half of the body, and a length that says so
    trickling,      // a byte now and then, as long as the client waits
};

class FakeS3 {
  public:
    explicit FakeS3(blobs::S3Addressing addressing = blobs::S3Addressing::path) : addressing_(addressing) {}

    blobs::S3Options options() const {
        blobs::S3Options options;
        const bool is_path = addressing_ == blobs::S3Addressing::path;
        options.endpoint = server_.url("", is_path ? "127.0.0.1" : "s3.internal");
        options.bucket = "bucket";
        options.region = "here-1";
        options.prefix = "kept/";
        options.addressing = addressing_;
        options.credentials = reader_.credentials();
        options.retry_pause = std::chrono::milliseconds(1);
        return options;
    }

    // What the next request of that kind meets, and the ones after it, one each.
    void misbehave(const std::string& what, std::vector<S3Fault> faults) {
        const std::lock_guard lock(mutex_);
        faults_[what] = std::move(faults);
    }
    std::size_t count(const std::string& what) {
        const std::lock_guard lock(mutex_);
        return counts_[what];
    }
    // Waits until that many came.
    void wait_for(const std::string& what, std::size_t number) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return counts_[what] >= number; });
    }
    // Waits until so many answers that trickled were cut, and tells how many bytes came of all of them.
    std::size_t wait_for_cuts(std::size_t number) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return cut_ >= number; });
        return trickled_;
    }
    std::vector<std::string> objects() {
        const std::lock_guard lock(mutex_);
        std::vector<std::string> names;
        for (const auto& [name, object] : objects_) names.push_back(name);
        return names;
    }
    // The next ones that come are sealed with a key of somebody else: their tags are no digests.
    void seal() {
        const std::lock_guard lock(mutex_);
        is_sealing_ = true;
    }
    // As something in between that drops the query.
    void list_everything() {
        const std::lock_guard lock(mutex_);
        lists_everything_ = true;
    }
    // As a copy of the bucket that was made of bytes alone.
    void lose_metadata() {
        const std::lock_guard lock(mutex_);
        for (auto& [name, object] : objects_) object.kind.clear();
    }
    std::string bytes_of(const std::string& object) {
        const std::lock_guard lock(mutex_);
        return objects_[object].bytes;
    }
    // Of the last request of that kind.
    std::string last_header(const std::string& what, const std::string& name) {
        const std::lock_guard lock(mutex_);
        return last_headers_[what][name];
    }
    std::size_t open_uploads() {
        const std::lock_guard lock(mutex_);
        return uploads_.size();
    }
    void add_upload(const std::string& object, const std::string& begun_at) {
        const std::lock_guard lock(mutex_);
        uploads_[std::to_string(++made_)] = {.object = object, .begun_at = begun_at, .parts = {}};
    }
    void change(const std::string& object, const std::string& bytes) {
        const std::lock_guard lock(mutex_);
        objects_[object].bytes = bytes;
        objects_[object].modified_at = now();
    }
    // When what comes from now on was changed; without it, when it is.
    void set_now(Time now) {
        const std::lock_guard lock(mutex_);
        now_ = now;
    }
    std::size_t refused_signatures() {
        const std::lock_guard lock(mutex_);
        return refused_signatures_;
    }

  private:
    static constexpr std::chrono::milliseconds trickle_pause{5};
    struct Object {
        std::string bytes;
        std::string tag;
        std::string kind;
        Time modified_at{};
    };
    struct Upload {
        std::string object;
        std::string begun_at;
        std::map<int, std::string> parts;
    };
    struct Reply {
        std::string status = "200 OK";
        std::string body;
        std::string fields;
    };

    std::string tag_of(std::string_view bytes) const {
        return hash(DigestKind::md5, (is_sealing_ ? "sealed" : "") + std::string(bytes));
    }
    std::string seal_fields() const { return is_sealing_ ? "x-amz-server-side-encryption: aws:kms\r\n" : ""; }
    static std::string hash(DigestKind kind, std::string_view bytes) {
        ResumableDigest digest(kind);
        digest.add(bytes);
        const std::string raw = digest.digest();
        return to_hex({reinterpret_cast<const std::uint8_t*>(raw.data()), raw.size()});
    }
    static Reply error(std::string status, const std::string& code) {
        return {.status = std::move(status),
                .body = "<?xml version=\"1.0\"?>\n<Error><Code>" + code +
                        "</Code><Message>no &amp; no</Message></Error>",
                .fields = {}};
    }
    static std::string strip_tag(std::string text) {
        std::erase(text, '"');
        return text;
    }

    void serve(ScriptedPeer& peer) {
        for (auto seen = reader_.read(peer); seen; seen = reader_.read(peer)) {
            const S3Fault fault = note(*seen);
            if (fault == S3Fault::closed) return;
            if (fault == S3Fault::other_range) seen->shift = 1;
            if (fault == S3Fault::silent) return peer.wait_closed();
            Reply reply =
                fault == S3Fault::none || fault >= S3Fault::lost_reply ? answer(*seen) : refuse(fault);
            if (fault == S3Fault::not_its_id) reply = error("400 Bad Request", "NoSuchUpload");
            if (fault == S3Fault::late_error) reply = error("200 OK", "InternalError");
            if (fault == S3Fault::lost_reply) return;
            if (!send(peer, *seen, std::move(reply), fault)) return;
        }
    }
    static Reply refuse(S3Fault fault) {
        if (fault == S3Fault::slow_down) return error("503 Slow Down", "SlowDown");
        if (fault == S3Fault::denied) return error("403 Forbidden", "AccessDenied");
        if (fault == S3Fault::full) return error("403 Forbidden", "QuotaExceeded");
        return error("500 Internal Server Error", "InternalError");
    }
    bool send(ScriptedPeer& peer, const S3Seen& seen, Reply reply, S3Fault fault) {
        const std::string wrong(32, 'a');
        if (fault == S3Fault::wrong_tag) {
            reply.fields = "ETag: \"" + wrong + "\"\r\n";
            if (!reply.body.empty())
                reply.body = "<CompleteMultipartUploadResult><ETag>\"" + wrong +
                             "-3\"</ETag></CompleteMultipartUploadResult>";
        }
        if (fault == S3Fault::other_content) {
            reply.fields = "ETag: \"" + wrong + reply.fields.substr(reply.fields.find("\"\r\n"));
            std::ranges::fill(reply.body, 'x');
        }
        if (fault == S3Fault::shortened) reply.body.resize(reply.body.size() / 2);
        std::string head = "HTTP/1.1 " + reply.status + "\r\n" + reply.fields +
                           "Content-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n";
        if (seen.method == http::Method::head) reply.body.clear();
        if (fault == S3Fault::trickling) return trickle(peer, head, reply.body);
        const bool is_cut = fault == S3Fault::truncated;
        if (is_cut) reply.body.resize(reply.body.size() / 2);
        peer.send(head + reply.body);
        return !is_cut;
    }
    // Of an answer that has no body the head trickles. False: the client has closed the connection.
    bool trickle(ScriptedPeer& peer, const std::string& head, std::string_view body) {
        const std::string whole =
            body.empty() ? "HTTP/1.1 200 OK\r\nX-Padding: " + std::string(10'000, 'x') : std::string(body);
        if (!body.empty()) peer.send(head);
        std::size_t at = 0;
        while (at < whole.size() && !peer.is_closed_within(trickle_pause))
            peer.send(std::string_view(whole).substr(at++, 1));
        const std::lock_guard lock(mutex_);
        trickled_ += at;
        cut_ += at < whole.size() ? 1 : 0;
        changed_.notify_all();
        return at == whole.size();
    }
    S3Fault note(const S3Seen& seen) {
        const std::lock_guard lock(mutex_);
        const std::string what = seen.what();
        ++counts_[what];
        last_headers_[what] = seen.headers;
        changed_.notify_all();
        auto& faults = faults_[what];
        if (faults.empty()) return S3Fault::none;
        const S3Fault fault = faults.front();
        faults.erase(faults.begin());
        return fault;
    }

    Reply answer(const S3Seen& seen) {
        const std::lock_guard lock(mutex_);
        if (seen.find_query("X-Amz-Signature") != nullptr ? !reader_.is_link(seen)
                                                          : !reader_.is_signed(seen)) {
            ++refused_signatures_;
            return error("403 Forbidden", "SignatureDoesNotMatch");
        }
        const std::string content = seen.header("x-amz-content-sha256");
        if (!content.empty() && hash(DigestKind::sha256, seen.body) != content)
            return error("400 Bad Request", "XAmzContentSHA256Mismatch");
        const std::string what = seen.what();
        if (what == "GET bucket") return list(seen);
        if (what == "GET uploads") return list_uploads(seen);
        if (what == "POST uploads") return begin(seen);
        if (what.ends_with(" upload") || what.ends_with(" part")) return answer_upload(seen);
        if (seen.method == http::Method::put) return put(seen);
        if (seen.method != http::Method::del) return find(seen);
        objects_.erase(seen.object);
        return {.status = "204 No Content", .body = {}, .fields = {}};
    }
    Reply put(const S3Seen& seen) {
        Object& object = objects_[seen.object];
        object = {.bytes = seen.body,
                  .tag = tag_of(seen.body),
                  .kind = seen.header("x-amz-meta-lodestone"),
                  .modified_at = now()};
        return {.status = "200 OK", .body = {}, .fields = "ETag: \"" + object.tag + "\"\r\n" + seal_fields()};
    }
    Reply find(const S3Seen& seen) const {
        const auto found = objects_.find(seen.object);
        if (found == objects_.end()) return error("404 Not Found", "NoSuchKey");
        const Object& object = found->second;
        const std::string match = seen.header("if-match");
        if (!match.empty() && strip_tag(match) != object.tag)
            return error("412 Precondition Failed", "PreconditionFailed");
        Reply reply{.status = "200 OK",
                    .body = object.bytes,
                    .fields = "ETag: \"" + object.tag + "\"\r\n" + seal_fields()};
        if (!object.kind.empty()) reply.fields += "x-amz-meta-lodestone: " + object.kind + "\r\n";
        if (const std::string range = seen.header("range"); !range.empty()) {
            std::size_t from = std::stoul(range.substr(range.find('=') + 1));
            if (from >= object.bytes.size()) return error("416 Range Not Satisfiable", "InvalidRange");
            const std::string end = range.substr(range.find('-') + 1);
            std::size_t last = object.bytes.size() - 1;
            if (!end.empty()) last = std::min(last, std::stoul(end));
            from -= seen.shift;
            last -= seen.shift;
            reply.status = "206 Partial Content";
            reply.body = object.bytes.substr(from, last - from + 1);
            reply.fields += "Content-Range: bytes " + std::to_string(from) + "-" + std::to_string(last) +
                            "/" + std::to_string(object.bytes.size()) + "\r\n";
        }
        return reply;
    }
    // In pages of three, whatever is asked for: whoever reads on has to.
    Reply list(const S3Seen& seen) const {
        const std::string prefix = lists_everything_ ? "" : *seen.find_query("prefix");
        const std::size_t most = std::min<std::size_t>(std::stoul(*seen.find_query("max-keys")), 3);
        const std::string* const after = seen.find_query("continuation-token");
        std::string xml =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"x\"><Name>bucket</Name>";
        std::string last;
        std::size_t number = 0;
        bool is_truncated = false;
        for (const auto& [name, object] : objects_) {
            if (!name.starts_with(prefix) || (after != nullptr && name <= *after)) continue;
            is_truncated = number++ == most;
            if (is_truncated) break;
            last = name;
            xml += "<Contents><Key>" + name + "</Key><LastModified>" + render_rfc3339(object.modified_at) +
                   "</LastModified><Size>" + std::to_string(object.bytes.size()) + "</Size></Contents>";
        }
        xml += is_truncated ? "<IsTruncated>true</IsTruncated><NextContinuationToken>" + last +
                                  "</NextContinuationToken>"
                            : std::string("<IsTruncated>false</IsTruncated>");
        return {.status = "200 OK", .body = xml + "</ListBucketResult>", .fields = {}};
    }
    // In pages of three, too.
    Reply list_uploads(const S3Seen& seen) const {
        const std::string* const key = seen.find_query("key-marker");
        const std::string* const after = seen.find_query("upload-id-marker");
        std::vector<std::pair<std::string, std::string>> sorted;
        for (const auto& [id, upload] : uploads_)
            if (key == nullptr || std::pair(upload.object, id) > std::pair(*key, *after))
                sorted.emplace_back(upload.object, id);
        std::ranges::sort(sorted);
        const bool is_truncated = sorted.size() > 3;
        if (is_truncated) sorted.resize(3);
        std::string xml = "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>";
        if (is_truncated)
            xml = "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>" +
                  sorted.back().first + "</NextKeyMarker><NextUploadIdMarker>" + sorted.back().second +
                  "</NextUploadIdMarker>";
        for (const auto& [object, id] : sorted)
            xml += "<Upload><Key>" + object + "</Key><UploadId>" + id + "</UploadId><Initiated>" +
                   uploads_.at(id).begun_at + "</Initiated></Upload>";
        return {.status = "200 OK", .body = xml + "</ListMultipartUploadsResult>", .fields = {}};
    }
    Reply begin(const S3Seen& seen) {
        const std::string id = std::to_string(++made_);
        uploads_[id] = {.object = seen.object, .begun_at = "2099-01-01T00:00:00.000Z", .parts = {}};
        return {.status = "200 OK",
                .body = "<InitiateMultipartUploadResult><UploadId>" + id +
                        "</UploadId></InitiateMultipartUploadResult>",
                .fields = {}};
    }
    Reply answer_upload(const S3Seen& seen) {
        const auto found = uploads_.find(*seen.find_query("uploadId"));
        if (found == uploads_.end() || found->second.object != seen.object)
            return error("404 Not Found", "NoSuchUpload");
        Upload& upload = found->second;
        if (const std::string* number = seen.find_query("partNumber"); number != nullptr) {
            upload.parts[std::stoi(*number)] = seen.body;
            return {.status = "200 OK",
                    .body = {},
                    .fields = "ETag: \"" + tag_of(seen.body) + "\"\r\n" + seal_fields()};
        }
        if (seen.method == http::Method::get)
            return {.status = "200 OK", .body = "<ListPartsResult></ListPartsResult>", .fields = {}};
        if (seen.method == http::Method::post) return complete(seen, found->first);
        uploads_.erase(found);
        return {.status = "204 No Content", .body = {}, .fields = {}};
    }
    Reply complete(const S3Seen& seen, const std::string& id) {
        const Upload& upload = uploads_.at(id);
        std::string whole;
        std::string tags;
        int number = 0;
        for (auto at = seen.body.find("&quot;"); at != std::string::npos;
             at = seen.body.find("&quot;", at + 1)) {
            const std::string tag = seen.body.substr(at + 6, 32);
            at = seen.body.find("&quot;", at + 1);
            const auto part = upload.parts.find(++number);
            if (part == upload.parts.end() || tag_of(part->second) != tag)
                return error("400 Bad Request", "InvalidPart");
            const bool is_last = seen.body.find("&quot;", at + 1) == std::string::npos;
            if (!is_last && part->second.size() < 5 * limits::mib)
                return error("400 Bad Request", "EntityTooSmall");
            whole += part->second;
            for (std::size_t i = 0; i < 32; i += 2)
                tags += static_cast<char>(hex_value(tag[i]) << 4 | hex_value(tag[i + 1]));
        }
        const std::string tag = tag_of(tags) + "-" + std::to_string(number);
        objects_[seen.object] = {.bytes = std::move(whole), .tag = tag, .kind = {}, .modified_at = now()};
        uploads_.erase(id);
        return {.status = "200 OK",
                .body = "<CompleteMultipartUploadResult><ETag>&quot;" + tag +
                        "&quot;</ETag></CompleteMultipartUploadResult>",
                .fields = seal_fields()};
    }

    Time now() const { return now_.value_or(SystemClock().now()); }

    const blobs::S3Addressing addressing_;
    const S3RequestReader reader_{addressing_};
    std::optional<Time> now_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, Object> objects_;
    std::map<std::string, Upload> uploads_;
    std::map<std::string, std::vector<S3Fault>> faults_;
    std::map<std::string, std::size_t> counts_;
    std::map<std::string, std::map<std::string, std::string>> last_headers_;
    std::size_t made_ = 0;
    std::size_t cut_ = 0;
    std::size_t trickled_ = 0;
    bool is_sealing_ = false;
    bool lists_everything_ = false;
    std::size_t refused_signatures_ = 0;
    ScriptedServer server_{[this](ScriptedPeer& peer) { serve(peer); }};
};

}  // namespace lodestone::test
