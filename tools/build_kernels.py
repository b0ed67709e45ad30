"""Compiles src/feedbackclf/kernels when the package is built or installed (a build hook of hatchling).

Without a C compiler the package is built all the same; NumPy then does what these functions would, more slowly.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

KERNELS = "src/feedbackclf/kernels"
LIBRARY = f"{KERNELS}/_compiled.abi3.so"


class CustomBuildHook(BuildHookInterface[Any]):
    """Adds the compiled module to wheels and to editable installations."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and mark the wheel as one for this platform."""
        if self.target_name != "wheel":
            return
        library = Path(self.root, LIBRARY)
        compiler = os.environ.get("CC", "cc")
        include = f"-I{sysconfig.get_path('include')}"
        later = ["-undefined", "dynamic_lookup"] if sys.platform == "darwin" else []  # Python's own functions
        sources = sorted(map(str, Path(self.root, KERNELS).glob("*.c")))
        flags = ["-O3", "-ffp-contract=off", "-fPIC", "-shared"]  # a product and a sum stay two steps, as in NumPy
        command = [compiler, *flags, include, *later, "-o", str(library), *sources, "-lm"]
        try:
            subprocess.run(command, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            library.unlink(missing_ok=True)
            print(f"feedbackclf: built without compiled kernels, so it will be slower ({error})", file=sys.stderr)
            return
        build_data["artifacts"].append(LIBRARY)
        build_data["pure_python"] = False
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"cp311-abi3-{platform}"  # for this Python and all later ones
