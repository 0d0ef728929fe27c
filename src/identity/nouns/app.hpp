// Apps: the products and teams inside a tenant, which own repositories, services, projects and keys.
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

enum class AppType : std::uint8_t { web, mobile, api, desktop, service };
BOOST_DESCRIBE_ENUM(AppType, web, mobile, api, desktop, service)

enum class AppStatus : std::uint8_t { active, disabled };
BOOST_DESCRIBE_ENUM(AppStatus, active, disabled)

struct App : db::Noun {
    AppId id;  // made by make_id(), or chosen by whoever makes the app
    std::string name;
    AppType type = AppType::service;
    AppStatus status = AppStatus::active;  // of a disabled one the keys are good for nothing
    std::string config = "{}";             // JSON of an AppConfig (app_config.hpp)
    std::string metadata = "{}";           // a JSON object of the client's own

    bool operator==(const App&) const = default;
};
BOOST_DESCRIBE_STRUCT(App, (db::Noun), (id, name, type, status, config, metadata))

// Two apps of a tenant never have the same name, case aside; a deleted one's name is free for others.
std::optional<App> find_app(db::Tx& tx, const TenantId& tenant, const AppId& id);
std::optional<App> find_app_by_name(db::Tx& tx, const TenantId& tenant, std::string_view name);
// Filters: type, status, name (what it begins with), search (what it holds). Sorts: name, created_at,
// -created_at.
db::Page<App> list_apps(db::Tx& tx, const TenantId& tenant, const db::ListRequest& request);

// These answer with what is stored now, and refuse with a Problem as a tenant's do. A tenant that is not
// there has no apps: not_found. One that has all the apps it may have: conflict.
App insert_app(db::Tx& tx, const TenantId& tenant, App app);
App update_app(db::Tx& tx, const TenantId& tenant, App app);  // all but its id
// Verbs for update_app(); what has the status already is answered as it is.
App disable_app(db::Tx& tx, const TenantId& tenant, const AppId& id);
App activate_app(db::Tx& tx, const TenantId& tenant, const AppId& id);
App delete_app(db::Tx& tx, const TenantId& tenant, App app);  // can be restored until it is purged
App restore_app(db::Tx& tx, const TenantId& tenant, const AppId& id);

// Refuses (not_found) to go on below an app that is deleted, or was never there.
void check_app_is_there(db::Tx& tx, const TenantId& tenant, const AppId& id);

}  // namespace lodestone::identity
