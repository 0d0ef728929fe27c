// Asking, and answering what was asked.
#include "db/postgres/loop_session.hpp"

#include <bit>
#include <functional>

namespace lodestone::db {

AskedFor asked_for(const Statement& statement, std::span<const Value> values) {
    std::uint64_t sum = 0;
    const auto add = [&sum](std::uint64_t part) { sum = (std::rotl(sum, 7) ^ part) * 0x9E3779B97F4A7C15; };
    for (const Value& value : values) {
        add(static_cast<std::uint64_t>(value.kind));
        add(static_cast<std::uint64_t>(value.integer));
        add(std::bit_cast<std::uint64_t>(value.real));
        add(std::hash<std::string_view>{}(value.text));
    }
    return {.statement = &statement, .sum = sum};
}

Rows& LoopSession::query(const Statement& statement, std::span<const Value> values) {
    const AskedFor wanted = asked_for(statement, values);
    if (is_asking_) {
        if (!limits_.empty()) connection_.queue(Control::limit_times, limits_);
        connection_.queue(statement, values);
        asked_ = wanted;
        throw Asked{};
    }
    if (!result_ || wanted != asked_) throw Unsuited{};
    rows_.reset(std::move(result_), connection_.places(statement));
    return rows_;
}

}  // namespace lodestone::db
