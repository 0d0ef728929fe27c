// A repository as those see it who publish to it and fetch from it: what of it seldom changes.
#pragma once

#include <cstdint>
#include <string>

#include "packages/format.hpp"
#include "packages/ids.hpp"
#include "packages/repository.hpp"
#include "packages/repository_settings.hpp"

namespace lodestone::packages {

struct RepositoryEntry {
    RepositoryId id;
    AppId app;
    std::string name;
    std::string format;
    const Format* described = nullptr;  // never null
    std::int64_t number = 0;            // what names it in rows that there are many of
    RepositoryKind kind = RepositoryKind::hosted;
    RepositorySettings settings;
};

}  // namespace lodestone::packages
