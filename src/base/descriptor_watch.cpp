// Asio's reactor without its sockets: the descriptor is lent, and given back unclosed.
#include "base/descriptor_watch.hpp"

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <utility>

namespace lodestone {

namespace {
using Descriptor = boost::asio::posix::basic_stream_descriptor<LoopExecutor>;
}

struct DescriptorWatch::State {
    State(const LoopExecutor& loop, int number, std::function<void()> ready)
        : descriptor(loop, number), on_ready(std::move(ready)) {}

    static void wait(const std::shared_ptr<State>& state, Descriptor::wait_type what, bool State::* waits) {
        if (std::exchange((*state).*waits, true)) return;
        state->descriptor.async_wait(what, [state, waits](const boost::system::error_code& error) {
            (*state).*waits = false;
            if (error || state->is_over) return;
            state->on_ready();
        });
    }

    Descriptor descriptor;
    const std::function<void()> on_ready;
    bool is_read_awaited = false;
    bool is_write_awaited = false;
    bool is_over = false;
};

DescriptorWatch::DescriptorWatch(const LoopExecutor& loop, int descriptor, std::function<void()> on_ready)
    : state_(std::make_shared<State>(loop, descriptor, std::move(on_ready))) {}

DescriptorWatch::~DescriptorWatch() {
    state_->is_over = true;
    state_->descriptor.release();
}

void DescriptorWatch::wait_readable() {
    State::wait(state_, Descriptor::wait_read, &State::is_read_awaited);
}

void DescriptorWatch::wait_writable() {
    State::wait(state_, Descriptor::wait_write, &State::is_write_awaited);
}

}  // namespace lodestone
