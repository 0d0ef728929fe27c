// Sentences for people, each where it is true.
#include "formats/npm/notice.hpp"

#include <charconv>

#include "base/npm_limits.hpp"
#include "base/time_text.hpp"
#include "db/database.hpp"
#include "identity/identity.hpp"
#include "identity/rules/principal.hpp"
#include "packages/usage.hpp"

namespace lodestone::formats::npm {

using http::Request;
using http::Response;

namespace {

// 11 of "npm/11.6.2 node/v22 …"; 0 of any other client.
int major_of_npm(std::string_view agent) {
    constexpr std::string_view npm = "npm/";
    int major = 0;
    if (agent.starts_with(npm))
        std::from_chars(agent.data() + npm.size(), agent.data() + agent.size(), major);
    return major;
}

}  // namespace

void add_notice(Response& response, std::string_view sentence) {
    std::string text(response.headers.find("npm-notice").value_or(""));
    if (!text.empty()) text += ' ';
    response.headers.set("npm-notice", text.append(sentence));
}

void notice_end_of_key(const Context& context, const Request& request, Response& response) {
    const identity::Principal& who = *request.principal;
    if (!who.key || who.key_terms.expires_at - context.clock.now() > limits::npm_notice_before) return;
    add_notice(response, "The key that you use ends at " + render_rfc3339(who.key_terms.expires_at) +
                             ": make another one before.");
}

Task<> notice_lack_of_room(Context& context, const Request& request, const Place& place, Response& response) {
    const auto most = place.repository->settings.quota.max_bytes;
    if (!most || *most <= 0) co_return;
    auto find = [&](db::Tx& tx) { return packages::find_usage(tx, place.in_repository()); };
    const packages::Usage usage = co_await context.database->read(identity::make_unit(request), find);
    if (usage.bytes < *most - *most / limits::npm_notice_room_part) co_return;
    add_notice(response, "The repository " + place.repository->name + " holds " +
                             std::to_string(usage.bytes) + " of the " + std::to_string(*most) +
                             " bytes that it may.");
}

void notice_web_login(const Request& request, Response& response) {
    if (major_of_npm(request.header("user-agent").value_or("")) < limits::npm_major_of_web_login) return;
    add_notice(response,
               "You need not type a password here: npm login without --auth-type=legacy signs in by a page.");
}

void notice_return(Response& response) {
    add_notice(response,
               "Until it is purged, whoever has package:restore can bring it back by the API; its name and "
               "version stay taken.");
}

void notice_deprecated(const packages::Version& version, std::string_view tag, Response& response) {
    const bool is_yanked = version.state == packages::VersionState::yanked;
    if (!is_yanked && version.deprecation.empty()) return;
    add_notice(response, "The tag " + std::string(tag) + " leads to " + version.name + ", which is " +
                             (is_yanked ? "yanked." : "deprecated."));
}

}  // namespace lodestone::formats::npm
