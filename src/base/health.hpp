// What /ready and /health answer from: named checks and numbers that parts of the program register, and
// whether we are on the way out.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace lodestone {

class Health {
  public:
    // A check answers nothing when all is well, else one sentence. It must be quick: it runs on an I/O
    // thread.
    using Check = std::function<std::optional<std::string>()>;
    // Without what is essential no work can be done; without what is helpful it is done slower, or later.
    enum class Need : std::uint8_t { essential, helpful };
    struct Result {
        std::string name;
        std::optional<std::string> fault;
        Need need = Need::essential;
    };

    void add_check(std::string name, Check check, Need need = Need::essential);
    std::vector<Result> run_checks() const;

    // What a part has to say about itself in numbers, as JSON, for /health; it must be as quick as a check.
    using Report = std::function<std::string()>;
    void add_report(std::string name, Report report);
    std::vector<std::pair<std::string, std::string>> list_reports() const;

    // Once draining, /ready says 503 so that balancers send new work elsewhere; nothing is refused yet.
    void start_draining() { is_draining_.store(true, std::memory_order_relaxed); }
    bool is_draining() const { return is_draining_.load(std::memory_order_relaxed); }

  private:
    mutable std::mutex mutex_;
    struct Named {
        std::string name;
        Check check;
        Need need;
    };
    std::vector<Named> checks_;
    std::vector<std::pair<std::string, Report>> reports_;
    std::atomic<bool> is_draining_{false};
};

}  // namespace lodestone
