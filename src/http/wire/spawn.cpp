// The one place where coroutines start and where their exceptions end.
#include "http/wire/spawn.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <source_location>
#include <string>

#include "base/ensure.hpp"

namespace lodestone::http {

namespace {

std::string describe(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "something that is no std::exception";
    }
}

}  // namespace

void spawn(LoopExecutor executor, Task<> task, std::function<void(std::string_view)> on_failure) {
    boost::asio::co_spawn(executor, std::move(task),
                          [on_failure = std::move(on_failure)](const std::exception_ptr& failure) {
                              if (failure) on_failure(describe(failure));
                          });
}

void spawn_vital(LoopExecutor executor, Task<> task, std::string_view name) {
    spawn(executor, std::move(task), [name](std::string_view why) {
        fail_ensure(std::string(name) + " failed: " + std::string(why), std::source_location::current());
    });
}

}  // namespace lodestone::http
