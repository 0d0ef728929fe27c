// One connection in pipeline mode: statements are queued, sent in one packet with a Sync behind them, and
// their answers read in order. Prepared statements are made when first used and kept by their index.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "db/postgres/numbers.hpp"
#include "db/postgres/values.hpp"

namespace lodestone::db {

// What the engine itself says to the server, beside the program's statements.
enum class Control : std::uint8_t {
    begin_write,
    begin_read,
    begin_resolve,
    commit,
    roll_back,
    limit_times,     // statement_timeout, lock_timeout: for this transaction
    note_key,        // key, microseconds
    note_key_again,  // the same after fence_key
    fence_key,       // key: keeps a transaction whose end is not known from ever committing
    read_key,
    forget_all,
    probe_lag,
    notify,  // channel, payload
};

struct ConnectionFacts {
    bool has_named_statements = true;  // false behind a transaction pooler
    bool has_notifications = false;    // LISTEN and NOTIFY
    bool is_read_only = false;         // a standby, or a server that was told to take no changes
};

class Connection {
  public:
    Connection(ConnectionPointer connection, ConnectionFacts facts, const Clock& clock,
               PostgresNumbers& numbers);
    // Tells the server to stop what it is still doing for us: the deadline has passed, or whoever asked is
    // gone.
    ~Connection();

    // Nothing is sent before settle() or send_off(), unless it fills libpq's buffer.
    void queue(const Statement& statement, std::span<const Value> values);
    void queue(Control control, std::span<const std::string> texts = {});
    // The only statement whose text holds a name: LISTEN takes no parameters.
    void queue_listen(const std::string& channel);
    // What came for the channels that this connection listens on, without waiting for more.
    std::optional<Fault> take_notifications(std::vector<std::string>& payloads);
    int socket() const { return PQsocket(connection_.get()); }
    std::size_t queued_count() const { return expected_.size(); }

    // Sends what is queued and reads every answer, until `until`. The first fault of several; after one that
    // loses_connection the connection is of no more use.
    std::optional<Fault> settle(SteadyTime until);
    // Sends what is queued and leaves its answers to the next settle(): nobody cares how it ends.
    std::optional<Fault> send_off(SteadyTime until);

    // For a connection that a loop watches; none of these waits. What is queued ends with a Sync and is sent
    // as far as the socket takes it.
    std::optional<Fault> sync();
    std::optional<Fault> flush();
    bool has_unsent() const { return has_unsent_; }
    std::optional<Fault> consume();  // what has come
    struct Answer {
        ResultPointer result;  // null: `fault`, or it was not run because of another one's fault
        std::optional<Fault> fault;
    };
    // Of the next statement, when it has come whole.
    std::optional<Answer> next_answer();

    ResultPointer take_result() { return std::move(result_); }  // of the last statement that has one
    std::vector<int>& places(const Statement& statement) { return prepared_of(statement).places; }

    // Prepared statements are made anew from here on; in its own transaction, so between units only.
    std::optional<Fault> forget_statements(SteadyTime until);
    // False when the server has hung up meanwhile.
    bool is_alive();
    const ConnectionFacts& facts() const { return facts_; }
    SteadyTime made_at() const { return made_at_; }

  private:
    enum class State : std::uint8_t { absent, asked, ready };
    enum class Role : std::uint8_t { prepare, statement, control, sync };
    struct Prepared {
        State state = State::absent;
        std::vector<int> places;
    };
    struct Expected {
        Role role;
        const Statement* statement = nullptr;
        Control control = Control::commit;
        bool is_ignored = false;  // its failure is nobody's concern any more
    };

    bool is_busy() const;
    Prepared& prepared_of(const Statement& statement);
    void note(PGresult& result, std::optional<Fault>& fault);
    void note_prepared(const Expected& expected, bool is_ready);
    std::string_view name_of(const Expected& expected) const;
    std::optional<Fault> sync_and_flush(SteadyTime until);
    std::optional<Fault> receive(SteadyTime until);
    std::optional<Fault> wait(short events, SteadyTime until);
    void check_queued(int is_queued);

    ConnectionPointer connection_;
    ConnectionFacts facts_;
    const Clock& clock_;
    PostgresNumbers& numbers_;
    SteadyTime made_at_;
    SteadyTime mark_{};  // when the last answer came, or the packet went
    std::deque<Expected> expected_;
    std::vector<Prepared> prepared_;
    std::array<State, 16> controls_{};
    Parameters parameters_;
    ResultPointer result_;
    std::optional<Fault> early_fault_;  // of what was queued for the next statement to stand on
    bool is_answered_ = false;          // what expected_ begins with, but for the end of its answer
    std::size_t unanswered_syncs_ = 0;
    bool has_unsent_ = false;
    bool has_failed_to_queue_ = false;
    bool has_been_dismissed_ = false;  // the server said that it ends the connection, while nothing was asked
};

}  // namespace lodestone::db
