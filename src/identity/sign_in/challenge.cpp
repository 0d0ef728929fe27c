// Challenges as JSON under seal.
#include "identity/sign_in/challenge.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/ensure.hpp"
#include "base/limits.hpp"

namespace lodestone::identity {

namespace {

constexpr std::string_view place = "second factor challenge";

std::int64_t micros(Time time) {
    return time.time_since_epoch().count();
}

Time time_of(const boost::json::value& value) {
    return Time{std::chrono::microseconds{value.as_int64()}};
}

}  // namespace

std::string seal_challenge(const Challenge& challenge, const Sealer& sealer, Random& random) {
    boost::json::object object{{"tenant", challenge.tenant.text()},
                               {"user", challenge.user.text()},
                               {"account", challenge.account},
                               {"method", boost::describe::enum_to_string(challenge.method, "")},
                               {"made_at", micros(challenge.made_at)},
                               {"password_changed_at", nullptr},
                               {"goes_on_at", challenge.goes_on_at}};
    if (challenge.password_changed_at) object["password_changed_at"] = micros(*challenge.password_changed_at);
    return sealer.seal(boost::json::serialize(object), place, random);
}

std::optional<Challenge> open_challenge(std::string_view text, const Sealer& sealer, Time now) {
    const std::optional<std::string> plain = sealer.open(text, place);
    if (!plain) return std::nullopt;
    // Sealed by us: whatever is not as we wrote it is a bug.
    boost::system::error_code error;
    const boost::json::value parsed = boost::json::parse(*plain, error);
    ensure(!error && parsed.is_object(), "a sealed challenge is ours");
    const boost::json::object& object = parsed.get_object();
    Challenge challenge;
    challenge.tenant = TenantId::trusted(std::string(object.at("tenant").as_string()));
    challenge.user = UserId::trusted(std::string(object.at("user").as_string()));
    challenge.account = std::string(object.at("account").as_string());
    ensure(boost::describe::enum_from_string(object.at("method").as_string().c_str(), challenge.method),
           "a sealed method is one of ours");
    challenge.made_at = time_of(object.at("made_at"));
    if (const auto& changed = object.at("password_changed_at"); !changed.is_null())
        challenge.password_changed_at = time_of(changed);
    if (const auto* page = object.if_contains("goes_on_at"))  // nodes of before leave it out
        challenge.goes_on_at = std::string(page->as_string());
    if (now < challenge.made_at || now - challenge.made_at >= limits::challenge_lifetime) return std::nullopt;
    return challenge;
}

}  // namespace lodestone::identity
