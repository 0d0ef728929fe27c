// Ownership over HTTP: who owns a tenant, who did, and giving it to somebody else.
#include "api/owners.hpp"

#include <array>
#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/giving.hpp"
#include "api/noun_calls.hpp"
#include "identity/nouns/tenant_owner.hpp"

namespace lodestone::api {

using identity::UserId;

struct OwnershipGift {
    UserId user_id;
    std::optional<Text<limits::reason_bytes, 0>> reason;
};
BOOST_DESCRIBE_STRUCT(OwnershipGift, (), (user_id, reason))

struct OwnerView {
    UserId user_id;
    Time since;
    std::string granted_by;
};
BOOST_DESCRIBE_STRUCT(OwnerView, (), (user_id, since, granted_by))

struct OwnershipTransferView {
    identity::OwnershipTransferId id;
    std::optional<UserId> previous_owner;
    UserId new_owner;
    std::string transferred_by;
    std::optional<TenantId> transferred_by_tenant;
    std::string reason;
    Time transferred_at;
};
BOOST_DESCRIBE_STRUCT(OwnershipTransferView, (),
                      (id, previous_owner, new_owner, transferred_by, transferred_by_tenant, reason,
                       transferred_at))

struct OwnershipFilters {
    static constexpr std::array<std::string_view, 1> sorts{"-transferred_at"};
};
BOOST_DESCRIBE_STRUCT(OwnershipFilters, (), ())

namespace {

using db::Tx;

Task<Shown<OwnerView>> show_owner(Call& call) {
    const auto tenant = call.id<TenantId>("tenant");
    auto find = [&](Tx& tx) { return identity::find_tenant_owner(tx, tenant); };
    co_return co_await show_found<OwnerView>(call, "owner of tenant", tenant.text(), find);
}

Task<Shown<OwnershipTransferView>> transfer_ownership(Call& call, OwnershipGift gift) {
    const auto tenant = call.id<TenantId>("tenant");
    identity::OwnershipTransfer transfer;
    transfer.id = call.new_id<identity::OwnershipTransferId>();
    transfer.new_owner = gift.user_id;
    carry(gift.reason, transfer.reason);
    check_may_give_ownership(call.principal());
    auto run = [&](Tx& tx) {
        return make_view<OwnershipTransferView>(identity::transfer_ownership(tx, tenant, transfer));
    };
    Shown<OwnershipTransferView> shown{co_await call.write(run)};
    co_return shown;
}

Task<Listed<OwnershipTransferView>> list_transfers(Call& call, ListQuery<OwnershipFilters> query) {
    const auto tenant = call.id<TenantId>("tenant");
    auto list = [&](Tx& tx) { return identity::list_ownership_transfers(tx, tenant, query.request); };
    co_return co_await list_found<OwnershipTransferView>(call, list);
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<show_owner>(get, "/api/v1/tenants/{tenant}/owner", on("tenant:read", "tenant"), "showOwner",
                         "Shows who owns the tenant."),
    endpoint<transfer_ownership>(put, "/api/v1/tenants/{tenant}/owner", on("tenant:transfer", "tenant"),
                                 "transferOwnership", "Gives the tenant to another of its users."),
    endpoint<list_transfers>(get, "/api/v1/tenants/{tenant}/ownership-history", on("tenant:read", "tenant"),
                             "listOwnershipTransfers", "Lists who has owned the tenant, the newest first."),
};

}  // namespace

std::span<const Endpoint> owner_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
