// A repository's part in what the rules see.
#include "identity/gate/repository_directory.hpp"

#include <utility>

namespace lodestone::identity {

void place_in_repository(Resource& resource, const RepositoryFacts* facts, std::string_view asked_name) {
    const std::string name = facts == nullptr ? std::string(asked_name) : facts->name;
    if (resource.type == "package") {
        if (facts != nullptr && facts->fold_name != nullptr && !resource.id.empty())
            resource.id = facts->fold_name(resource.id);
        resource.id = name + '/' + (resource.id.empty() ? "*" : resource.id);
    } else if (resource.type == "repository") {
        resource.id = name;
    }
    if (facts == nullptr) return;
    resource.app = facts->app;
    resource.is_public = facts->is_public && facts->is_app_active;
}

FoundRepository of_format(FoundRepository found, const http::Target& target) {
    if (found && !target.format.empty() && found->format != target.format) return nullptr;
    return found;
}

Problem no_such_repository(std::string_view name) {
    return Problem(problems::not_found, "There is no repository \"" + std::string(name) + "\" here.");
}

}  // namespace lodestone::identity
