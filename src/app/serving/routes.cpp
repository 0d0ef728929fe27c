// The list of route tables. What is not in it is not served.
#include "app/serving/routes.hpp"

#include <vector>

#include "api/routes.hpp"
#include "app/serving/system_routes.hpp"
#include "packages/format.hpp"
#include "web/console.hpp"

namespace lodestone::app {

std::span<const std::span<const http::Route>> program_routes() {
    static const std::vector<std::span<const http::Route>> tables = [] {
        std::vector<std::span<const http::Route>> all{system_routes(), api::api_routes(),
                                                      web::console_routes()};
        for (const packages::Format* format : packages::served_formats()) all.push_back(format->routes);
        return all;
    }();
    return tables;
}

}  // namespace lodestone::app
