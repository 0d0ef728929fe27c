// Compressing what is in memory whole.
#pragma once

#include <string>
#include <string_view>

namespace lodestone {

std::string compress_gzip(std::string_view bytes);
std::string compress_zstd(std::string_view bytes);

}  // namespace lodestone
