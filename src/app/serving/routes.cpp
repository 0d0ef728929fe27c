// The list of route tables. What is not in it is not served.
#include "app/serving/routes.hpp"

#include <array>

#include "api/routes.hpp"
#include "app/serving/system_routes.hpp"
#include "web/console.hpp"

namespace lodestone::app {

std::span<const std::span<const http::Route>> program_routes() {
    static const std::array tables{system_routes(), api::api_routes(), web::console_routes()};
    return tables;
}

}  // namespace lodestone::app
