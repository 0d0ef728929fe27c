// Links in archives: whoever unpacks one writes through them, or gives away what they point to.
#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "packages/archive/archive.hpp"

namespace lodestone::packages {

class LinkWatch {
  public:
    explicit LinkWatch(LinkRule rule) : rule_(rule) {}
    // Of each entry, in order. Throws Problem(invalid_input).
    void check(const ArchiveEntry& entry);

  private:
    void check_is_beside_links(const ArchiveEntry& entry, std::string_view path) const;

    LinkRule rule_;
    std::set<std::string, std::less<>> links_;
};

}  // namespace lodestone::packages
