// Requests as an S3-compatible store sees them: what they ask for, and whether they are signed as they say.
#pragma once

#include <algorithm>
#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "blobs/store/s3_bucket.hpp"
#include "http/message/path.hpp"
#include "support/scripted_server.hpp"

namespace lodestone::test {

struct S3Seen {
    http::Method method{};
    std::string host;
    std::string path;  // as it came
    std::string object;
    blobs::S3Fields query;
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
    std::size_t shift = 0;  // of the range that it is answered with

    const std::string* find_query(std::string_view name) const {
        const auto found = std::ranges::find(query, name, &std::pair<std::string, std::string>::first);
        return found == query.end() ? nullptr : &found->second;
    }
    std::string header(const std::string& name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? "" : found->second;
    }
    // "PUT part", "POST complete": for scripts and counts.
    std::string what() const {
        const std::string name(http::method_name(method));
        if (find_query("partNumber") != nullptr) return name + " part";
        if (find_query("uploadId") != nullptr) return name + " upload";
        if (find_query("uploads") != nullptr) return name + " uploads";
        return object.empty() ? name + " bucket" : name + " object";
    }
};

class S3RequestReader {
  public:
    explicit S3RequestReader(blobs::S3Addressing addressing) : addressing_(addressing) {}

    const blobs::S3Credentials& credentials() const { return credentials_; }

    std::optional<S3Seen> read(ScriptedPeer& peer) const {
        const std::string head = peer.read_head();
        if (head.empty()) return std::nullopt;
        S3Seen seen;
        std::string_view rest = head;
        const auto take = [&](std::string_view end) {
            const auto at = rest.find(end);
            const std::string taken(rest.substr(0, at));
            rest.remove_prefix(at + end.size());
            return taken;
        };
        seen.method = *http::parse_method(take(" "));
        std::string target = take(" ");
        take("\r\n");
        for (std::string line = take("\r\n"); !line.empty(); line = take("\r\n")) {
            std::string name = line.substr(0, line.find(": "));
            std::ranges::transform(name, name.begin(),
                                   [](char c) { return static_cast<char>(std::tolower(c)); });
            seen.headers[name] = line.substr(line.find(": ") + 2);
        }
        seen.host = seen.header("host");
        if (const auto query = target.find('?'); query != std::string::npos) {
            const auto parsed = http::parse_query(std::string_view(target).substr(query + 1));
            seen.query = parsed.parameters();
            target.resize(query);
        }
        seen.path = target;
        std::string_view object = seen.path;
        object.remove_prefix(1);
        if (addressing_ == blobs::S3Addressing::path)
            object =
                object == "bucket" ? std::string_view() : object.substr(std::string_view("bucket/").size());
        seen.object = object;
        if (const std::string length = seen.header("content-length"); !length.empty() && length != "0")
            seen.body = peer.read_bytes(std::stoul(length));
        return seen;
    }
    // As the client signed it, from what came.
    bool is_signed(const S3Seen& seen) const {
        const std::string text = seen.header("authorization");
        const auto part = [&](const std::string& name) {
            const auto at = text.find(name + "=");
            return at == std::string::npos
                       ? std::string()
                       : text.substr(at + name.size() + 1, text.find(',', at) - at - name.size() - 1);
        };
        blobs::S3SignedRequest request = describe(seen, seen.header("x-amz-content-sha256"));
        request.query = seen.query;
        std::string names = part("SignedHeaders") + ";";
        for (auto at = names.find(';'); at != std::string::npos;
             names.erase(0, at + 1), at = names.find(';')) {
            const std::string name = names.substr(0, at);
            if (name != "host") request.headers.emplace_back(name, seen.header(name));
        }
        const bool is_host_right =
            addressing_ == blobs::S3Addressing::path || seen.host.starts_with("bucket.");
        return is_host_right && sign_s3_request(request, signer_at(seen.header("x-amz-date"))) == text;
    }

    // A URL that was given away, as it was made.
    bool is_link(const S3Seen& seen) const {
        const auto value = [&](std::string_view name) { return *seen.find_query(name); };
        const std::chrono::seconds lifetime(std::stol(value("X-Amz-Expires")));
        return sign_s3_link(describe(seen, "UNSIGNED-PAYLOAD"), signer_at(value("X-Amz-Date")), lifetime)
            .ends_with("&X-Amz-Signature=" + value("X-Amz-Signature"));
    }

  private:
    static blobs::S3SignedRequest describe(const S3Seen& seen, std::string payload_hash) {
        return {.method = seen.method,
                .host = seen.host,
                .path = seen.path,
                .query = {},
                .headers = {},
                .payload_hash = std::move(payload_hash)};
    }
    blobs::S3Signer signer_at(const std::string& date) const {
        std::tm time{};
        ::strptime(date.c_str(), "%Y%m%dT%H%M%SZ", &time);
        const Time now(std::chrono::seconds(::timegm(&time)));
        return {.credentials = credentials_, .region = "here-1", .now = now};
    }

    const blobs::S3Addressing addressing_;
    const blobs::S3Credentials credentials_{.access_key = "tester", .secret_key = "se/cr+et"};
};

}  // namespace lodestone::test
