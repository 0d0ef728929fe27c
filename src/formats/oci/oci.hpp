// OCI images and artefacts, as docker, podman, skopeo, helm and oras push and pull them.
#pragma once

#include "packages/format.hpp"

namespace lodestone::formats::oci {

const packages::Format& format();

}  // namespace lodestone::formats::oci
