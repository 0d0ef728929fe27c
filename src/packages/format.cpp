// Finding a format among those that are served.
#include "packages/format.hpp"

namespace lodestone::packages {

const Format* find_format(Formats formats, std::string_view name) {
    for (const Format* format : formats)
        if (format->name == name) return format;
    return nullptr;
}

std::string list_format_names(Formats formats) {
    std::string names;
    for (const Format* format : formats) {
        if (!names.empty()) names += ", ";
        names += format->name;
    }
    return names;
}

std::string fold_package_name(const Format& format, std::string_view name) {
    return format.fold_name == nullptr ? std::string(name) : format.fold_name(name);
}

std::string fold_version_name(const Format& format, std::string_view version) {
    return format.fold_version == nullptr ? std::string(version) : format.fold_version(version);
}

}  // namespace lodestone::packages
