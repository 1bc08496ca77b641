#include "CRoostKernels.h"
