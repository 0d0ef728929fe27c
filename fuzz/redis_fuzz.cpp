// Fuzzes what Redis may answer, and where it may be: bounded, and what is accepted survives being written.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/change_mark.hpp"
#include "base/ensure.hpp"
#include "base/redis_limits.hpp"
#include "cache/redis_url.hpp"
#include "cache/redis_watch.hpp"
#include "cache/resp.hpp"

using lodestone::ensure;
using namespace lodestone::cache;

namespace {

void check_reply(std::string_view bytes) {
    const RespParsed parsed = parse_resp(bytes);
    ensure(!parsed.reply || !parsed.is_broken, "it is one of the two");
    if (!parsed.reply) return;
    ensure(parsed.used_bytes > 0 && parsed.used_bytes <= bytes.size(), "a reply has bytes");
    ensure(parsed.used_bytes <= lodestone::limits::redis_reply_bytes, "a reply is bounded");
    const RespParsed whole = parse_resp(bytes.substr(0, parsed.used_bytes));
    ensure(whole.reply == parsed.reply, "what comes behind a reply does not change it");
    const RespParsed short_of = parse_resp(bytes.substr(0, parsed.used_bytes - 1));
    ensure(!short_of.reply && !short_of.is_broken, "the beginning of a reply is waited for");
    const std::string written = render_resp(*parsed.reply);
    if (written.size() <= lodestone::limits::redis_reply_bytes)
        ensure(parse_resp(written).reply == parsed.reply, "a reply survives being written");
}

void check_url(std::string_view text) {
    const auto url = parse_redis_url(text);
    if (!url) return;
    ensure(!url->host.empty() && url->port != 0, "a URL says where");
    auto place = parse_redis_url(render_redis_place(*url));
    ensure(place.has_value() && place->user.empty() && place->password.empty(), "no secret is shown");
    place->user = url->user;
    place->password = url->password;
    ensure(place == url, "a place survives being written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_reply(text);
    check_url(text);
    const std::string payload(text);
    ensure(!lodestone::read_payload("node", lodestone::mark_payload("node", payload)),
           "one's own is not heard");
    ensure(lodestone::read_payload("edon", lodestone::mark_payload("node", payload)) == payload,
           "others' is");
    return 0;
}
