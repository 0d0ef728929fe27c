// What each failure of an engine means to whoever asked, in one table.
#include "db/failure.hpp"

#include "base/ensure.hpp"
#include "db/work_await.hpp"

namespace lodestone::db {

namespace {

struct Meaning {
    Failure failure;
    std::string_view name;
    const ProblemKind& kind;
    std::string_view detail;
};

constexpr Meaning meanings[] = {
    {Failure::unique, "unique", problems::conflict, "Something else has that name or key already."},
    {Failure::reference, "reference", problems::conflict,
     "What this refers to is not there, or something still refers to it."},
    {Failure::rule, "rule", problems::internal_error, "The database refused what we wanted to store."},
    {Failure::contention, "contention", problems::unavailable,
     "Others are changing the same things; try again."},
    {Failure::too_slow, "too_slow", problems::unavailable, "The database took too long; try again later."},
    {Failure::unavailable, "unavailable", problems::unavailable,
     "The database is not available at the moment; try again later."},
    {Failure::lost, "lost", problems::unavailable,
     "The connection to the database broke; nothing was changed. Try again."},
    {Failure::unknown, "unknown", problems::unavailable,
     "The connection to the database broke while this was being stored: it may or may not have happened. "
     "Look before you try again."},
    {Failure::read_only, "read_only", problems::unavailable,
     "The database takes no changes at the moment; try again later."},
    {Failure::full, "full", problems::storage_full, "The database has no space left."},
    {Failure::damaged, "damaged", problems::internal_error, "The database is damaged."},
    {Failure::wrong_value, "wrong_value", problems::invalid_input, "A value cannot be stored as it is."},
    {Failure::statement, "statement", problems::internal_error, "The database did not understand us."},
};

const Meaning& meaning_of(Failure failure) {
    for (const Meaning& meaning : meanings)
        if (meaning.failure == failure) return meaning;
    fail_ensure("every failure has a meaning", std::source_location::current());
}

}  // namespace

std::string_view failure_name(Failure failure) {
    return meaning_of(failure).name;
}

Problem to_problem(const DatabaseError& error) {
    const Meaning& meaning = meaning_of(error.failure());
    Problem problem = Problem(meaning.kind, std::string(meaning.detail)).with_internal(error.what());
    if (meaning.kind.status != 503) return problem;
    return std::move(problem).with_header("Retry-After", "1");
}

std::exception_ptr for_client(std::exception_ptr failure) {
    if (!failure) return failure;
    try {
        std::rethrow_exception(failure);
    } catch (const DatabaseError& error) {
        return std::make_exception_ptr(to_problem(error));
    } catch (...) {
        return failure;
    }
}

std::optional<std::string> find_unavailability(const std::function<void()>& run) {
    try {
        run();
        return std::nullopt;
    } catch (const DatabaseError& error) {
        if (error.failure() != Failure::unavailable && error.failure() != Failure::lost)
            throw to_problem(error);
        return error.what();
    }
}

}  // namespace lodestone::db
