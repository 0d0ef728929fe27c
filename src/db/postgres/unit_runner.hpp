// Runs units of work on a connection: the transaction, the classes of failure that are worth another try, and
// what became of a COMMIT whose answer was lost.
#pragma once

#include <exception>
#include <functional>

#include "base/context.hpp"
#include "db/postgres/numbers.hpp"
#include "db/postgres/postgres_session.hpp"
#include "db/postgres/ticket.hpp"

namespace lodestone::db {

class UnitRunner {
  public:
    // `pause` waits before the next try, or returns at once when the engine stops.
    UnitRunner(const PostgresOptions& options, Context& context, PostgresNumbers& numbers,
               std::function<void(std::chrono::milliseconds)> pause)
        : options_(options), context_(context), numbers_(numbers), pause_(std::move(pause)) {}

    struct Outcome {
        bool is_over = true;         // false: the ticket wants another connection
        std::exception_ptr failure;  // what its work is to be finished with
        bool has_connection = true;
        std::string fault;  // why it has not
    };
    // Leaves it to the caller to finish the work.
    Outcome run(Ticket& ticket, Connection& connection);

  private:
    enum class Next : std::uint8_t { again, elsewhere, over };
    Next attempt(Ticket& ticket, Connection& connection);
    Next resolve(Ticket& ticket, Connection& connection);
    Next decide(Ticket& ticket, Connection& connection, const PostgresSession& session,
                const std::exception_ptr& failure);
    Next decide_lost(Ticket& ticket, const PostgresSession& session);
    void doubt(Ticket& ticket, Ticket::Doubt doubt);
    std::chrono::microseconds pause_after(int times, std::chrono::milliseconds longest);
    bool repeat(Ticket& ticket, std::string_view reason);
    void fail(Failure failure, std::string text);
    SteadyTime now() const;

    const PostgresOptions& options_;
    Context& context_;
    PostgresNumbers& numbers_;
    std::function<void(std::chrono::milliseconds)> pause_;
    Outcome outcome_;
};

}  // namespace lodestone::db
