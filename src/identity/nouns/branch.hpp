// Branches: the sites and environments of an app, where its services run.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "db/noun.hpp"
#include "db/page.hpp"
#include "identity/rules/ids.hpp"

namespace lodestone::identity {

enum class BranchType : std::uint8_t { headquarters, regional, store, warehouse, franchise, office, other };
BOOST_DESCRIBE_ENUM(BranchType, headquarters, regional, store, warehouse, franchise, office, other)

enum class BranchStatus : std::uint8_t { active, disabled };
BOOST_DESCRIBE_ENUM(BranchStatus, active, disabled)

struct Branch : db::Noun {
    BranchId id;  // made by make_id(), or chosen by whoever makes the branch; means something in its app only
    std::string code;  // short, for people: "BER-1"
    std::string name;
    BranchType type = BranchType::other;
    BranchStatus status = BranchStatus::active;
    std::string address = "{}";   // JSON of a BranchAddress …
    std::string contact = "{}";   // … of a BranchContact …
    std::string settings = "{}";  // … and of BranchSettings (branch_details.hpp)
    std::string metadata = "{}";  // a JSON object of the client's own

    bool operator==(const Branch&) const = default;
};
BOOST_DESCRIBE_STRUCT(Branch, (db::Noun),
                      (id, code, name, type, status, address, contact, settings, metadata))

// Two branches of an app never have the same code, case aside; names may be alike.
std::optional<Branch> find_branch(db::Tx& tx, const TenantId& tenant, const AppId& app, const BranchId& id);
std::optional<Branch> find_branch_by_code(db::Tx& tx, const TenantId& tenant, const AppId& app,
                                          std::string_view code);
// Filters: type, status, name (what it begins with), search (what name or code hold). Sorts: name,
// created_at, -created_at.
db::Page<Branch> list_branches(db::Tx& tx, const TenantId& tenant, const AppId& app,
                               const db::ListRequest& request);

// These answer with what is stored now, and refuse with a Problem as a tenant's do. An app that is not there,
// or is another tenant's, has no branches: not_found.
Branch insert_branch(db::Tx& tx, const TenantId& tenant, const AppId& app, Branch branch);
Branch update_branch(db::Tx& tx, const TenantId& tenant, const AppId& app, Branch branch);
// Verbs for update_branch(); what has the status already is answered as it is.
Branch disable_branch(db::Tx& tx, const TenantId& tenant, const AppId& app, const BranchId& id);
Branch activate_branch(db::Tx& tx, const TenantId& tenant, const AppId& app, const BranchId& id);
Branch delete_branch(db::Tx& tx, const TenantId& tenant, const AppId& app, Branch branch);
Branch restore_branch(db::Tx& tx, const TenantId& tenant, const AppId& app, const BranchId& id);

}  // namespace lodestone::identity
