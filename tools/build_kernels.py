"""Compiles src/feedbackclf/_kernels.c when the package is built or installed (a build hook of hatchling).

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

KERNELS = "src/feedbackclf/_kernels"


class CustomBuildHook(BuildHookInterface[Any]):
    """Adds the compiled library to wheels and to editable installations."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and mark the wheel as one for this platform."""
        if self.target_name != "wheel":
            return
        library = Path(self.root, f"{KERNELS}.so")
        compiler = os.environ.get("CC", "cc")
        command = [compiler, "-O3", "-fPIC", "-shared", "-o", str(library), str(Path(self.root, f"{KERNELS}.c"))]
        try:
            subprocess.run(command, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            library.unlink(missing_ok=True)
            print(f"feedbackclf: built without compiled kernels, so it will be slower ({error})", file=sys.stderr)
            return
        build_data["artifacts"].append(f"{KERNELS}.so")
        build_data["pure_python"] = False
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"py3-none-{platform}"  # it is no module of a certain Python
