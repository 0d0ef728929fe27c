// The duties of a session, by its tenant's settings.
#include "identity/nouns/duties.hpp"

namespace lodestone::identity {

AuthMethod auth_method_of(SignInMethod method) {
    return method == SignInMethod::provider ? AuthMethod::oidc : AuthMethod::password;
}

Duties find_duties(const SessionFacts& facts, const SignInSettings& settings, Time now) {
    const auto oldest = std::chrono::days(settings.password_policy.max_age_days);
    const bool is_expired = oldest.count() > 0 && facts.method != SignInMethod::provider &&
                            facts.password_changed_at && now - *facts.password_changed_at >= oldest;
    return {.must_change_password = facts.must_change_password || is_expired,
            .must_add_second_factor = settings.is_second_factor_required && !facts.has_second_factor};
}

}  // namespace lodestone::identity
