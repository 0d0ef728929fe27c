// npm packages: files of versions, published, fetched, listed and deleted by name.
#pragma once

#include "packages/format.hpp"

namespace lodestone::formats::npm {

const packages::Format& format();

}  // namespace lodestone::formats::npm
