// What somebody holds by ownership, roles and memberships, as the tables have it inside a unit of work; what
// the gate believes may be a moment older. Without policies.
#pragma once

#include <cstdint>
#include <memory>

#include "db/tx.hpp"
#include "identity/rules/ids.hpp"
#include "identity/rules/rights.hpp"

namespace lodestone::identity {

// Roles of the tenant's own that give nothing at the moment, but may again.
enum class InactiveRoles : std::uint8_t { left_out, counted };

std::shared_ptr<const Rights> find_held_roles(db::Tx& tx, const TenantId& tenant, const UserId& user,
                                              InactiveRoles inactive);

}  // namespace lodestone::identity
