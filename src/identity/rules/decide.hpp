// The decision: whether somebody may do something, and why. Pure: everything it looks at is given to it. This
// is the one function that says yes; who asks, and what is done with the answer, is src/identity/gate.
//
// In this order, and the first that speaks decides:
//   1  what is not in the catalogue of permissions, nobody may do
//   2  the wall: what belongs to another tenant is not there, but for what is public there, which is judged
//   as
//      if a stranger asked; what belongs to the installation is for those who run it; a platform
//      administrator manages tenants, and sees nothing inside them
//   3  from where: the tenant's lists of addresses; and a suspended tenant shows nothing to strangers
//   4  who has to choose a new password, or to add a second factor, does that first, or signs out
//   5  the scopes of what was shown, of the app whose key it is, and of the ticket for it; not where
//   strangers may read as well:
//      whoever shows something good gets no less than who shows nothing
//   6  policies that deny; the owner may always mend the policies, so that no tenant locks itself out
//   7  what allows: platform administration, what is one's own, what is public, a role, a policy
//   8  nothing did: no
// Of a permission that is contained in another one (Permission::contained_in) a yes to that is a yes as well.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "identity/rules/conditions.hpp"
#include "identity/rules/principal.hpp"
#include "identity/rules/resource.hpp"

namespace lodestone::identity {

struct Decision {
    bool is_allowed = false;
    bool is_hidden = false;  // refused, and whoever asks must not learn whether the thing is there
    std::string rule;        // what decided: "role:developer", "policy:ID", "scope", "tenant", "default" …
    std::string reason;      // one sentence for people
};

// Whether what is allowed needs its rule and reason: nobody reads those of a request that passes.
enum class Words : std::uint8_t { always, for_refusals };

Decision decide(const Principal& principal, std::string_view permission, const Resource& resource,
                const Circumstances& circumstances, Words words = Words::always);

// Of `all` packages of a repository, as place_in_repository() makes it: false where decide() says no to each
// of them, whatever it is called. So whoever walks over many asks first, and need not look at every one.
bool may_allow_inside(const Principal& principal, std::string_view permission, const Resource& all,
                      const Circumstances& circumstances);

// Likewise: true where decide() says yes to each of them. So a list of all can be one that was made before.
bool allows_all_inside(const Principal& principal, std::string_view permission, const Resource& all,
                       const Circumstances& circumstances);

// Step 3 alone, for what needs no permission.
std::optional<Decision> find_address_refusal(const Principal& principal, const Circumstances& circumstances);

// Rules that clients have to tell from others: each has a problem of its own (gate/refusals.cpp).
namespace rules {
inline constexpr std::string_view password = "password";
inline constexpr std::string_view second_factor = "second_factor";
inline constexpr std::string_view address = "address";
inline constexpr std::string_view ticket_scope = "ticket_scope";
}  // namespace rules

// The attribute that names the user whose own a thing is.
inline constexpr const char* owner_attribute = "owner";

}  // namespace lodestone::identity
