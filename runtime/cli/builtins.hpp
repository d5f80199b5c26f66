#pragma once

// The list moved to where embedders find it too.
#include "runtime/embed/builtins.hpp"
