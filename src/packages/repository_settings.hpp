// What a repository has set for itself, kept as JSON in its row.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

namespace lodestone::packages {

// Whether a file that is there may be replaced by other bytes. Where it may, nobody can rely on what was
// fetched once.
enum class Overwrite : std::uint8_t { never, allowed };
BOOST_DESCRIBE_ENUM(Overwrite, never, allowed)

struct RepositoryQuota {
    std::optional<std::int64_t> max_bytes;  // absent: as many as there is room for
    std::optional<std::int64_t> max_packages;
    bool operator==(const RepositoryQuota&) const = default;
};
BOOST_DESCRIBE_STRUCT(RepositoryQuota, (), (max_bytes, max_packages))

struct RepositorySettings {
    Overwrite overwrite = Overwrite::never;
    RepositoryQuota quota;
    bool operator==(const RepositorySettings&) const = default;
};
BOOST_DESCRIBE_STRUCT(RepositorySettings, (), (overwrite, quota))

// Of JSON text; absent fields have their defaults. Refuses with a Problem (invalid_input) that names the
// field.
RepositorySettings parse_repository_settings(std::string_view text);

}  // namespace lodestone::packages
