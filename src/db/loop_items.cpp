// A service of Asio's, which the loop takes down before what its descriptors stand on.
#include "db/loop_items.hpp"

#include <atomic>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <utility>
#include <vector>

namespace lodestone::db {

namespace {

class LoopItems final : public boost::asio::execution_context::service {
  public:
    using key_type = LoopItems;
    static inline boost::asio::execution_context::id id;

    explicit LoopItems(boost::asio::io_context& loop) : service(loop) {
        // Services go in the reverse order of their making: that of descriptors must outlast the items.
        const boost::asio::posix::basic_stream_descriptor<LoopExecutor> first(loop);
    }
    std::shared_ptr<LoopItem>& of(std::uint64_t owner) {
        for (auto& [whose, item] : items_)
            if (whose == owner) return item;
        return items_.emplace_back(owner, nullptr).second;
    }

  private:
    void shutdown() override {
        for (auto& [whose, item] : items_)
            if (item) item->leave_loop();
        items_.clear();
    }

    std::vector<std::pair<std::uint64_t, std::shared_ptr<LoopItem>>> items_;
};

}  // namespace

std::uint64_t next_loop_owner() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

std::shared_ptr<LoopItem>& loop_item(const LoopExecutor& loop, std::uint64_t owner) {
    return boost::asio::use_service<LoopItems>(loop.context()).of(owner);
}

}  // namespace lodestone::db
