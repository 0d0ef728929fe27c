// What a handler answers. Set a validator (etag or last_modified) and conditional requests and ranges are
// answered for you; set a length-less source and it goes out chunked.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.hpp"
#include "base/unique_fd.hpp"
#include "http/message/headers.hpp"
#include "http/message/range.hpp"
#include "http/wire/body.hpp"

namespace lodestone::http {

// Bytes that somebody else keeps alive: embedded assets, a rendered index in a cache.
struct SharedBytes {
    std::shared_ptr<const void> owner;  // may be null for what lives for ever
    std::string_view bytes;
};

// Part of an open file, sent with sendfile(2).
struct FileSlice {
    std::shared_ptr<const UniqueFd> file;
    std::uint64_t offset = 0;
    std::uint64_t size_bytes = 0;
};

// Bytes that are had from elsewhere, from any offset on: an object in a store. Nothing is fetched before it
// is known which of them go out.
class SeekableSource {
  public:
    virtual ~SeekableSource() = default;
    virtual std::uint64_t size_bytes() const = 0;
    // One range of it after the other; must not outlive this.
    virtual Task<std::unique_ptr<BodySource>> open(ByteRange range) = 0;
};

using ResponseBody = std::variant<std::monostate, std::string, SharedBytes, FileSlice,
                                  std::unique_ptr<BodySource>, std::unique_ptr<SeekableSource>>;

struct Response {
    int status = 200;
    // In place of the status's name, for clients that show people nothing else of a refusal; what is no
    // visible ASCII goes out as '?', and what is longer than limits::reason_phrase_bytes is cut.
    std::string reason;
    Headers headers;
    ResponseBody body;
    std::string etag;  // with its quotes: "\"abc\""; strong
    std::optional<Time> last_modified;
    bool must_close = false;  // end the connection after this answer

    static Response text(int status, std::string body,
                         std::string_view content_type = "text/plain; charset=utf-8");
    static Response json(int status, std::string body) {
        return text(status, std::move(body), "application/json");
    }
    static Response empty(int status = 204);
};

// "OK" for 200 …; empty for what has no name.
std::string_view status_text(int status);

}  // namespace lodestone::http
