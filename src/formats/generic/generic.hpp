// Generic files: any file at name/version/file, for what has no protocol of its own.
#pragma once

#include "packages/format.hpp"

namespace lodestone::formats::generic {

const packages::Format& format();

}  // namespace lodestone::formats::generic
