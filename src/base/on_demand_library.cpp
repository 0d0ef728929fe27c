// Loading a library, and finding its functions.
#include "base/on_demand_library.hpp"

#include <dlfcn.h>

#include <utility>

#include "base/problem.hpp"

namespace lodestone {

OnDemandLibrary::OnDemandLibrary(std::string file, std::string what, std::string package)
    : handle_(::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)), what_(std::move(what)) {
    if (handle_ == nullptr)
        throw Problem(problems::unavailable,
                      what_ + " cannot be loaded; install the package " + package + ".")
            .with_internal(::dlerror());
}

void* OnDemandLibrary::find(const char* function) const {
    void* const found = ::dlsym(handle_, function);
    if (found == nullptr)
        throw Problem(problems::unavailable, what_ + " is too old: it has no " + function + ".");
    return found;
}

}  // namespace lodestone
