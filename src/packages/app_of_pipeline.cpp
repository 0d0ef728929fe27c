// One row: nothing is remembered of what strangers ask.
#include "packages/app_of_pipeline.hpp"

#include "db/database.hpp"
#include "identity/identity.hpp"
#include "packages/repository.hpp"

namespace lodestone::packages {

Task<std::optional<identity::AppId>> find_app_of_pipeline(const Context& context,
                                                          const http::Request& request) {
    const TenantId tenant = TenantId::trusted(request.parameter("tenant"));
    auto find = [&](db::Tx& tx) {
        return find_repository_called(tx, tenant, request.parameter("repository"));
    };
    const auto repository = co_await context.database->read(identity::make_unit(request), find);
    if (!repository) co_return identity::AppId();
    if (repository->app_id.is_empty()) co_return std::nullopt;
    co_return repository->app_id;
}

}  // namespace lodestone::packages
