// libpq takes a URL apart; nothing of it is kept but what we ask for.
#include "db/postgres_url.hpp"

#include <libpq-fe.h>

#include <memory>
#include <string_view>

namespace lodestone::db {

std::optional<PostgresUrl> parse_postgres_url(const std::string& text) {
    // libpq also takes "host=… dbname=…", and a bare word as a database's name.
    if (!text.starts_with("postgres://") && !text.starts_with("postgresql://")) return std::nullopt;
    char* fault = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(text.c_str(), &fault), &PQconninfoFree);
    PQfreemem(fault);
    if (!options) return std::nullopt;
    PostgresUrl url;
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        const bool is_set = option->val != nullptr && *option->val != '\0';
        if (is_set && std::string_view(option->keyword).ends_with("password")) url.has_password = true;
    }
    return url;
}

}  // namespace lodestone::db
