// A transaction, as nouns see it: four verbs over typed statements, and the unit of work that it belongs to.
// Plain synchronous code; nothing slow or remote happens while one is open.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "db/query.hpp"
#include "db/session.hpp"
#include "db/unit.hpp"

namespace lodestone::db {

// What others are told when a transaction is committed.
struct Notice {
    std::string channel;
    std::string payload;
};

class Tx {
  public:
    // one_statement: a look-up, whose second statement would be a bug.
    // at_most_one: a read that had one statement so far; a second one wants a transaction.
    enum class Extent : std::uint8_t { many_statements, one_statement, at_most_one };
    struct WantsTransaction {};  // thrown for it, to the engine
    Tx(Session& session, const Unit& unit, Time now, Extent extent = Extent::many_statements)
        : session_(session), unit_(unit), now_(now), extent_(extent) {}
    Tx(const Tx&) = delete;
    Tx& operator=(const Tx&) = delete;

    // Exactly one row; anything else is a bug.
    template <class RowType, class... Parameters>
    RowType one(const Query<RowType, Parameters...>& query,
                const std::type_identity_t<Parameters>&... arguments) {
        std::optional<RowType> found = maybe(query, arguments...);
        ensure(found.has_value(), query.name());
        return *std::move(found);
    }

    // One row or none; more is a bug.
    template <class RowType, class... Parameters>
    std::optional<RowType> maybe(const Query<RowType, Parameters...>& query,
                                 const std::type_identity_t<Parameters>&... arguments) {
        const auto bound = values<Parameters...>(arguments...);
        const Answer answer{ask(query, bound)};
        if (!answer.rows.next()) return std::nullopt;
        std::optional<RowType> found = decode_row<RowType>(answer.rows, answer.rows.places());
        ensure(!answer.rows.next(), query.name());
        return found;
    }

    template <class RowType, class... Parameters>
    std::vector<RowType> all(const Query<RowType, Parameters...>& query,
                             const std::type_identity_t<Parameters>&... arguments) {
        const auto bound = values<Parameters...>(arguments...);
        const Answer answer{ask(query, bound)};
        std::vector<RowType> found;
        while (answer.rows.next()) found.push_back(decode_row<RowType>(answer.rows, answer.rows.places()));
        return found;
    }

    // How many rows it touched.
    template <class... Parameters>
    std::int64_t run(const Command<Parameters...>& command,
                     const std::type_identity_t<Parameters>&... arguments) {
        const auto bound = values<Parameters...>(arguments...);
        check(command, bound);
        return session_.run(command, bound);
    }

    // Like run(), for statements whose count nobody needs: several of them cost one round trip.
    template <class... Parameters>
    void send(const Command<Parameters...>& command, const std::type_identity_t<Parameters>&... arguments) {
        const auto bound = values<Parameters...>(arguments...);
        check(command, bound);
        session_.send(command, bound);
    }

    // Tells those who watch this channel in other processes, when the transaction is committed
    // (Database::watch_changes). For changes that are rare: PostgreSQL commits those who tell one after
    // another. SQLite's watchers need nobody to tell them.
    void notify(const std::string& channel, const std::string& payload);

    const Unit& unit() const { return unit_; }
    Time now() const { return now_; }  // one time for everything that the transaction writes
    EngineKind engine() const { return session_.engine(); }

    // Written with the transaction, by whoever keeps the records (Database::keep_records).
    void record(Change change) { changes_.push_back(std::move(change)); }
    std::size_t statement_count() const { return statement_count_; }
    std::vector<Change> take_changes() { return std::exchange(changes_, {}); }
    // What notify() was given so far.
    std::vector<Notice> take_notices() { return std::exchange(notices_, {}); }

  private:
    // Ends the answer however its reader leaves.
    struct Answer {
        Rows& rows;
        explicit Answer(Rows& answer) : rows(answer) {}
        ~Answer() { rows.finish(); }
        Answer(const Answer&) = delete;
        Answer& operator=(const Answer&) = delete;
    };

    template <class... Parameters>
    static std::array<Value, sizeof...(Parameters)> values(const Parameters&... arguments) {
        return {Codec<Parameters>::to_value(arguments)...};
    }

    Rows& ask(const Statement& statement, std::span<const Value> bound);
    // Refuses text that is not UTF-8 or holds NUL: PostgreSQL would, and both engines store the same things.
    void check(const Statement& statement, std::span<const Value> bound);

    Session& session_;
    const Unit& unit_;
    Time now_;
    Extent extent_;
    std::size_t statement_count_ = 0;
    std::vector<Change> changes_;
    std::vector<Notice> notices_;
};

}  // namespace lodestone::db
