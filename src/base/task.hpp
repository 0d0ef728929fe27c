// The one coroutine type of the program. Everything that waits returns a Task; what blocks (SQL, hashing a
// whole file) is plain synchronous code and is called from one.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace lodestone {

// The executor is named, not type-erased: every coroutine runs on one loop's io_context for all its life.
using LoopExecutor = boost::asio::io_context::executor_type;

template <class T = void>
using Task = boost::asio::awaitable<T, LoopExecutor>;

}  // namespace lodestone
