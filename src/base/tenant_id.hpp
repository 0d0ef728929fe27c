// Whose something is. Every floor knows a tenant's id, though only identity/ knows what a tenant is.
#pragma once

#include "base/id.hpp"

namespace lodestone {

using TenantId = Id<struct TenantTag>;

}  // namespace lodestone
