// The ids of everything that identity keeps. All but a tenant's mean something only together with its
// tenant's.
#pragma once

#include "base/tenant_id.hpp"

namespace lodestone::identity {

using AppId = Id<struct AppTag>;
using BranchId = Id<struct BranchTag>;
using UserId = Id<struct UserTag>;
using UserIdentityId = Id<struct UserIdentityTag>;
using OwnershipTransferId = Id<struct OwnershipTransferTag>;
using RoleId = Id<struct RoleTag>;  // a built-in role's is its name
using PolicyId = Id<struct PolicyTag>;
using KeyId = Id<struct KeyTag>;
using SessionId = Id<struct SessionTag>;
using RefreshTokenId = Id<struct RefreshTokenTag>;
using InvitationId = Id<struct InvitationTag>;
using ResetLinkId = Id<struct ResetLinkTag>;
using ProviderId = Id<struct ProviderTag>;      // whom people sign in with
using PublisherId = Id<struct PublisherTag>;    // whose pipelines may publish
using RepositoryId = Id<struct RepositoryTag>;  // not kept here, but asked about

}  // namespace lodestone::identity
