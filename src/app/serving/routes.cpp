// The list of route tables. What is not in it is not served.
#include "app/serving/routes.hpp"

#include <array>
#include <vector>

#include "api/routes.hpp"
#include "app/serving/system_routes.hpp"
#include "packages/format.hpp"
#include "web/console.hpp"
#include "web/web_login.hpp"

namespace lodestone::app {

std::span<const std::span<const http::Route>> program_routes() {
    static const std::vector<http::Route> formats = packages::list_routes(packages::served_formats());
    static const std::array<std::span<const http::Route>, 5> tables{
        system_routes(), api::api_routes(), web::console_routes(), web::web_login_routes(), formats};
    return tables;
}

}  // namespace lodestone::app
