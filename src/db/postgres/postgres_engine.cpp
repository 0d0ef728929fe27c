// PostgreSQL as an engine: the primary's pool, the replicas' pools, and which of them a unit goes to.
#include <algorithm>
#include <string_view>

#include "base/log.hpp"
#include "base/random.hpp"
#include "db/postgres/change_listener.hpp"
#include "db/postgres/loop_links.hpp"
#include "db/postgres/pool.hpp"

namespace lodestone::db {

namespace {

// Not by the context's chance: nodes that are seeded alike, as in tests, must differ.
PostgresOptions named(PostgresOptions options) {
    if (options.node.empty()) options.node = SystemRandom().next_hex(8);
    return options;
}

class PostgresEngine final : public Engine {
  public:
    PostgresEngine(const PostgresOptions& options, Context& context)
        : options_(named(options)),
          context_(context),
          primary_(options_.url, PostgresPool::Part::primary, options_, context) {
        // Behind a transaction pooler a session has no settings, and nothing that says "only reading".
        if (!options_.is_behind_transaction_pooler)
            links_.emplace(options_, context, [this](Ticket ticket) { primary_.submit(std::move(ticket)); });
        for (const std::string& url : options_.replicas)
            replicas_.push_back(std::make_unique<PostgresPool>(
                url, PostgresPool::Part::replica, options_, context,
                [this](Ticket ticket) { primary_.submit(std::move(ticket)); }));
    }
    ~PostgresEngine() override { stop(); }

    EngineKind kind() const override { return EngineKind::postgres; }
    Capabilities capabilities() const override { return primary_.status().server.capabilities; }

    void submit(std::unique_ptr<Work> work) override {
        PostgresPool& pool = pool_of(*work);
        if (links_ && &pool == &primary_ && links_->take(work)) return;
        Ticket ticket;
        ticket.work = std::move(work);
        pool.submit(std::move(ticket));
    }

    // What the loops have under way goes to the pool, if it cannot be finished. The replicas then: what they
    // cannot finish goes to the primary.
    void stop() override {
        if (links_) links_->stop();
        for (const auto& replica : replicas_) replica->stop();
        primary_.stop();
    }

    EngineStatus status() const override {
        const PostgresPool::Status primary = primary_.status();
        EngineStatus status{.engine = primary.server.name.empty() ? "PostgreSQL" : primary.server.name,
                            .size = primary.size,
                            .idle = primary.idle,
                            .in_use = primary.in_use,
                            .waiting = primary.waiting,
                            .fault = primary.fault};
        if (links_) {
            status.size += links_->size();
            status.idle += links_->size();
        }
        for (const auto& replica : replicas_) {
            const PostgresPool::Status other = replica->status();
            status.size += other.size;
            status.idle += other.idle;
            status.in_use += other.in_use;
            status.waiting += other.waiting;
            if (other.lag) status.replica_lag = std::max(status.replica_lag.value_or(*other.lag), *other.lag);
        }
        return status;
    }

    void forget_statements() override {
        if (links_) links_->forget_statements();
        primary_.forget_statements();
        for (const auto& replica : replicas_) replica->forget_statements();
    }

    std::unique_ptr<ChangeWatch> watch_changes(const std::string& channel, ChangeCallback callback) override {
        std::string_view fault;
        if (std::ranges::count(options_.lacks, Capability::listen) > 0)
            fault = "database.lacks says that this server has no LISTEN";
        else if (options_.is_behind_transaction_pooler && options_.direct_url.empty())
            fault = "a transaction pooler passes none on; database.migrations_url names a way past it";
        if (fault.empty())
            return std::make_unique<ChangeListener>(options_, channel, std::move(callback), context_);
        context_.log.warn("database notifications are off", {{"fault", fault}});
        return std::make_unique<DeafWatch>();
    }

  private:
    PostgresPool& pool_of(const Work& work) {
        if (work.kind() == WorkKind::write || !work.unit().allows_stale) return primary_;
        const std::size_t first = next_replica_.fetch_add(1, std::memory_order_relaxed);
        for (std::size_t at = 0; at < replicas_.size(); ++at) {
            PostgresPool& replica = *replicas_[(first + at) % replicas_.size()];
            if (replica.is_fresh()) return replica;
        }
        return primary_;
    }

    const PostgresOptions options_;
    Context& context_;
    std::atomic<std::size_t> next_replica_{0};
    PostgresPool primary_;
    std::vector<std::unique_ptr<PostgresPool>> replicas_;  // use the primary
    std::optional<LoopLinks> links_;                       // as well
};

}  // namespace

std::unique_ptr<Engine> open_postgres(const PostgresOptions& options, Context& context) {
    return std::make_unique<PostgresEngine>(options, context);
}

}  // namespace lodestone::db
