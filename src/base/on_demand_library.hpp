// A library that is loaded when the first of its functions is called: for what brings so many others along
// that a server which never calls it should not pay for them. Its functions are defined by FORWARD_TO, as its
// own header declares them, and each hands over to the real one; a wrong signature does not compile.
#pragma once

#include <string>

namespace lodestone {

class OnDemandLibrary {
  public:
    // `file` is what the loader looks for, `what` begins a sentence for people, `package` is Debian's.
    OnDemandLibrary(std::string file, std::string what, std::string package);
    // Throws Problem(unavailable) where the library, or this function of it, is not there.
    void* find(const char* function) const;

  private:
    void* handle_;  // never closed: its functions are kept
    std::string what_;
};

}  // namespace lodestone

// Hidden, so that the library's own calls stay its own. `library()` answers the OnDemandLibrary.
// NOLINTBEGIN(bugprone-macro-parentheses): a type in parentheses is none
#define FORWARD_TO(library, Result, name, parameters, arguments)                             \
    extern "C" __attribute__((visibility("hidden"))) Result name parameters {                \
        static const auto real = reinterpret_cast<decltype(&name)>((library)().find(#name)); \
        return real arguments;                                                               \
    }
// NOLINTEND(bugprone-macro-parentheses)
