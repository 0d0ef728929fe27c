// What is public is shown to everybody, but not who made it, nor how it is set up: that is for those who
// belong to the tenant. A view that says more of that than its stamps has a leave_out_insides() of its own.
#pragma once

#include "api/noun_calls.hpp"
#include "identity/rules/principal.hpp"

namespace lodestone::api {

inline bool is_outsider(const Call& call, const TenantId& tenant) {
    return call.principal().is_anonymous() || call.principal().tenant != tenant;
}

inline void leave_out_insides(Stamped& view) {
    view.created_by.clear();
    view.updated_by.clear();
}

template <class View>
View as_seen_by(const Call& call, const TenantId& tenant, View view) {
    if (is_outsider(call, tenant)) leave_out_insides(view);
    return view;
}

}  // namespace lodestone::api
